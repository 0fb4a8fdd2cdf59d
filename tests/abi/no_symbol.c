/* SPDX-License-Identifier: Apache-2.0 */
/* A shared object like any other: it exports no transport. */
#include "tests/abi/stub.h"

static const struct weir_transport no_symbol WEIR_UNUSED = {
	WEIR_TRANSPORT_HEAD,
	.name = "no_symbol",
	.summary = "a transport that nobody sees",
	STUB_OPERATIONS,
};
