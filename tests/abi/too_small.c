/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it ends before the last member of ABI 1.0, and does. */
#include "tests/abi/stub.h"

struct too_small {
	uint32_t abi;
	uint32_t size;
};

STUB_TRANSPORT_AS(struct too_small, too_small) = {
	.abi = WEIR_ABI,
	.size = (uint32_t)sizeof(too_small),
};
