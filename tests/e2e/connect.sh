#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Channels are made, used once and closed, many times a trial.
. "$(dirname "$0")/../tap.sh"

TMPDIR=$scratch
export TMPDIR

# connects NAME PLUGIN [-D …]
connects ()
{
	name=$1 plugin=$2
	shift 2
	exits 0 "$WEIR" run -q -m "$name" -D "transports.$name.plugin=$plugin" \
		--msg-count 40 -D repeat=1 -D warmup_count=5 -D verify=full \
		-D matrix.pattern=connect -D matrix.boundary=[thread,process] \
		-D matrix.concurrency=[1,3] -o "$name.json" "$@" || return
	cells "$name.json" 4 true 'whole(40) and
		.latency_ns.samples == .messages and
		.teardown_ns.samples == .messages and
		.teardown_ns.max < .elapsed_ns and
		.first_message_ns > 0 and .warnings == []' &&
		holds "$name.json" '.warnings |
			all(startswith("only CPU"))' && nothing_left
}

ok "uds" connects uds uds
ok "uds by path" connects path uds -D transports.path.rendezvous=path
ok "uds of packets" connects packets uds -D transports.packets.type=seqpacket
ok "shm" connects shm shm
ok "pipe" connects pipe pipe
ok "tcp" connects tcp tcp
ok "mq" connects mq mq --message-size 64
ok "null" connects null null

timed ()
{
	exits 0 "$WEIR" run -q -m uds -D matrix.pattern=connect -D repeat=2 \
		-D duration=200ms -D warmup=20ms -o timed.json &&
		cells timed.json 1 true 'intact and .elapsed_ns >= 300000000 and
		(.trials | length) == 2 and ([.trials[].teardown_ns.samples] |
		add) == .teardown_ns.samples'
}
ok "for a duration" timed

# A file a connection, and none of it is kept open.
frugal ()
{
	(ulimit -n 64 && exits 0 "$WEIR" run -q -m shm --msg-count 300 \
		-D repeat=1 -D matrix.pattern=connect \
		-D matrix.boundary=thread -o frugal.json)
}
ok "no descriptor is left open by 300 connections" frugal

streamed ()
{
	exits 0 "$WEIR" run -q -m uds --msg-count 20 -D repeat=1 \
		-D matrix.pattern=connect -o streamed.json \
		--streaming-output-csv s.csv && test "$(wc -l <s.csv)" = 21
}
ok "a stream has a record of each" streamed

refused ()
{
	exits 3 "$WEIR" run -q -m mq --msg-count 3 -D repeat=1 \
		-D matrix.pattern=connect --message-size 16Mi -o refused.json &&
		cells refused.json 1 true '.status == "refused"' && nothing_left
}
ok "what a transport can't carry is refused" refused

ended ()
{
	begin -m uds -D duration=60s -D repeat=1 -D matrix.pattern=connect \
		-D transports.uds.rendezvous=path -o ended.json
	until_true client_there || return
	if test "$1" = client; then
		kill -s KILL "$client"
		wait "$host"
		test $? = 1 || return
	else
		end "$1"
	fi
	until_true no_process && nothing_left
}

client_there ()
{
	client=$(ps -o pid=,args= --ppid "$host" |
		sed -n 's/^ *\([0-9]*\) weir client.*/\1/p')
	test -n "$client"
}
ok "SIGINT ends it, with nothing left" ended INT
ok "the client's death ends it, with nothing left" ended client
plan
