#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Clients in processes of their own, and what each of them is told to have
# done.
. "$(dirname "$0")/../tap.sh"

TMPDIR=$scratch
export TMPDIR

# clients N: so many, in the background; $clients is their pids. Each writes
# its own results.
clients ()
{
	clients=
	for i in $(seq "$1"); do
		"$WEIR" client "$patient" --ipc-path s/control \
			-o "own/$i.json" >"client-$i.log" 2>&1 &
		clients="$clients $!"
	done
}

# ended CODE: all clients have, with that exit code.
ended ()
{
	for pid in $clients; do
		wait "$pid"
		code=$?
		test "$code" = "$1" || {
			echo "client $pid ended with $code"
			cat client-*.log
			return 1
		}
	done
}

# host FILE N FLAGS...: with N clients.
host ()
{
	file=$1 n=$2
	shift 2
	clients "$n"
	exits 0 "$WEIR" host -q --ipc-path s/control --clients "$n" \
		-D warmup=5ms -o "$file" "$@" && ended 0
}

four ()
{
	host four.json 4 -m uds,shm --concurrency 4,6 --msg-count 200 \
		-D repeat=3 -D 'matrix.pattern=[round_trip,one_way]' &&
		cells four.json 8 true '.status == "ok" and
			(.clients | length) == 4' &&
		echo "$clients" >four.pids && mv own four
}
ok "four clients serve one host" four

# summed FIGURE: the cell's is the sum of its clients'.
summed ()
{
	cells four.json 8 true "(.clients | map($1) | add) == ($1) and
		all(.clients[]; ($1) > 0)"
}
ok "a cell has the samples of all of its clients" summed .latency_ns.samples
ok "and their messages" summed .messages
ok "and their time in the latency's sum" summed .latency_ns.sum
ok "and what they sent" summed .integrity.sent
ok "and what they received" summed .integrity.received
ok "and the transport's work on the host's side" \
	summed .counters.host.syscalls
ok "and on theirs" summed .counters.client.syscalls

bounded ()
{
	cells four.json 8 true \
		'(.clients | map(.latency_ns.min) | min) == .latency_ns.min and
		(.clients | map(.latency_ns.max) | max) == .latency_ns.max and
		all(.clients[]; .cpu.client_ns_per_message > 0 and
			.cpu.host_ns_per_message > 0)'
}
ok "no client is outside of the cell's extremes" bounded

shared ()
{
	cells four.json 4 '.concurrency == 4' \
		'[.clients[].latency_ns.samples] == [600, 600, 600, 600]' &&
		cells four.json 4 '.concurrency == 6' \
		'[.clients[].messages] | sort == [600, 600, 1200, 1200]'
}
ok "the channels are shared out" shared

known ()
{
	pids=$(sed 's/^ //; s/ /, /g' four.pids)
	holds four.json "[.cells[].clients | map(.pid) | sort] | unique ==
		[[$pids] | sort]" &&
		holds four.json 'all(.cells[].clients[];
			.uid == '"$(id -u)"' and .namespaces.pid != null) and
			(.cells[0].clients | map(.name)) ==
			["client 1", "client 2", "client 3", "client 4"]'
}
ok "each is known by its process" known

loopback ()
{
	host null.json 2 -m null --concurrency 2 --msg-count 100 -D repeat=1 &&
		cells null.json 1 true '.latency_ns.samples == 200 and
			all(.clients[]; .latency_ns.samples == 100 and
			.cpu.client_ns_per_message == null)'
}
ok "also where they take no part" loopback

begun_by_them ()
{
	host own.json 2 -m uds --concurrency 2 --msg-count 100 -D repeat=2 \
		-D initiator=client && cp own/1.json begun.json &&
		cells own.json 1 true \
		'.latency_ns.samples == 400 and
		all(.clients[]; .latency_ns.samples == 200)'
}
ok "and where they begin" begun_by_them

