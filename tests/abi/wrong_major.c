/* SPDX-License-Identifier: Apache-2.0 */
/* Made for another major ABI: nothing behind the number may be read. */
#include "tests/abi/stub.h"

WEIR_TRANSPORT = {
	.abi = (WEIR_ABI_MAJOR + 1) << 16 | 7u,
	.size = (uint32_t)sizeof(struct weir_transport),
};
