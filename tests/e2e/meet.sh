#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Host and client that meet at a path: who else comes there, who goes before
# the end, and that the next one is served.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs
WEIR_WARMUP=0
TMPDIR=$scratch
export WEIR_PLUGIN_PATH WEIR_WARMUP TMPDIR
visitor=$top_builddir/tests/e2e/visitor
socket=$scratch/run/control

# alone FUNCTION: in a folder of its own, and nobody it started stays.
alone ()
{
	host='' client='' guest=''
	rm -rf "$scratch/run"
	mkdir "$scratch/run"
	"$1"
	result=$?
	for pid in $host $client $guest; do
		kill -KILL "$pid" && wait "$pid"
	done 2>"$scratch/ended"
	return $result
}

# awaits FLAGS...: a host that listens, in the background.
awaits ()
{
	"$WEIR" host -q -v -m uds --msg-count 100 -D repeat=1 \
		--ipc-path "$socket" -o "$scratch/run/result.json" \
		--connect-timeout 50s "$@" >"$scratch/run/host.out" \
		2>"$scratch/run/host" &
	host=$!
	until_true test -S "$socket"
}

# stays FLAGS...: a persistent client, in the background.
stays ()
{
	"$WEIR" client -v --persist --ipc-path "$socket" "$@" \
		2>"$scratch/run/client" &
	client=$!
}

# heard WHO TEXT [N]: one of the two has said it, N times.
heard ()
{
	test "$(grep -cF -- "$2" "$scratch/run/$1")" -ge "${3:-1}"
}

# hears: the same, soon.
hears ()
{
	until_true heard "$@" && return
	cat "$scratch/run/$1"
	return 1
}

# ended CODE: the host has.
ended ()
{
	wait "$host"
	code=$?
	host=
	test "$code" = "$1" && return
	echo "the host's exit code is $code and not $1"
	cat "$scratch/run/host"
	return 1
}

# visits: a stranger, who says what comes on standard input.
visits ()
{
	"$visitor" "$socket" >"$scratch/run/visitor" <"${1:-/dev/null}" &
	guest=$!
	until_true grep -q connected "$scratch/run/visitor"
}

# served: a client comes, and the host has its result.
served ()
{
	exits 0 "$WEIR" client --ipc-path "$socket" && ended 0 &&
		cells "$scratch/run/result.json" 1 true "whole(100)"
}

# dropped TEXT: the host says why, and waits on.
dropped ()
{
	hears host "it was dropped, and the wait for clients goes on" &&
		heard host "$1"
}

second_host ()
{
	awaits && exits 2 "$WEIR" host -q -m uds --ipc-path "$socket" \
		-o second.json && says "another host listens on" "$err" &&
		dropped "a visitor (pid " && served
}
ok "a second host is refused and does not end the first one's wait" \
	alone second_host

garbage ()
{
	echo "GET / HTTP/1.0" >"$scratch/run/words"
	awaits && visits "$scratch/run/words" &&
		dropped "it does not speak weir's protocol" && served
}
ok "a visitor that speaks garbage is dropped" alone garbage

# A minute is longer than the test may take.
silent ()
{
	awaits --silence-timeout 60s && visits && served
}
ok "a silent visitor keeps no client from coming" alone silent

silent_goes ()
{
	awaits --silence-timeout 1s && visits && wait "$guest" &&
		dropped "has been silent for" && served
}
ok "a silent visitor is dropped" alone silent_goes

client_goes ()
{
	awaits --clients 2 --concurrency 2 && stays &&
		hears host "is a client" || return
	kill -KILL "$client" && wait "$client"
	dropped "has closed the control connection" || return
	stays && served
}
ok "a client that dies before the others have come is dropped" alone client_goes

says_who ()
{
	awaits --connect-timeout 1s --clients 2 --concurrency 2 && stays && ended 124 &&
		heard host "only 1 of 2 clients came to"
}
ok "who waits in vain says how many came" alone says_who

plan
