/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin that was compiled when ABI 1.0 was new: the layouts of that day,
 * frozen. As members are appended to the headers, this one stays short, and
 * stays loadable.
 */
#include "tests/abi/stub.h"

struct transport_1_0 {
	uint32_t abi;
	uint32_t size;
	const char *name;
	const char *summary;
	uint64_t capabilities;
	const void *options;
	uint32_t n_options;
	uint32_t option_bytes;
	uint64_t options_struct_bytes;
	int (*offer)(const struct weir_setup *, struct weir_offer *,
		     struct weir_channel **, struct weir_error *);
	int (*join)(const struct weir_setup *, struct weir_offer *,
		    struct weir_channel **, struct weir_error *);
	int (*accept)(struct weir_channel *, uint64_t, struct weir_error *);
	int (*send)(struct weir_channel *, const void *, size_t, uint32_t);
	int (*recv)(struct weir_channel *, void *, size_t, size_t *);
	int (*try_send)(struct weir_channel *, const void *, size_t,
			uint32_t);
	int (*try_recv)(struct weir_channel *, void *, size_t, size_t *);
	int (*flush)(struct weir_channel *);
	int (*loan)(struct weir_channel *, size_t, void **);
	int (*commit)(struct weir_channel *, void *, size_t, uint32_t);
	int (*borrow)(struct weir_channel *, const void **, size_t *);
	int (*release)(struct weir_channel *, const void *);
	void (*collect)(const struct weir_channel *, struct weir_counters *);
	void (*close)(struct weir_channel *);
};

struct option_1_0 {
	const char *name;
	uint32_t type;
	uint32_t flags;
	const char *default_text;
	const char *help;
	const char *const *choices;
	int64_t min;
	int64_t max;
	size_t offset;
};

static const struct option_1_0 old_rows[] = {
	{ "depth", WEIR_OPTION_INT, 0, "16", "how many", NULL, 1, 64, 8 },
	{ "lazy", WEIR_OPTION_BOOL, 0, "false", "whether", NULL, 0, 0, 0 },
};

STUB_TRANSPORT_AS(struct transport_1_0, old_1_0) = {
	.abi = 1u << 16,
	.size = (uint32_t)sizeof(old_1_0),
	.name = "old_1_0",
	.summary = "a transport of the first day",
	.options = old_rows,
	.n_options = 2,
	.option_bytes = (uint32_t)sizeof(old_rows[0]),
	.options_struct_bytes = 16,
	STUB_OPERATIONS,
};
