/* SPDX-License-Identifier: Apache-2.0 */
/* Needs a function that nobody has: seen when it is loaded, as symbols are
 * bound at once, and not in the middle of a run. */
#include "tests/abi/stub.h"

extern void weir_test_nowhere(struct weir_channel *channel);

static void
unresolved_close(struct weir_channel *channel)
{
	if (channel)
		weir_test_nowhere(channel);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "unresolved",
	.summary = "a transport with a missing function",
	.offer = stub_offer,
	.join = stub_join,
	.send = stub_send,
	.recv = stub_recv,
	.close = unresolved_close,
};
