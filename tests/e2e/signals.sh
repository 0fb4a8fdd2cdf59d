#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ctrl-C and its kin end a run soon and in order: the results so far are
# written, nothing stays, and the program dies by the signal it was sent.
. "$(dirname "$0")/../tap.sh"

tools=$top_builddir/tests/e2e
WEIR_PLUGIN_PATH=$tools/.libs:$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# interrupted STATUSES: a valid result of a run that a signal ended.
interrupted ()
{
	holds result.json '.schema == "weir-result/1" and .interrupted and
		.complete == false' &&
		holds result.json "[.cells[].status] == $1" && return
	jq -c '[.interrupted, .cells[].reason]' result.json
	return 1
}

# died SIGNAL: so said `ends` of the program.
died ()
{
	test "$(cat how)" = "signal $1" && return
	echo "ended with $(cat how) and not signal $1"
	return 1
}

# raised AT WHAT AFTER ARGUMENT...: the transport raises a signal in the
# host, in call AFTER of AT.
raised ()
{
	at=$1 what=$2 after=$3
	shift 3
	rm -f once result.json .result.json.* how
	exits 0 "$tools/ends" $ignoring how "$WEIR" run -m faulty \
		--msg-count 1000 -D repeat=2 -D warmup=0 \
		-D transports.faulty.at="$at" \
		-D transports.faulty.what="$what" \
		-D transports.faulty.after="$after" \
		-D transports.faulty.times=1 \
		-D transports.faulty.once="$scratch/once" \
		-D transports.faulty.side=host -o result.json "$@"
}
ignoring=

in_region ()
{
	what=$1 number=$2
	shift 2
	raised recv "$what" 500 "$@" && died "$number" &&
		interrupted '["not_run"]' && nothing_left
}
ok "SIGINT in the timed region" in_region int 2
ok "SIGTERM in the timed region" in_region term 15
ok "SIGHUP in the timed region" in_region hup 1
ok "SIGINT in the timed region, between threads" in_region int 2 \
	-D matrix.boundary=thread
ok "SIGINT in the timed region, with four channels" in_region int 2 \
	--concurrency 4

in_warmup ()
{
	rm -f .result.json.*
	exits 0 "$tools/ends" how "$WEIR" run -m faulty --msg-count 1000 \
		-D repeat=1 -D warmup_count=1000 -D transports.faulty.at=recv \
		-D transports.faulty.what=int -D transports.faulty.after=500 \
		-D transports.faulty.times=1 -D transports.faulty.side=host \
		-o result.json &&
		died 2 && interrupted '["not_run"]' && nothing_left
}
ok "SIGINT in the warm-up" in_warmup
in_setup ()
{
	raised offer int 0 && died 2 && interrupted '["not_run"]' &&
		nothing_left
}
ok "SIGINT during set-up" in_setup

# The channel's end is the trial's: the first trial is whole, the second is
# not begun.
between ()
{
	raised close "$1" 0 && died "$2" && interrupted '["ok"]' &&
		holds result.json '.cells[0] | .messages == 1000 and
			(.trials | length) == 1' && nothing_left
}
ok "SIGINT between trials" between int 2
ok "SIGTERM between trials" between term 15

# The first probe of a search is whole, the second is not begun.
search ()
{
	rm -f result.json .result.json.*
	exits 0 "$tools/ends" how "$WEIR" run -m faulty -D repeat=1 \
		-D matrix.pattern=paced -D matrix.rate=search -D warmup=0 \
		-D matrix.direction=one_way -D slo.below=1s --duration 50ms \
		-D transports.faulty.at=close -D transports.faulty.what=int \
		-D transports.faulty.side=host -o result.json &&
		died 2 && interrupted '["not_run"]' && nothing_left &&
		holds result.json '.cells[0] | .messages == 0 and
			.search.complete == false and
			(.search.summary | startswith("cut short; so far ")) and
			(.trials | length == 1 and .[0].status == "not_run") and
			(.trials[0].search | .complete == false and
				(.steps | length == 1 and .[0].rate_per_s ==
				1000 and (.[0] | .passes + .fails + .unclear) ==
				1 and .[0].messages > 0))'
}
ok "SIGINT keeps what a search has tried" search

# The order of two cells is the seed's: in one of these pipe comes first.
finished_stay ()
{
	for seed in 1 2 3 4 5 6 7 8 9; do
		raised recv int 500 -m faulty,pipe -D repeat=1 \
			-D seed=$seed && died 2 && nothing_left || return
		interrupted '["not_run", "ok"]' && return
		interrupted '["not_run", "not_run"]' || return
	done
	return 1
}
ok "the finished cells are in the results" finished_stay

