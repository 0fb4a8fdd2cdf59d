/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place for one message, always the same: both sides keep its cache lines,
 * and a message that finds it free costs a round trip of a line and nothing
 * else. A ring, whose place moves on, was measured at 1.4 to 2 times that.
 *
 *	0      the word, then up to 56 bytes of payload in the same line
 *	64     the word again, then 56 bytes more: a message of 57 to 112
 *	128    longer payload, and what is written in place
 *
 *	bits 0-24    bytes of the message
 *	bit 31       the payload is at 128
 *	bits 32-39   counts the messages: the word always changes
 *	bits 40-63   messages taken from the other direction
 *
 * A message in two lines has come when both say so: the reader polls both,
 * so that they travel at the same time. The third line is not beside them, as
 * a CPU that polls a line is brought its neighbour, too.
 *
 * It is free when all that was sent before has been taken. The last bits say
 * so: an answer gives the slot back with no cache line of its own. A reader
 * that does not answer says it in `taken` (segment.h), before it waits.
 *
 * Where there is a ring, too, messages that do not find the slot free go
 * through the ring. So a new word in the slot always comes before what is in
 * the ring: the slot is looked at last, and taken first.
 */
#ifndef PLUGINS_SHM_SLOT_H
#define PLUGINS_SHM_SLOT_H

#include <stdint.h>

#include "plugins/shm/ring.h"

#define SLOT_BYTES 8192u /* of one direction */
#define SLOT_LINE_BYTES 56u /* payload of a line, beside its word */
#define SLOT_PAIR_BYTES (2 * SLOT_LINE_BYTES)
#define SLOT_BEHIND_AT 128u
#define SLOT_MESSAGE_BYTES (SLOT_BYTES - SLOT_BEHIND_AT) /* the longest */

#define SLOT_BEHIND (UINT64_C(1) << 31)
#define SLOT_COUNT_SHIFT 32

#endif
