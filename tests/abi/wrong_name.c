/* SPDX-License-Identifier: Apache-2.0 */
/* A file that was renamed, but not what is in it. */
#include "tests/abi/stub.h"

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "right_name",
	.summary = "a transport in another one's file",
	STUB_OPERATIONS,
};
