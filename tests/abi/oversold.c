/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it is longer than its symbol: reading all of it would be reading
 * what lies behind it. */
#include "tests/abi/stub.h"

WEIR_TRANSPORT = {
	.abi = WEIR_ABI,
	.size = (uint32_t)sizeof(struct weir_transport) + 4096,
	.name = "oversold",
	.summary = "a struct that says it is larger than it is",
	STUB_OPERATIONS,
};
