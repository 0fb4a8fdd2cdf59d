/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/loop.h"

__attribute__((noinline)) void
loop_damaged(struct lane *lane)
{
	lane->track.received++;
	lane->track.next++;
	lane->track.corrupt++;
}

bool
loop_is_mark(struct lane *lane, size_t len)
{
	if (len == payload_mark_bytes(lane->spec->size))
		return true;
	loop_damaged(lane);
	return false;
}

void
loop_write_more(const struct lane *lane, unsigned char *buf, uint64_t sequence,
		uint64_t now_ns)
{
	const struct lane_spec *spec = lane->spec;
	const size_t size = spec->size;

	if (spec->touch == TOUCH_NONE)
		return;
	payload_stamp(buf, size, sequence, now_ns);
	if (spec->verify == LANE_VERIFY_FULL)
		payload_fill(buf, size, sequence & lane->track.mask);
	else if (spec->touch > TOUCH_HEADER)
		touch_write(buf, payload_stamp_bytes(size), size, spec->touch,
			    sequence);
}

void
loop_examine(struct lane *lane, const unsigned char *buf)
{
	const struct lane_spec *spec = lane->spec;
	const size_t size = spec->size;
	uint64_t sequence;

	if (spec->touch > TOUCH_HEADER && spec->verify != LANE_VERIFY_FULL)
		touch_read(buf, size, spec->touch);
	if (spec->verify == LANE_VERIFY_NONE) {
		lane->track.received++;
		lane->track.next++;
		return;
	}
	sequence = payload_sequence(buf, size);
	if (spec->verify == LANE_VERIFY_FULL &&
	    !payload_check(buf, size, sequence))
		loop_damaged(lane);
	else
		track_arrival(&lane->track, sequence);
}
