#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The open loop through the whole program, and deadlines. What its latencies
# say is the business of tests/unit/measure/test_paced.c.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs:$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# paced CODE TRANSPORT [ARGUMENT...]
paced ()
{
	code=$1 transport=$2
	shift 2
	exits "$code" "$WEIR" run -m "$transport" --msg-count 300 \
		--message-size 64 -D repeat=1 -D warmup="${warmup:-20ms}" \
		-D matrix.pattern=paced -D matrix.rate=5k -o result.json "$@"
}

# whole N: every message has its latencies, none was lost or given up.
whole ()
{
	n=$1
	holds result.json ".cells[0] | .status == \"ok\" and
		.messages == $n and .latency_ns.samples == $n and
		.latency_from_send_ns.samples == $n and
		.send_lag_ns.samples == $n and .paced.not_sent == 0 and
		.paced.offered_per_s > 0 and
		(.latency_ns.sum >= .latency_from_send_ns.sum)" &&
		holds result.json ".cells[0].integrity == {sent: $n,
			received: $n, lost: 0, duplicate: 0, reordered: 0,
			corrupt: 0}"
}

answered ()
{
	transport=$1
	shift
	paced 0 "$transport" "$@" && whole 300
}
for transport in mq pipe shm tcp uds; do
	ok "$transport, answered" answered "$transport"
	ok "$transport, one way" answered "$transport" \
		-D matrix.direction=one_way
done
ok "null, answered" answered null
ok "null, one way" answered null -D matrix.direction=one_way
ok "as many senders" answered uds -D matrix.arrival=poisson
ok "from the client" answered uds -D initiator=client
ok "from the client, one way" answered uds -D initiator=client \
	-D matrix.direction=one_way
ok "every byte is verified" answered uds -D verify=full
ok "every byte is verified, one way" answered uds -D verify=full \
	-D matrix.direction=one_way
ok "nothing is verified" answered uds -D verify=none
for wait in block epoll adaptive; do
	ok "wait = $wait" answered uds -D transports.uds.wait=$wait
done
ok "between threads" answered shm -D matrix.boundary=thread

channels ()
{
	paced 0 uds --concurrency 3 && whole 900
}
ok "three channels, each at the rate" channels

# One way there is room for one time, or for none.
small ()
{
	paced 0 uds --message-size "$1" -D matrix.direction=one_way &&
		holds result.json ".cells[0] | .messages == 300 and
			(.latency_ns != null) == $2 and
			.latency_from_send_ns == null and
			.send_lag_ns.samples == 300"
}
ok "one way, 16 bytes hold the due time" small 16 true
ok "one way, 8 bytes hold no time" small 8 false
ok "answered, a byte is enough" answered uds --message-size 1

refused ()
{
	paced 3 faulty && holds result.json '.cells[0] |
		.status == "refused" and
		(.reason | contains("WEIR_CAP_TRY"))'
}
ok "a transport that can't do both at once is refused" refused
ok "but not one way" paced 0 faulty -D matrix.direction=one_way

# The host sends the first message, a mark, then the messages: see faulty.c.
wrong ()
{
	what=$1 n=$2
	shift 2
	warmup=0 paced 4 faulty -D matrix.direction=one_way \
		-D transports.faulty.at=send -D transports.faulty.side=host \
		-D transports.faulty.what="$what" \
		-D transports.faulty.after=12 \
		-D transports.faulty.times="$n" -D verify=full &&
		holds result.json ".cells[0].integrity == {sent: 300,
			received: $1, lost: $2, duplicate: $3, reordered: $4,
			corrupt: $5}"
}
ok "lost messages are counted" wrong drop 7 293 7 0 0 0
ok "messages that come twice are counted" wrong twice 5 305 0 5 0 0
ok "messages out of order are counted" wrong swap 1 300 0 0 1 0
ok "damaged messages are counted" wrong damage 3 300 0 0 0 3

# The console shows what the results say.
shown ()
{
	paced 0 uds && says "open loop: latency counts from the due time" \
		"$out" && says "from the sending" "$out"
}
ok "the console has a table of it" shown

rejected ()
{
	exits 2 "$WEIR" check -m uds -D matrix.pattern=paced \
		-D matrix.rate="$1"
}
ok "a rate of nothing is an error" rejected 0
ok "a rate beyond all is an error" rejected 1G

# ------------------------------------------------------------------
# Deadlines

deadline ()
{
	exits 0 "$WEIR" run -m uds --msg-count 200 -D repeat=2 \
		-D warmup_count=20 -D deadline="$1" -D matrix.pattern="$2" \
		-o result.json && holds result.json ".cells[0].deadline |
			.misses == $3 and .misses_in_a_row == $4 and
			.misses_ppm == $5"
}
for pattern in round_trip one_way paced; do
	ok "$pattern: all are late" deadline 1ns $pattern 400 200 1000000
	ok "$pattern: none is" deadline 1h $pattern 0 0 0
done
none ()
{
	exits 0 "$WEIR" run -m uds --msg-count 100 -o result.json &&
		holds result.json '.cells[0] | .deadline == null and
			.paced == null and .latency_from_send_ns == null'
}
ok "without one there is none" none

plan