many ()
{
	host many.json 16 -m uds,shm --concurrency 16,64 --msg-count 20 \
		-D repeat=1 && cells many.json 4 true \
		'.status == "ok" and (.clients | length) == 16 and
		(.clients | map(.latency_ns.samples) | add) ==
			20 * .concurrency and .latency_ns.samples ==
			20 * .concurrency'
}
ok "sixteen clients, and 64 channels" many

one ()
{
	host one.json 1 -m uds --msg-count 100 -D repeat=2 &&
		cells one.json 1 true '. as $cell | .clients | length == 1 and
			(.[0].latency_ns == $cell.latency_ns) and
			(.[0].integrity == $cell.integrity) and
			.[0].name == "client"'
}
ok "the figures of a single client are the cell's" one

# ---- what a client writes ----

written ()
{
	holds four/1.json '.role == "client" and .schema == "weir-result/1" and
		.complete and (.interrupted | not) and .seed == null and
		.environment.host.pid != .environment.client.pid' &&
		cells four/2.json 8 true '.status == "ok" and
			(.trials | map(.index)) == [0, 1, 2] and
			.boundary == "external" and .options.wait != null and
			.cpu.host_ns_per_message == null'
}
ok "each client writes what it knows" written

# compares WHICH FIGURE N: it is the same in N cells of a client's own file and
# in that client's entry in the host's.
compares ()
{
	for i in 1 2 3 4; do
		jq -e -s "$cell_words"' .[0] as $own | .[1] as $host |
			[$own.cells[] | select('"$1"') | . as $cell |
			$host.cells[] | select(.id == $cell.id) | .clients[] |
			select(.pid == $own.environment.client.pid) |
			('"$2"') == ($cell | '"$2"')] |
			length == '"$3"' and all' "four/$i.json" four.json ||
			return
	done
}
ok "its latency is that of its entry at the host" \
	compares '.pattern == "one_way"' .latency_ns 4
ok "so is its price" compares true .cpu.client_ns_per_message 8
ok "so are the messages" compares true .messages 8
ok "so is the transport's work" compares true .counters.client 8

echoed ()
{
	cells four/3.json 4 '.pattern == "round_trip"' \
		'.latency_ns == null and .integrity.sent == .messages'
}
ok "who only answers has no latency" echoed

initiated ()
{
	cells begun.json 1 true 'whole(100) and .latency_ns.samples == 200'
}
ok "who begins has it" initiated

# serve FLAGS...: a client that stays; $server is it.
serve ()
{
	: >stay.err # not a word of the last one
	WEIR_LOG=info "$WEIR" client "$patient" --persist \
		--ipc-path s/control -o stay.json "$@" >stay.out 2>stay.err &
	server=$!
}

# drive FLAGS...: one run with it.
drive ()
{
	exits "$@" --ipc-path s/control -D warmup=0 -o host.json
}

# stop_server CODE
stop_server ()
{
	kill -s TERM "$server"
	wait "$server"
	code=$?
	test $code = "$1"
}

