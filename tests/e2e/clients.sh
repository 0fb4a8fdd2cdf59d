#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Clients in processes of their own, and what each of them is told to have
# done.
. "$(dirname "$0")/../tap.sh"

TMPDIR=$scratch
export TMPDIR

# clients N: so many, in the background; $clients is their pids.
clients ()
{
	clients=
	for i in $(seq "$1"); do
		"$WEIR" client --ipc-path s/control >"client-$i.log" 2>&1 &
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
		echo "$clients" >four.pids
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
		-D initiator=client && cells own.json 1 true \
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

if can_validate; then
	ok "all of it is valid by the schema" \
		valid four.json null.json own.json many.json one.json
else
	skip "all of it is valid by the schema" "no python3-jsonschema here"
fi

ok "nothing is left" nothing_left
plan
