/* SPDX-License-Identifier: Apache-2.0 */
/* Claims to try, and has one half of it. */
#include "tests/abi/stub.h"

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "cap_mismatch",
	.summary = "a transport that promises more than it has",
	.capabilities = WEIR_CAP_TRY,
	.try_send = stub_send,
	STUB_OPERATIONS,
};
