/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/ring_in.h"

void
ring_in_init(struct ring_in *r, const struct ring_shape *shape,
	     const struct ring_in_memory *memory, bool fenced)
{
	memset(r, 0, sizeof(*r));
	r->at = *memory;
	r->place = ring_place_of(shape, fenced);
	r->lacking = 1;
	r->wide = copy_has_avx2();
}

int
ring_in_flowed(const struct ring_in *r, uint64_t *ret_n)
{
	uint64_t there = __atomic_load_n(r->at.progress, __ATOMIC_SEQ_CST) -
			 r->tail;

	if ((int64_t)there < (int64_t)r->lacking)
		return WEIR_EAGAIN;
	if (there > r->place.mask + 1)
		return WEIR_EPROTOCOL;
	/* It may have begun the next one. */
	*ret_n = there < r->left ? there : r->left;
	return WEIR_OK;
}

int
ring_in_flow(struct ring_in *r, void *buf, size_t cap, size_t *ret_len)
{
	uint64_t part = 0;
	int rc = ring_in_flowed(r, &part);

	if (rc)
		return rc;
	if (r->done + r->left > cap)
		return WEIR_EPROTOCOL;
	if (part > r->place.chunk)
		part = r->place.chunk;
	copy_bytes((uint8_t *)buf + r->done, ring_in_payload(r), part,
		   r->wide);
	r->done += part;
	r->left -= part;
	*ret_len = 0;
	if (r->left) {
		r->tail += part;
		return WEIR_OK;
	}
	/* The record began at a whole unit, and so did all but this part. */
	r->tail += ring_record_bytes(&r->place, part);
	*ret_len = r->done;
	r->done = 0;
	return WEIR_OK;
}
