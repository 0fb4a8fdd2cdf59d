#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every transport carries every message: both patterns, both boundaries, both
# ways to meet, at the sizes where buffers, pages and rings end, with every
# byte checked.
. "$(dirname "$0")/../tap.sh"

TMPDIR=$scratch
export TMPDIR

small=1,63,64,4095,4096,65536
large=1Mi,16Mi

# carries FILE CODE COUNT SIZES NAME [-D …]: one run of all its cells.
carries ()
{
	file=$1 code=$2 count=$3 sizes=$4 name=$5
	shift 5
	exits "$code" "$WEIR" run -q -m "$name" --message-size "$sizes" \
		--msg-count "$count" -D repeat=1 -D warmup=0 -D verify=full \
		-D matrix.pattern=[round_trip,one_way] \
		-D matrix.boundary=[thread,process] -o "$file" "$@"
}

# Cases of one transport, which meets in the ways $meets: a run of the small
# sizes, one of the large ones, then a case for each way through them.
transport ()
{
	name=$1 plugin=$2
	shift 2
	set -- -D "transports.$name.plugin=$plugin" "$@"
	test "$meets" = itself || set -- \
		-D "transports.$name.rendezvous=[$(echo "$meets" |
			tr ' ' ,)]" "$@"
	ok "$name: a run of the small sizes" \
		carries "$name.json" 0 20 "$small" "$name" "$@"
	ok "$name: a run of the large sizes" \
		carries "$name-large.json" "$large_code" 2 "$large" \
		"$name" "$@"
	for pattern in round_trip one_way; do
		for boundary in thread process; do
			for meet in $meets; do
				ok "$name: $pattern, $boundary, by $meet" way
			done
		done
	done
}

way ()
{
	which=".pattern == \"$pattern\" and .boundary == \"$boundary\" and
		(.options.rendezvous // \"itself\") == \"$meet\""
	cells "$name.json" 6 "$which" "whole(20)" &&
		cells "$name-large.json" "$n_large" \
			"$which and .size_bytes <= $limit" "whole(2)"
}

n_large=2 limit=16777216 large_code=0 meets='fd path'
transport stream uds
transport shm shm
transport pipe pipe
meets=itself
transport tcp tcp

# A packet is one allocation in the kernel, far below 16 MiB.
n_large=1 limit=1048576 large_code=3 meets='fd path'
transport seqpacket uds -D transports.seqpacket.type=seqpacket

# refused NAME CELLS
refused ()
{
	cells "$1-large.json" "$2" '.size_bytes == 16777216' \
		'.status == "refused" and .messages == 0 and
		(.reason | test("at most [0-9]+ bytes.*not 16777216"))' &&
		holds "$1-large.json" '.complete'
}
ok "seqpacket: what is too large is refused, the limit named" refused seqpacket 8

meets=fd
transport dgram uds -D transports.dgram.type=dgram
ok "dgram: what is too large is refused, the limit named" refused dgram 4

by_path ()
{
	exits 3 "$WEIR" run -q -m dgram -D transports.dgram.plugin=uds \
		-D transports.dgram.type=dgram -D repeat=1 --msg-count 10 \
		-D transports.dgram.rendezvous=path -o by-path.json &&
		cells by-path.json 1 '.status == "refused"' \
			'.reason | contains("use rendezvous = fd")'
}
ok "dgram: has no file to meet at" by_path

# What a queue carries is for the machine to say, usually 8 KiB.
n_large=0 limit=0 large_code=3 meets=itself some=$small
small=1,63,64,4095,4096,8192
transport mq mq
small=$some

mq_refused ()
{
	cells mq-large.json 8 true '.status == "refused" and .messages == 0 and
		(.reason | test("at most [0-9]+ bytes.*(msgsize_max|ulimit)"))'
}
ok "mq: what is too large is refused, the limit named" mq_refused

deep ()
{
	exits 3 "$WEIR" run -q -m mq -D transports.mq.depth=65536 \
		--message-size 64 --msg-count 10 -D repeat=1 -D warmup=0 \
		-o deep.json &&
		cells deep.json 1 true '.status == "refused" and
			(.reason | test("depth = 65536.*(msg_max|ulimit)"))'
}
ok "mq: what is too deep is refused, the limit named" deep

# No traffic, so that messages of one side only are counted.
null ()
{
	carries null.json 0 20 "$small,$large" null -D "verify=$1" &&
		cells null.json 32 true \
			'.status == "ok" and .messages == 20 and intact'
}
ok "null: every pattern, boundary and size" null header
ok "null: has nothing that full verification could miss" null full

ok "no run left anything behind" nothing_left

plan
