/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin of a later minor ABI: longer structs, a capability that is news to
 * this core. What the core knows of it, it uses. */
#include "tests/abi/stub.h"

struct long_option {
	struct weir_option known;
	const char *unit;
	uint64_t more[3];
};

struct long_transport {
	struct weir_transport known;
	void (*later[8])(void);
};

static const struct long_option long_rows[] = {
	{
		.known = {
			.name = "depth",
			.type = WEIR_OPTION_INT,
			.default_text = "16",
			.min = 1,
			.max = 64,
			.help = "how many",
			.offset = 8,
		},
		.unit = "messages",
	},
	{
		.known = {
			.name = "lazy",
			.type = WEIR_OPTION_BOOL,
			.default_text = "false",
			.help = "whether",
		},
	},
};

STUB_TRANSPORT_AS(struct long_transport, long_struct) = {
	.known = {
		.abi = WEIR_ABI + 1,
		.size = (uint32_t)sizeof(long_struct),
		.name = "long_struct",
		.summary = "a transport of a day to come",
		.capabilities = UINT64_C(1) << 40,
		.options = &long_rows[0].known,
		.n_options = 2,
		.option_bytes = (uint32_t)sizeof(long_rows[0]),
		.options_struct_bytes = 16,
		STUB_OPERATIONS,
	},
};
