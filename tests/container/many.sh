#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Several clients, each in a container of its own, in one result.
. "$(dirname "$0")/common.sh"

CLIENTS=4
export CLIENTS

merged ()
{
	server start || return
	test "$("$ENGINE" ps --quiet --filter label=weir.server=uds |
		wc -l)" -eq 4 || return
	drive 0 1000 256 4 && good 1000 4 || return
	holds output/host_client_results.json '.cells[0] |
		(.clients | length == 4) and
		.latency_ns.samples == 4000 and
		([.clients[].latency_ns.samples] | add) == 4000 and
		all(.clients[]; .latency_ns.samples == 1000)'
}
ok "four clients in four containers are merged" merged

apart ()
{
	holds output/host_client_results.json '.cells[0].clients |
		([.[].namespaces.pid] | unique | length) == 4 and
		([.[].namespaces.ipc] | unique | length) == 4'
}
ok "and each is known by its own namespaces" apart

files ()
{
	for n in '' -2 -3 -4; do
		until_true test -s "output/container_server_results$n.json" &&
			jq . "output/container_server_results$n.json" >"$scratch/jq" ||
			return
	done
}
ok "each has its own results" files

spread ()
{
	MECHANISM=shm drive 0 100 256 8 && good 100 8 &&
		holds output/host_client_results.json '.cells[0] |
			([.clients[].latency_ns.samples] | . == [200,200,200,200])'
}
ok "more channels than clients are spread" spread

ends ()
{
	server stop && test -z "$("$ENGINE" ps --all --quiet --filter \
		label=weir.server=uds)"
}
ok "stop ends all of them" ends
plan
