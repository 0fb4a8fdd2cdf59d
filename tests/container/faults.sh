#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Containers that are killed, stopped, paused, starved: the host names it and
# ends with the documented code; the server lives through a host that dies.
. "$(dirname "$0")/common.sh"

# under_way N: the host is at work with weir-uds-server, in its Nth trial.
under_way ()
{
	DURATION=30s drive_aside 0 1024 1
	until_true n_in_log weir-uds-server "$1" "trial uds" && return
	cat "$scratch/aside"
	return 1
}

# ended_by ACTION...: the host ends soon after, and says so.
ended_by ()
{
	begun=$(date +%s)
	"$ENGINE" "$@" weir-uds-server || return
	driven 1 || return
	took=$(($(date +%s) - begun))
	echo "$took s: $aside"
	test $took -lt 20 && says "client 1" "$aside" &&
		holds output/host_client_results.json \
			'.complete == false and .cells[0].status == "failed"' &&
		test ! -e sockets/ipc_benchmark.sock
}

killed ()
{
	fresh
	server start && under_way 1 && ended_by kill
}
ok "podman kill in the timed region" killed

stopped ()
{
	fresh
	server start && under_way 1 && ended_by stop --time 10 &&
		test "$("$ENGINE" container inspect --format \
			'{{.State.ExitCode}}' weir-uds-server)" = 143
}
ok "podman stop in the timed region" stopped

paused ()
{
	fresh
	server start && under_way 1 && ended_by pause &&
		says "silent" "$aside"
}
resumed ()
{
	"$ENGINE" unpause weir-uds-server && drive 0 100 && good 100 1
}
if may_limit; then
	ok "podman pause in the timed region" paused
	ok "and after unpause it serves the next host" resumed
else
	not_here "podman pause in the timed region"
	not_here "and after unpause it serves the next host"
fi

limited ()
{
	fresh
	MEMORY=64m CPUS=0.5 server start || return
	"$ENGINE" container inspect --format \
		'{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}' \
		weir-uds-server | grep -x '67108864 500000000' &&
		drive 0 100 && good 100 1
}
if may_limit; then
	ok "limits of memory and CPU" limited
else
	not_here "limits of memory and CPU"
fi

host_killed ()
{
	fresh
	server start && under_way 1 || return
	# The script has become weir, and timeout is its parent.
	kill -KILL "$(children "$driver")"
	driven 137
	until_true in_log weir-uds-server "warn: the host" || return
	is_state weir-uds-server running || return
	# The dead host's socket is still there, and is replaced.
	drive 0 100 && good 100 1
}
ok "a host that is killed, and the next one" host_killed

host_stopped ()
{
	fresh
	server start && under_way 1 || return
	kill -TERM "$(children "$driver")"
	driven 143 && test ! -e sockets/ipc_benchmark.sock &&
		holds output/host_client_results.json '.complete == false' &&
		is_state weir-uds-server running && drive 0 100 && good 100 1
}
ok "a host that is told to end, and the next one" host_stopped

nobody ()
{
	fresh
	CONNECT_TIMEOUT=1s drive 124 10 && says "no client came" "$err" &&
		test ! -e sockets/ipc_benchmark.sock
}
ok "no client comes" nobody

two_hosts ()
{
	fresh
	drive_aside 100
	until_true test -S sockets/ipc_benchmark.sock || return
	OUTPUT_FILE=$scratch/second.json drive 2 10 || {
		server start
		return 1
	}
	server start && driven 0 && good 100 1
}
ok "a second host at the same place is refused" two_hosts

plan
