#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Messages that are lost, doubled, damaged or late on the way are counted,
# every one, and a trial with any of them is worth nothing.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs:$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# wrong CODE WHAT AFTER TIMES [-D …]: 100 messages, of which TIMES go wrong
# from the host's send AFTER on; see faulty.c for how they are counted.
wrong ()
{
	code=$1 what=$2 after=$3 times=$4
	shift 4
	exits "$code" "$WEIR" run -m faulty --msg-count 100 \
		--message-size 64 -D repeat=1 -D warmup=0 \
		-D stall_timeout="${stall:-30s}" -D transports.faulty.at=send \
		-D transports.faulty.side=host \
		-D transports.faulty.what="$what" \
		-D transports.faulty.after="$after" \
		-D transports.faulty.times="$times" -o result.json "$@"
}

one_way ()
{
	wrong "$@" -D matrix.pattern=one_way
}

# counts SENT RECEIVED LOST DUPLICATE REORDERED CORRUPT: of the one cell.
counts ()
{
	holds result.json ".cells[0].integrity == {sent: $1, received: $2,
		lost: $3, duplicate: $4, reordered: $5, corrupt: $6}"
}

# failed REASON: the cell says so, and has no figures.
failed ()
{
	says "$1" "$out" &&
		holds result.json '.complete' &&
		holds result.json ".cells[0] | .status == \"failed\" and
			.reason == \"$1\" and .messages == 0 and
			.latency_ns == null and
			.throughput.messages_per_s == null"
}

lost ()
{
	n=$1 after=$2
	shift 2
	one_way 4 drop "$after" "$n" "$@" &&
		counts 100 $((100 - n)) "$n" 0 0 0 &&
		failed "$n lost of 100 messages sent"
}
ok "one way, a message is lost" lost 1 12
ok "one way, several are lost" lost 7 12
ok "one way, the first one is lost" lost 1 2
ok "one way, the last one is lost" lost 1 101
ok "one way, all are lost" lost 100 2
ok "one way, a message of 1 byte is lost" lost 1 12 --message-size 1
ok "one way, one is lost where marks have 9 bytes" lost 1 12 --message-size 8
ok "one way, one is lost unverified" lost 1 12 -D verify=none
ok "one way from the client, one is lost" lost 1 12 -D initiator=client \
	-D transports.faulty.side=client
ok "one way between threads, one is lost" lost 1 12 -D matrix.boundary=thread

twice ()
{
	n=$1
	shift
	one_way 4 twice 12 "$n" "$@" && counts 100 $((100 + n)) 0 "$n" 0 0 &&
		failed "$n duplicate of 100 messages sent"
}
ok "one way, a message comes twice" twice 1
ok "one way, several come twice" twice 5
ok "one way, one of 9 bytes comes twice" twice 1 --message-size 9
ok "one way, one comes twice unverified" twice 1 -D verify=none

swapped ()
{
	one_way 4 swap 12 1 && counts 100 100 0 0 1 0 &&
		failed "1 out of order of 100 messages sent"
}
ok "one way, two messages change places" swapped

damaged ()
{
	n=$1
	shift
	wrong 4 damage 12 "$n" -D verify=full "$@" &&
		counts 100 100 0 0 0 "$n" &&
		failed "$n corrupt of 100 messages sent"
}
ok "one way, a message is damaged" damaged 1 -D matrix.pattern=one_way
ok "one way, several are damaged" damaged 3 -D matrix.pattern=one_way
ok "round trip, an answer is damaged" damaged 1 \
	-D transports.faulty.side=client

# What the responder got wrong it also sends back wrong.
damaged_request ()
{
	wrong 4 damage 12 1 -D verify=full && counts 100 100 0 0 0 2
}
ok "round trip, a request is damaged" damaged_request

unseen ()
{
	one_way 0 damage 12 1 -D verify="$1" && counts 100 100 0 0 0 0
}
ok "damage behind the header is not looked for by verify=header" \
	unseen header
ok "nor by verify=none" unseen none

# A number that was changed on the way must not make a hundred losses.
forged ()
{
	wrong 4 forge 12 1 "$@" -D matrix.pattern=one_way &&
		holds result.json '.cells[0].integrity |
			.sent == 100 and .received == 100 and
			.lost + .duplicate + .reordered + .corrupt >= 1 and
			.lost <= 1'
}
ok "a sequence number is changed" forged
forged_full ()
{
	forged -D verify=full && holds result.json '.cells[0].integrity |
		.corrupt == 1 and .reordered == 0 and .duplicate == 0'
}
ok "a sequence number is changed, and verify=full knows" forged_full

cut ()
{
	wrong 4 cut 12 1 "$@" &&
		holds result.json '.cells[0] | .status == "failed" and
			.integrity.sent == 100 and .integrity.corrupt >= 1 and
			.integrity.received >= 99 and .integrity.duplicate == 0'
}
ok "one way, a message is cut short" cut -D matrix.pattern=one_way
ok "round trip, a request is cut short" cut
ok "round trip, an answer is cut short" cut -D transports.faulty.side=client

