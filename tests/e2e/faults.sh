#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The other side dies, stops, hangs, lies: the host names who and when,
# within the silence timeout, exits 1, and leaves nothing behind.
. "$(dirname "$0")/../tap.sh"

modules=$top_builddir/tests/e2e/.libs # test-only transports
WEIR_PLUGIN_PATH=$modules:$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# fault AT WHAT [-D …]: one good cell by uds, then the fault.
fault ()
{
	at=$1 what=$2
	shift 2
	exits 1 "$WEIR" run -m uds,faulty --msg-count 1000 \
		-D transports.faulty.plugin=faulty -D repeat=1 \
		-D transports.faulty.at="$at" -D transports.faulty.what="$what" \
		-o result.json -v "$@" || return
	nothing_left
}

# reason TEXT: the failed cell says it, in the file and on the table.
reason ()
{
	says "$1" "$out" &&
		holds result.json ".complete == false" &&
		holds result.json ".cells[] | select(.plugin == \"faulty\") |
			.status == \"failed\" and (.reason | contains(\"$1\"))"
}

# dies AT STAGE [-D …] / stops AT STAGE [-D …]
dies ()
{
	at=$1 stage=$2
	shift 2
	fault "$at" kill "$@" && reason "$stage: the client (pid " &&
		reason "it was killed by signal 9 (Killed)"
}

stops ()
{
	unset WEIR_SILENCE_TIMEOUT
	at=$1 stage=$2
	shift 2
	fault "$at" stop "$@" && reason "$stage: the client (pid " &&
		reason "has been silent for"
}

for boundary_case in join:'during set-up' recv:'before the first message' \
	collect:'while the client sent its results'; do
	ok "the client is killed in ${boundary_case%%:*}" \
		dies "${boundary_case%%:*}" "${boundary_case#*:}"
	ok "the client is stopped in ${boundary_case%%:*}" \
		stops "${boundary_case%%:*}" "${boundary_case#*:}"
done

# The answer to the last mark comes behind the first message, the start mark
# and 100. The host grants its thread 250 ms to look for it: on a busy machine
# that may not be enough, but it is so once in ten times.
unmarked ()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		dies collect "while the client sent its results" \
			--msg-count 100 -D warmup=0 \
			-D transports.faulty.outlive=102 && return
	done
	return 1
}
ok "the client is dead before its last mark is seen" unmarked
ok "the client is killed in the timed region" \
	dies recv "in the timed region" -D transports.faulty.after=500 \
	-D warmup=0
ok "the client is stopped in the timed region" \
	stops recv "in the timed region" -D transports.faulty.after=500 \
	-D warmup=0
ok "the client is killed in the warm-up" \
	dies recv "in the warm-up" -D transports.faulty.after=500 \
	-D warmup_count=1000

# The host is stopped until the client has given it up: then it hears why.
host_stops ()
{
	unset WEIR_SILENCE_TIMEOUT
	begin -m faulty --msg-count 1000 -D repeat=1 -D warmup=0 \
		-D transports.faulty.at=recv -D transports.faulty.what=stop \
		-D transports.faulty.after=500 -D transports.faulty.times=1 \
		-D transports.faulty.side=host -o result.json
	until_true is_in T "$host" && until_true is_in Z "$(children "$host")"
	gone=$?
	kill -s CONT "$host"
	wait "$host"
	test $? = 1 && test $gone = 0 || return
	out=$(cat "$scratch/stdout")
	reason "in the timed region: the client (pid " &&
		reason "the host has been silent for" && nothing_left
}

# is_in STATE PID
is_in ()
{
	test "$(ps -o s= -p "$2")" = "$1"
}
ok "who was stopped itself is told so" host_stops

early ()
{
	test "$1" != stop || unset WEIR_SILENCE_TIMEOUT
	exits 1 env EARLY="$1" LD_PRELOAD="$modules/early.so" \
		ASAN_OPTIONS=verify_asan_link_order=0 \
		"$WEIR" run -m faulty --msg-count 10 -D repeat=1 \
		-o result.json || return
	reason "before the handshake: the client (pid " && reason "$2" &&
		nothing_left
}
ok "the client is killed before the handshake" \
	early kill "it was killed by signal 9 (Killed)"
ok "the client is stopped before the handshake" \
	early stop "has been silent for"

fails ()
{
	fault "$1" fail && reason "a fault was asked for"
}
ok "the client's transport fails in join" fails join
ok "the client's transport fails in recv" fails recv
ok "the client's transport fails in send" fails send

host_fails ()
{
	fault "$1" fail -D transports.faulty.side=host &&
		reason "a fault was asked for"
}
ok "the host's transport fails in recv" host_fails recv
ok "the host's transport fails in send" host_fails send

# The sentence is the core's then, and not one of another failure.
is_mute ()
{
	fault "$1" mute -D transports.faulty.side="$2" && reason "$3"
}
ok "a transport that returns nonsense from offer is named" \
	is_mute offer host "returned 9999 from offer"
ok "a transport that returns nonsense from join is named" \
	is_mute join client "returned 9999 from join"
ok "a transport that returns nonsense from recv fails as any other" \
	is_mute recv client "unknown status"

ends_host ()
{
	exits 1 "$WEIR" run -m faulty --msg-count 10 -D repeat=1 \
		-D transports.faulty.at=recv -D transports.faulty.what=exit \
		-D transports.faulty.side=host -o result.json &&
		says "a transport has called exit(0)" "$err" || return
	rm -f .result.json.*.tmp
	until_true nothing_left
}
ok "a transport that ends the host is no success" ends_host

ends_client ()
{
	fault recv exit && says "a transport has called exit(0)" "$err" &&
		reason "it ended with exit code 1"
}
ok "a transport that ends the client is named" ends_client

hangs ()
{
	fault "$1" hang -D transports.faulty.side="$2" -D stall_timeout=1s \
		-D transports.faulty.after=100 &&
		reason "no message moved for 1s though both sides are alive"
}
ok "a transport that hangs on the client is named" hangs recv client
ok "a transport that hangs on the host is named" hangs send host

# What was wrong is said; that the client then ended adds nothing to it.
babbles ()
{
	fault join babble && reason "it does not speak weir's protocol" &&
		holds result.json 'any(.cells[].reason; .) and
			all(.cells[].reason // ""; contains("exit") | not)'
}
ok "a client that babbles is named, and not its end" babbles

others_go_on ()
{
	fault join fail &&
		holds result.json '.cells[] | select(.plugin == "uds") |
			.status == "ok"'
}
ok "a cell that fails does not stop the others" others_go_on


in_thread ()
{
	fault "$1" "$2" -D matrix.boundary=thread -D stall_timeout=1s &&
		reason "$3"
}
ok "a failing transport at the boundary thread" \
	in_thread recv fail "a fault was asked for"
ok "a hanging transport at the boundary thread" \
	in_thread join hang "the client"

plan