# A second signal

twice ()
{
	raised recv insist 500 && died 2 && test ! -e result.json
}
ok "a second Ctrl-C kills" twice
# As `timeout` sends it: to the program, and at once to its group.
ok "a signal that comes twice at once is one" in_region double 15
# It must not hang on a transport that doesn't hear of a cancel.
ok "a transport that is deaf to the cancel" in_region deaf 2
ok "a transport that is deaf to the cancel, between threads" \
	in_region deaf 2 -D matrix.boundary=thread
in_client_thread ()
{
	in_region deaf 2 -D matrix.boundary=thread \
		-D transports.faulty.side=client
}
ok "a client thread that is deaf to the cancel" in_client_thread

ignored ()
{
	ignoring=-i
	raised recv int 500 && test "$(cat how)" = "exit 0" &&
		holds result.json '.complete and .interrupted == false'
}
ok "what the parent ignores stays ignored" ignored

# As the first process of a PID namespace

as_init ()
{
	rm -f result.json
	exits 0 "$tools/ends" how unshare $private "$WEIR" run -m faulty \
		--msg-count 1000 -D repeat=1 -D warmup=0 \
		-D transports.faulty.at=recv -D transports.faulty.what="$1" \
		-D transports.faulty.after=500 -D transports.faulty.times=1 \
		-D transports.faulty.side=host -o result.json &&
		interrupted '["not_run"]' && nothing_left || return
	test "$(cat how)" = "exit $2" && return
	echo "ended with $(cat how) and not exit $2"
	return 1
}
for private in '-fp --mount-proc' '-rfp --mount-proc' ''; do
	# shellcheck disable=SC2086 # several words
	test -z "$private" || unshare $private true 2>/dev/null && break
done
if test -n "$private"; then
	ok "SIGTERM to PID 1 is exit code 143" as_init term 143
	ok "SIGINT to PID 1 is exit code 130" as_init int 130
else
	skip "SIGTERM to PID 1 is exit code 143" "no PID namespace to be had"
	skip "SIGINT to PID 1 is exit code 130" "no PID namespace to be had"
fi

# From outside, a whole process group at once as a terminal does it, while the
# clock runs

is_measuring ()
{
	host=$(children "$ends") && client=$(children "${host:-1}") || return
	test -n "$host" && test -n "$client" &&
		test "$(ls "/proc/$client/task" | wc -l)" -ge 3
}

# start TRANSPORT [-D …]: until its threads are there.
start ()
{
	transport=$1
	shift
	rm -f result.json .result.json.* how
	"$tools/ends" how "$WEIR" run -m "$transport" --duration 60s \
		-D repeat=1 "$@" -o result.json >table 2>&1 &
	ends=$!
	until_true is_measuring 2>/dev/null && return
	echo "it never measured"
	cat table
	return 1
}

# Two seconds are the promise, the third is the machine's.
stop ()
{
	since=$(date +%s)
	kill "$@" && wait "$ends" && test $(($(date +%s) - since)) -le 3
}

by_path ()
{
	start "$1" -D "transports.$1.rendezvous=path" &&
		stop -s "$2" -- "-$host" && died "$3" &&
		interrupted '["not_run"]' && nothing_left
}
ok "Ctrl-C to the whole group, uds by path" by_path uds INT 2
ok "SIGTERM to the whole group, pipe by path" by_path pipe TERM 15
ok "SIGHUP to the whole group, shm by path" by_path shm HUP 1

spinning ()
{
	start shm -D transports.shm.wait=spin -D cpu.host=none \
		-D cpu.client=none &&
		stop -s INT "$host" && died 2 && interrupted '["not_run"]' &&
		nothing_left
}
ok "Ctrl-C while both sides spin" spinning

gone ()
{
	case $(cat "/proc/$1/stat" 2>/dev/null) in
	''|*') Z '*) ;;
	*) return 1 ;;
	esac
}

# What ends a run comes to its whole group, in any order; were the client to
# end by it first, the host would take that for a fault.
deaf ()
{
	start "$1" || return
	for signal in INT HUP TERM; do
		kill -s "$signal" "$client" || return
	done
	stop -s TERM "$host" && died 15 && interrupted '["not_run"]' &&
		nothing_left
}
ok "a client leaves the signals to its host" deaf uds

orphan ()
{
	start "$1" && stop -s KILL "$host" && died 9 &&
		until_true gone "$client" && no_process &&
		test $(($(date +%s) - since)) -le 3
}
ok "kill -9 of the host ends the client" orphan uds
ok "kill -9 of the host ends a client that reads a ring" orphan shm

plan