# An answer too many: the sequence tells it from the one that is due.
answered_twice ()
{
	wrong 4 twice "$1" 1 -D transports.faulty.side=client &&
		counts 100 101 0 1 0 0 &&
		failed "1 duplicate of 100 messages sent"
}
ok "round trip, an answer comes twice" answered_twice 12
ok "round trip, the last answer comes twice" answered_twice 101
asked_twice ()
{
	wrong 4 twice 12 1 && holds result.json '.cells[0].integrity |
		.sent == 100 and .lost == 0 and .duplicate == 2'
}
ok "round trip, a request comes twice, and so does its answer" asked_twice

# A closed loop can't go on without its message, nor a phase without a mark.
hangs ()
{
	stall=1s wrong 1 drop "$@" && holds result.json '.complete == false' &&
		holds result.json '.cells[0] | .status == "failed" and
			(.reason | contains("no message moved for 1s"))'
}
ok "round trip, a request is lost" hangs 12 1
ok "round trip, an answer is lost" hangs 12 1 -D transports.faulty.side=client
ok "a start mark is lost" hangs 1 1 -D matrix.pattern=one_way
ok "an end mark is lost" hangs 102 1 -D matrix.pattern=one_way

mark_broken ()
{
	one_way 1 "$1" 1 1 && holds result.json '.cells[0] |
		.status == "failed" and (.reason | contains("a mark of weir"))'
}
ok "a start mark comes twice" mark_broken twice
ok "a start mark is damaged" mark_broken damage

# The warm-up is not measured, so its losses are not counted: calls 2 … 51.
in_warmup ()
{
	exits 0 "$WEIR" run -m faulty --msg-count 100 -D repeat=1 \
		-D warmup_count=50 -D matrix.pattern=one_way \
		-D transports.faulty.at=send -D transports.faulty.side=host \
		-D transports.faulty.what=drop -D transports.faulty.after=12 \
		-D transports.faulty.times=3 -o result.json &&
		counts 100 100 0 0 0 0
}
ok "what the warm-up loses is not counted" in_warmup

# One trial of three goes wrong: the cell shows it, and is made of the others.
one_of_three ()
{
	one_way 4 drop 12 2 -D repeat=3 \
		-D transports.faulty.once="$scratch/once-$1" &&
		counts 300 298 2 0 0 0 &&
		holds result.json '[.cells[0].trials[].status] | sort ==
			["failed", "ok", "ok"]' &&
		holds result.json '.cells[0] | .status == "failed" and
			.messages == 200 and .latency_ns.samples == 200'
}
ok "a trial with a loss is not averaged in" one_of_three trial

others ()
{
	one_way 4 drop 12 1 -m faulty,pipe &&
		holds result.json '.cells[1] | .status == "ok" and
			.integrity.lost == 0 and .messages == 100'
}
ok "another cell is as good as without it" others

channels ()
{
	one_way 4 drop 12 2 --concurrency 4 \
		-D transports.faulty.once="$scratch/once-$1" &&
		counts 400 398 2 0 0 0
}
ok "one channel of four loses messages" channels channel

# Everything at once, all the time: tests/e2e/lossy.c counts what it did. An
# answer to what came twice, late or damaged does so itself, and is counted in
# its own direction; to what was lost there is none.
lossy ()
{
	seed=$1 echoes=$2
	shift 2
	exits 4 "$WEIR" run -q -m lossy --msg-count 1000 --message-size 64 \
		-D repeat=1 -D warmup=0 -D verify=full \
		-D transports.lossy.seed="$seed" -o result.json "$@" &&
		holds result.json ".cells[0].trials[0] |
			.counters.host as \$did | .integrity as \$is |
			all(\$did[]; . > 30) and \$is == {
			sent: (1000 * $n_channels), received: (1000 * $n_channels -
				\$did.lost + \$did.doubled),
			lost: \$did.lost, duplicate: ($echoes * \$did.doubled),
			reordered: ($echoes * \$did.swapped),
			corrupt: ($echoes * \$did.damaged)}"
}
n_channels=1
for seed in 1 2 3; do
	ok "one way, everything goes wrong ($seed)" lossy $seed 1 \
		-D matrix.pattern=one_way
	ok "open loop one way, everything goes wrong ($seed)" lossy $seed 1 \
		-D matrix.pattern=paced -D matrix.direction=one_way \
		-D matrix.rate=20k
	ok "open loop, everything goes wrong ($seed)" lossy $seed 2 \
		-D matrix.pattern=paced -D matrix.rate=20k
done
n_channels=3
ok "one way, everything goes wrong on three channels" lossy 4 1 \
	-D matrix.pattern=one_way --concurrency 3

plan
