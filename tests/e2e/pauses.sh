#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A pause before each message is in the elapsed time and nowhere else.
. "$(dirname "$0")/../tap.sh"

# paused AXIS TRANSPORT: 20 ms before each of ten messages.
paused ()
{
	exits 0 "$WEIR" run -q -m "$2" --msg-count 10 -D repeat=1 \
		-D warmup_count=2 -D "matrix.$1=[0s,20ms]" \
		-D matrix.pattern=[round_trip,one_way] -o "$1.json" || return
	cells "$1.json" 4 true 'whole(10)' &&
		cells "$1.json" 2 ".$1_ns == 20000000" \
			"(.id | endswith(\"/$1=20ms\")) and
			.latency_ns.min < 20000000 and .elapsed_ns >= 180000000" &&
		cells "$1.json" 2 ".$1_ns == 0" \
			'(.id | contains("=") | not)'
}

for transport in pipe null; do
	for axis in idle send_delay; do
		ok "$transport: $axis" paused "$axis" "$transport"
	done
done

# Of what the pauses take, the messages pay nothing.
cheap ()
{
	exits 0 "$WEIR" run -q -m null --msg-count 200 -D repeat=1 \
		-D warmup=0 -D matrix.send_delay=200us -o cheap.json &&
		cells cheap.json 1 true '.elapsed_ns >= 199 * 200000 and
			.cpu.host_ns_per_message < 100000'
}
ok "the CPU time of a pause is in no figure" cheap
plan
