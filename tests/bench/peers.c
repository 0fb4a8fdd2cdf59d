/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/peers.h"

#include <string.h>

#define KI 1024.0

static const struct peer peers[] = {
	{ "shm spin, round trip 64 B", "Aeron IPC", 210, false },
	{ "shm spin, round trip 1 KiB", "UCX active messages", 320, false },
	{ "shm copied, round trip 64 KiB", "Open MPI", 12500, false },
	{ "shm copied, round trip 1 MiB", "UCX tag", 136000, false },
	{ "shm throughput, one way 64 B", "Aeron IPC, 8 B of each written",
	  70.8e6, true },
	{ "shm copied, one way 64 KiB", "Open MPI", 10.7e9 / (64 * KI), true },
	{ "shm copied, one way 1 MiB", "Open MPI", 13.1e9 / (KI * KI), true },
};

#define N_PEERS (sizeof(peers) / sizeof(*peers))

const struct peer *
peers_of(const struct line *line)
{
	for (size_t i = 0; i < N_PEERS; i++) {
		if (strcmp(peers[i].line, line->name) == 0)
			return &peers[i];
	}
	return NULL;
}

double
peers_ratio(const struct peer *peer, const struct line_class *c)
{
	return (peer->rate ? c->weir_median : c->p50_median) / peer->figure;
}

const char *
peers_stray(const struct line *lines, size_t n)
{
	for (size_t i = 0; i < N_PEERS; i++) {
		size_t j = 0;

		while (j < n && strcmp(peers[i].line, lines[j].name) != 0)
			j++;
		if (j == n)
			return peers[i].line;
	}
	return NULL;
}
