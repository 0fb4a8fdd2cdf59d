/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a client, it kills or stops it before main: the one moment
 * that no transport can reach, before the handshake.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void
early(int argc, char **argv)
{
	const char *what = getenv("EARLY");

	if (argc < 2 || strcmp(argv[1], "client") != 0 || !what)
		return;
	raise(strcmp(what, "stop") == 0 ? SIGSTOP : SIGKILL);
}
