#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Host and client that meet at a path: who else comes there, who goes before
# the end, and that the next one is served.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs:$top_builddir/plugins/.libs
WEIR_WARMUP=0
TMPDIR=$scratch
export WEIR_PLUGIN_PATH WEIR_WARMUP TMPDIR
visitor=$top_builddir/tests/e2e/visitor
socket=$scratch/run/meet/control

# alone FUNCTION: in a folder of its own, and nobody it started stays.
alone ()
{
	host='' client='' guest=''
	rm -rf "$scratch/run"
	mkdir -p "$scratch/run/meet"
	"$1"
	result=$?
	for pid in $host $client $guest; do
		kill -KILL "$pid" && wait "$pid"
	done 2>"$scratch/ended"
	return $result
}

# hosts FLAGS...: a host, in the background.
hosts ()
{
	case "$*" in *--duration*) ;; *) set -- --msg-count 100 "$@" ;; esac
	"$WEIR" host -q -v -m uds -D repeat=1 --ipc-path "$socket" \
		-o "$scratch/run/result.json" --connect-timeout 50s "$@" \
		>"$scratch/run/host.out" 2>"$scratch/run/host" &
	host=$!
}

# awaits FLAGS...: a host that listens: for who has no client yet, for one that
# stays may have been served, and the socket be gone, before anybody looks.
awaits ()
{
	hosts "$@"
	until_true test -S "$socket"
}

