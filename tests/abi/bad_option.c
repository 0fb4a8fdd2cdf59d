/* SPDX-License-Identifier: Apache-2.0 */
/* The default of an option is not in its own range. */
#include "tests/abi/stub.h"

struct bad_option {
	uint64_t ring_bytes;
};

static const struct weir_option bad_option_rows[] = {
	{
		.name = "ring_size",
		.type = WEIR_OPTION_SIZE,
		.default_text = "2Mi",
		.min = 4096,
		.max = 1048576,
		.help = "size of the ring",
		.offset = offsetof(struct bad_option, ring_bytes),
	},
};

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "bad_option",
	.summary = "a transport whose default is no good",
	WEIR_TRANSPORT_OPTIONS(bad_option_rows, struct bad_option),
	STUB_OPERATIONS,
};