one_after_the_other ()
{
	serve
	for name in first second; do
		drive 0 "$WEIR" host -q --msg-count 20 \
			-D repeat=1 -D "transports.$name.plugin=pipe" \
			-m "$name" && until_true holds stay.json \
			".complete and (.cells | map(.transport)) ==
				[\"$name\"]" || return
	done
	stop_server 143 && holds stay.json '.complete and
		.cells[0].transport == "second"'
}
no_warning ()
{
	clients=
	for i in 1 2 3 4 5 6; do
		"$WEIR" client "$patient" --persist --ipc-path s/control \
			2>"client-$i.log" &
		clients="$clients $!"
	done
	for i in 1 2 3; do
		drive 0 "$WEIR" host -q -m uds --msg-count 1 -D repeat=1 \
			--clients 6 --concurrency 6 || return
	done
	for pid in $clients; do
		kill -s TERM "$pid"
	done
	ended 143 && ! grep warn client-*.log
}
ok "who stays meets no host that is about to end" no_warning
ok "and replaces its results after each run" one_after_the_other

host_dies ()
{
	serve
	"$WEIR" host -q -m uds --duration 60s -D repeat=1 --ipc-path s/control \
		-o never.json >host.out 2>&1 &
	host=$!
	until_true grep -qs 'trial uds' stay.err && kill -s KILL "$host"
	wait "$host"
	rm .never.json.*.tmp # as it is for every program that is killed
	until_true holds stay.json '(.complete | not) and
		(.interrupted | not) and .cells[0].status == "failed" and
		.cells[0].transport == "uds"' && cp stay.json dead.json &&
		drive 0 "$WEIR" host -q -m shm --msg-count 10 -D repeat=1 &&
		until_true holds stay.json .complete && stop_server 143
}
ok "also after one whose host died" host_dies

told_to_end ()
{
	rm -f stay.json
	serve
	"$WEIR" host -q -m uds --duration 60s -D repeat=1 --ipc-path s/control \
		-o broken.json >host.out 2>&1 &
	host=$!
	until_true grep -qs 'trial uds' stay.err && stop_server 143
	ended=$?
	wait "$host"
	test $? = 1 && test $ended = 0 && holds stay.json \
		'.interrupted and (.complete | not)'
}
ok "and where it is told to end in the middle" told_to_end

to_stdout ()
{
	"$WEIR" client "$patient" --ipc-path s/control -o - >read.json \
		2>client-1.log &
	clients=$!
	drive 0 "$WEIR" host -q -m uds --msg-count 10 -D repeat=1 &&
		ended 0 && holds read.json '.role == "client" and .complete'
}
ok "- is standard output" to_stdout

early ()
{
	echo file >file
	exits 1 "$WEIR" client --ipc-path s/control --connect-timeout 60s \
		-o file/own.json && says "cannot open the output file" "$err"
}
ok "what can't be written is found before it waits" early

late ()
{
	"$WEIR" client "$patient" --ipc-path s/control -o /dev/full \
		>client-1.log 2>&1 &
	clients=$!
	drive 0 "$WEIR" host -q -m uds --msg-count 10 -D repeat=1 &&
		ended 1 && says "No space left" "$(cat client-1.log)"
}
ok "a full disk is an error of the client's" late

nobody ()
{
	exits 124 "$WEIR" client --ipc-path s/control --connect-timeout 10ms \
		-o nobody.json && test ! -e nobody.json
}
ok "without a host there are none" nobody

# on_terminal COMMAND...: with all that it says to one in $out.
on_terminal ()
{
	out=$(script -qec "$*" /dev/null </dev/null)
	test $? = 124
}

wait_shown ()
{
	on_terminal "$WEIR" client --ipc-path s/none --connect-timeout 10ms &&
		says "waiting for a host at s/none" "$out" &&
		on_terminal "$WEIR" host -m uds --ipc-path s/control \
			--connect-timeout 10ms --clients 2 --concurrency 2 \
			-o none.json &&
		says "waiting for client 1 of 2 at s/control" "$out"
}

wait_quiet ()
{
	on_terminal "$WEIR" client -q --ipc-path s/none \
		--connect-timeout 10ms || return
	case $out in
	*"waiting for"*) return 1 ;;
	esac
	exits 124 "$WEIR" client --ipc-path s/none --connect-timeout 10ms
	case $err in
	*"waiting for"*) return 1 ;;
	esac
}
if command -v script >found; then
	ok "a terminal shows what is waited for" wait_shown
	ok "but not with -q, and nothing else does" wait_quiet
else
	skip "a terminal shows what is waited for" "no script(1) here"
fi

if can_validate; then
	ok "all of it is valid by the schema" \
		valid four.json null.json own.json many.json one.json \
		four/1.json begun.json stay.json dead.json read.json
else
	skip "all of it is valid by the schema" "no python3-jsonschema here"
fi

ok "nothing is left" nothing_left
plan
