/* SPDX-License-Identifier: Apache-2.0 */
/* Can't send. */
#include "tests/abi/stub.h"

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "missing_member",
	.summary = "a transport without send",
	.offer = stub_offer,
	.join = stub_join,
	.recv = stub_recv,
	.close = stub_close,
};
