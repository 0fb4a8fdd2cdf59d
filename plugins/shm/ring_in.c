/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/ring_in.h"

void
ring_in_init(struct ring_in *r, const uint8_t *data, uint64_t size,
	     uint64_t *tail_out, bool fenced)
{
	memset(r, 0, sizeof(*r));
	r->data = data;
	r->tail_out = tail_out;
	r->mask = size - 1;
	r->chunk = ring_chunk_bytes(size);
	r->fenced = fenced;
}