# stays FLAGS...: a persistent client, in the background.
stays ()
{
	"$WEIR" client "$patient" -v --persist --ipc-path "$socket" "$@" \
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
	exits 0 "$WEIR" client "$patient" --ipc-path "$socket" && ended 0 &&
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
	echo precious >second.json
	awaits && exits 2 "$WEIR" host -q -m uds --ipc-path "$socket" \
		-o second.json && says "another host listens on" "$err" &&
		test "$(cat second.json)" = precious && test ! -s "$out" &&
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

# What is short for the visitor a starved client may exceed, too.
silent_goes ()
{
	for seconds in 1 4 16; do
		awaits --silence-timeout ${seconds}s && visits &&
			wait "$guest" && dropped "has been silent for" || return
		served && return
		wait "$host"
	done
	return 1
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

# joins: a client that gives a silent host up, in the background.
joins ()
{
	"$WEIR" client --silence-timeout 2s --ipc-path "$socket" \
		2>"$scratch/run/client" &
	client=$!
}

# goes_on: the host, which is stopped, once its client has given it up.
goes_on ()
{
	! wait "$client" && kill -s CONT "$host"
}

# A host that was stopped is told so by the client that is gone meanwhile.
host_stops ()
{
	awaits --clients 2 --concurrency 2 && joins &&
		hears host "is a client" && kill -s STOP "$host" && goes_on &&
		dropped "the host has been silent for" && stays && served
}
ok "a host that is stopped while it waits hears why its client went" \
	alone host_stops

host_stops_between ()
{
	hosts -m faulty -D transports.faulty.at=collect -D repeat=2 \
		-D transports.faulty.what=stop \
		-D transports.faulty.side=host && joins &&
		until_true grep -qs "^State:.T" "/proc/$host/status" &&
		goes_on && ended 1 && heard host "the host has been silent for"
}
ok "and between two trials" alone host_stops_between

# How long the one that stays takes to come is the machine's to say.
says_who ()
{
	stays || return
	for seconds in 1 2 4 8 16 32; do
		hosts --connect-timeout ${seconds}s --clients 2 \
			--concurrency 2 && ended 124 || return
		! heard host "only 1 of 2 clients came to" || return 0
	done
	cat "$scratch/run/host"
	return 1
}
ok "who waits in vain says how many came" alone says_who

is_told_apart ()
{
	stays && until_true grep -qx weir-client "/proc/$client/comm"
}
ok "a client is told from a host by its name in top" alone is_told_apart

# A client that stays, hears BYE and comes back must not find the old host.
one_after_the_other ()
{
	stays || return
	for run in 1 2 3 4 5 6 7 8 9 10; do
		hosts && ended 0 || return
	done
	hears client "a host is there" 10 && ! heard client warn:
}
ok "who stays serves one host after the other" alone one_after_the_other

# The next host finds the dead one's socket, and replaces it.
host_is_killed ()
{
	stays || return
	hosts --duration 60s && hears client "trial uds" || return
	kill -KILL "$host"
	ended 137
	hears client "warn: the host" && test -S "$socket" &&
		hosts && ended 0 &&
		cells "$scratch/run/result.json" 1 true "whole(100)"
}
ok "who stays survives a host that is killed, and serves the next" \
	alone host_is_killed

# seen_from CLIENT...: that one has another name for the socket's folder, in
# which all transports meet by path.
seen_from ()
{
	awaits -m uds,pipe,shm -D transports.uds.rendezvous=path \
		-D transports.pipe.rendezvous=path \
		-D transports.shm.rendezvous=path -D trust_peer=true || return
	exits 0 "$@" && ended 0 &&
		cells "$scratch/run/result.json" 3 true "whole(100)" &&
		test -z "$(ls "$scratch/run/meet")"
}

by_link ()
{
	ln -s meet "$scratch/run/link"
	seen_from "$WEIR" client "$patient" \
		--ipc-path "$scratch/run/link/control"
}
ok "by path, where the client has another name for the folder" alone by_link

from_inside ()
{
	cd "$scratch/run/meet" && seen_from "$WEIR" client "$patient" \
		--ipc-path control
}
ok "by path, where the client is in the folder" alone from_inside

# What the host calls the folder is nothing for the client, as in a container.
mounted ()
{
	mkdir "$scratch/run/app"
	# shellcheck disable=SC2016 # of the inner shell
	seen_from unshare -m sh -c 'mount --bind "$1/meet" "$1/app" &&
		mount -t tmpfs none "$1/meet" &&
		exec "$2" client "$3" --ipc-path "$1/app/control"' sh \
		"$scratch/run" "$WEIR" "$patient"
}
if unshare -m mount -t tmpfs none "$scratch" 2>"$scratch/why"; then
	ok "by path, where the client sees the folder elsewhere" alone mounted
else
	skip "by path, where the client sees the folder elsewhere" \
		"nothing can be mounted here"
fi

distrusts ()
{
	awaits -m shm -D transports.shm.rendezvous=path && stays && ended 3 &&
		holds "$scratch/run/result.json" '.cells[0] |
			.status == "refused" and
			(.reason | contains("set trust_peer = true"))'
}
ok "memory that can't be sealed is refused, unless trust_peer is set" \
	alone distrusts

is_stopped ()
{
	grep -q '^State:.T' "/proc/$client/status"
}

# pauses FLAGS...: a host whose client stands still in the midst of a trial by
# the transport faulty, until it is told to continue.
pauses ()
{
	hosts --silence-timeout 60s -D stall_timeout=60s \
		-D transports.faulty.at=recv -D transports.faulty.what=pause \
		-D transports.faulty.after=50 -D transports.faulty.times=1 \
		-D transports.faulty.once="$scratch/run/once" \
		-o "$scratch/result.json" "$@"
	until_true is_stopped
}

# Those who are there go on, and are told in the trial that follows; then the
# folder is made anew, and found.
folder_goes ()
{
	stays && pauses -m faulty --duration 1s -D repeat=2 || return
	mv "$scratch/run/meet" "$scratch/run/gone"
	kill -CONT "$client"
	ended 0 && heard host "\"$socket\" was removed or replaced" ||
		return
	holds "$scratch/result.json" '.complete and
		(.warnings | any(contains("was removed or replaced")))' &&
		hosts -o "$scratch/result.json" && ended 0
}
ok "a folder that goes during a run is named" alone folder_goes

by_path ()
{
	stays || return
	pauses -m uds,faulty -D transports.uds.rendezvous=path -D repeat=2 ||
		return
	rm -r "$scratch/run/meet"
	kill -CONT "$client"
	ended 1 && holds "$scratch/result.json" '.cells[] |
		select(.transport == "uds") | .status == "failed" and
		(.reason | contains("'"$scratch/run/meet"'"))'
}
ok "and so where transports meet in it" alone by_path

# As under a container that has mounted it.
folder_deleted ()
{
	(cd "$scratch/run/meet" && exec "$WEIR" client --persist \
		--ipc-path control 2>"$scratch/run/client") &
	client=$!
	until_true grep -qx weir-client "/proc/$client/comm" &&
		rmdir "$scratch/run/meet" || return
	wait "$client"
	test $? = 3 && heard client "was deleted under this client"
}
ok "who waits in a folder that is deleted ends" alone folder_deleted

# Six times, with longer and longer pauses: without any it takes no time.
turned_away ()
{
	mkfifo "$scratch/run/took"
	"$visitor" -l "$socket" 6 >"$scratch/run/took" &
	guest=$!
	stays && read -r took <"$scratch/run/took" && echo "$took ms" &&
		test "$took" -gt 1000 &&
		test "$(grep -c warn: "$scratch/run/client")" -le 2
}
ok "who is turned away does not come back all the time" alone turned_away

plan
