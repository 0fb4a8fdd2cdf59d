#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Latency under load: of busy channels only the throughput is told.
. "$(dirname "$0")/../tap.sh"

# loaded TRANSPORT: with none, one and three busy channels beside two.
loaded ()
{
	exits 0 "$WEIR" run -q -m "$1" -D repeat=2 -D duration=100ms \
		-D warmup=10ms -D matrix.pattern=[round_trip,one_way] \
		-D matrix.concurrency=2 -D matrix.load=[0,1,3] \
		-D matrix.boundary=[thread,process] -o "$1.json" || return
	cells "$1.json" 12 true '.status == "ok" and intact and
		.concurrency == 2 and .latency_ns.samples == .messages' &&
		cells "$1.json" 4 '.load == 0' '.load_throughput == null and
			.integrity.sent == .messages' &&
		cells "$1.json" 8 '.load > 0' '(.id | contains("/load=")) and
			.load_throughput.messages_per_s > 0 and
			.messages <= 2 * 2 * 101 and .integrity.sent ==
			.messages + .load_throughput.messages'
}

for transport in pipe uds null; do
	ok "$transport" loaded "$transport"
done

paced ()
{
	exits 0 "$WEIR" run -q -m uds -D repeat=1 -D duration=100ms \
		-D warmup=10ms -D matrix.pattern=paced -D matrix.rate=1k \
		-D matrix.direction=[round_trip,one_way] -D matrix.load=2 \
		-D matrix.concurrency=2 -o paced.json &&
		cells paced.json 2 true '.status == "ok" and intact and
			.messages > 0 and .messages <= 2 * 101 and
			.latency_ns.samples == .messages and
			.latency_from_send_ns.samples == .messages and
			.load_throughput.messages_per_s > 0 and
			.integrity.sent ==
			.messages + .load_throughput.messages'
}
ok "an open loop beside busy channels" paced

initiated ()
{
	exits 0 "$WEIR" run -q -m pipe -D repeat=1 -D duration=100ms \
		-D initiator=client -D matrix.load=2 \
		-D matrix.pattern=[round_trip,one_way] -D matrix.idle=5ms \
		-o initiated.json &&
		cells initiated.json 2 true '.messages <= 21 and
			.load_throughput.messages > 0 and intact'
}
ok "the client may begin, and idle chooses how often" initiated

streamed ()
{
	exits 0 "$WEIR" run -q -m pipe -D repeat=1 -D duration=100ms \
		-D matrix.load=1 -o streamed.json \
		--streaming-output-csv s.csv &&
		holds streamed.json ".cells[0].messages + 1 ==
			$(wc -l <s.csv)"
}
ok "a stream has what is measured" streamed
plan
