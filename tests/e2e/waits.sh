#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every way of waiting of every transport, and several channels at a time.
. "$(dirname "$0")/../tap.sh"

# measure FILE NAME PLUGIN [-D …]
measure ()
{
	file=$1 name=$2 plugin=$3
	shift 3
	exits 0 "$WEIR" run -q -m "$name" -D "transports.$name.plugin=$plugin" \
		--msg-count 50 -D repeat=1 -D warmup=0 -D verify=full \
		-D matrix.pattern=[round_trip,one_way] \
		-D matrix.boundary=[thread,process] -o "$file" "$@"
}

# wait NAME PLUGIN WAIT [-D …]
waits ()
{
	name=$1 plugin=$2 wait=$3
	shift 3
	measure "$name-$wait.json" "$name" "$plugin" \
		-D "transports.$name.wait=$wait" --message-size 64,128Ki "$@" &&
		cells "$name-$wait.json" 8 ".options.wait == \"$wait\"" \
			"whole(50)"
}

# The waits that a plugin describes, so that a new one is tested too.
waits_of ()
{
	"$WEIR" describe "$1" | sed -n '/^  wait = /,/one of/ {
		s/^ *one of //p
	}' | tr -d ,
}

each_wait ()
{
	name=$1 plugin=$2
	shift 2
	found=$(waits_of "$plugin")
	ok "$name: describes its ways of waiting" test -n "$found"
	for wait in $found; do
		if test "$wait" = spin && test "$(nproc)" -lt 2; then
			skip "$name waits by spin" "there is one CPU only"
		else
			ok "$name waits by $wait" \
				waits "$name" "$plugin" "$wait" "$@"
		fi
	done
}

each_wait stream uds
each_wait seqpacket uds -D transports.seqpacket.type=seqpacket
each_wait dgram uds -D transports.dgram.type=dgram
each_wait shm shm
each_wait pipe pipe
ok "packets wait by block" \
	waits packet pipe block -D transports.packet.type=packet \
	--message-size 64,4Ki
ok "pages wait by block" \
	waits pages pipe block -D transports.pages.type=vmsplice
each_wait tcp tcp
each_wait mq mq --message-size 64,8Ki

# channels NAME PLUGIN [-D …]: the figures of four channels are one sum.
channels ()
{
	measure "$1-4.json" "$@" --concurrency 1,4 --message-size 1Ki &&
		cells "$1-4.json" 4 '.concurrency == 1' 'whole(50)' &&
		cells "$1-4.json" 4 '.concurrency == 4' 'whole(50)' &&
		cells "$1-4.json" 2 '.concurrency == 4 and
			.pattern == "round_trip"' '.latency_ns.samples == 200'
}
ok "stream: one channel and four" channels stream uds
ok "seqpacket: one channel and four" channels seqpacket uds \
	-D transports.seqpacket.type=seqpacket
ok "shm: one channel and four" channels shm shm
ok "pipe: one channel and four" channels pipe pipe
ok "tcp: one channel and four" channels tcp tcp
ok "mq: one channel and four" channels mq mq
ok "dgram: one channel and four" channels dgram uds \
	-D transports.dgram.type=dgram
ok "by path: one channel and four" channels fifos pipe \
	-D transports.fifos.rendezvous=path
ok "adaptive: one channel and four" channels adaptive shm \
	-D transports.adaptive.wait=adaptive

# calls WAIT N NAME PLUGIN [-D …]: by weir's own count each side makes N system
# calls for a round trip, and next to none besides: a time limit is renewed,
# by up to five calls in 50 ms.
calls ()
{
	wait=$1 each=$2 name=$3 plugin=$4
	shift 4
	exits 0 "$WEIR" run -q -m "$name" -D "transports.$name.plugin=$plugin" \
		-D "transports.$name.wait=$wait" --msg-count 1000 \
		-D repeat=1 -D warmup=0 -o calls.json "$@" || return
	cells calls.json 1 true ".elapsed_ns as \$took | all(.counters[];
		.syscalls >= $each * 1000 and
		.syscalls <= $each * 1050 + 20 + \$took / 10000000)"
}

thrifty ()
{
	ok "$1 blocks: a call to send, a call to receive" calls block 2 "$@"
	ok "$1 by epoll: one more to wait" calls epoll 3 "$@"
}
thrifty stream uds
thrifty seqpacket uds -D transports.seqpacket.type=seqpacket
thrifty dgram uds -D transports.dgram.type=dgram
thrifty pipe pipe
thrifty tcp tcp
thrifty mq mq

plan
