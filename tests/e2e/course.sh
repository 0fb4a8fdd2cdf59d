#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The course of a run: who begins, how long it goes on, what is counted, and
# in which order the trials come.
. "$(dirname "$0")/../tap.sh"

modules=$top_builddir/tests/e2e/.libs # test-only transports
WEIR_PLUGIN_PATH=$modules:$top_builddir/plugins/.libs
WEIR_WARMUP=0
export WEIR_PLUGIN_PATH WEIR_WARMUP

# run MECHANISMS [-D …]: both patterns, into result.json.
run ()
{
	mechanisms=$1
	shift
	exits 0 "$WEIR" run -q -m "$mechanisms" -D repeat=1 \
		-D matrix.pattern=[round_trip,one_way] -o result.json "$@"
}

client_begins ()
{
	run uds,shm,pipe --msg-count 100 -D initiator=client -D verify=full &&
		cells result.json 6 true "whole(100)" &&
		cells result.json 6 true ".latency_ns.samples == 100"
}
ok "the client may begin" client_begins

# The ledger is a transport that counts what it was given.
# sender WHO OTHER: of the messages one way, all but a few marks are WHO's:
# some at both ends, and one there and back for each segment.
sender ()
{
	run ledger --msg-count 1000 -D initiator="$1" &&
		cells result.json 1 '.pattern == "one_way"' \
			"([.distance[].segments] | add + 10) as \$marks |
			.counters.$1.sends > 1000 and
			.counters.$2.receives > 1000 and
			.counters.$2.sends < \$marks and
			.counters.$1.receives < \$marks"
}
ok "one way, the host sends" sender host client
ok "one way, the client sends when it is the initiator" sender client host

first_counts ()
{
	run uds,shm,pipe --msg-count 100 -D include_first_message=true &&
		cells result.json 6 true "whole(101)" &&
		cells result.json 6 true ".latency_ns.samples == 101 and
			.first_message_ns > 0 and
			.latency_ns.max >= .first_message_ns"
}
ok "the first message is counted when asked for" first_counts

# Every one of two channels has a first message.
first_of_each ()
{
	run uds --msg-count 100 -D include_first_message=true \
		--concurrency 2 && cells result.json 2 true "whole(101)"
}
ok "the first message of every channel" first_of_each

first_apart ()
{
	run uds,shm,pipe --msg-count 100 &&
		cells result.json 6 true "whole(100) and .first_message_ns > 0"
}
ok "the first message is apart" first_apart

by_duration ()
{
	run uds,shm,pipe --duration 50ms &&
		cells result.json 6 true ".messages > 0 and
			whole(.messages) and
			(.elapsed_ns >= 50000000 or .pattern == \"one_way\")"
}
ok "a duration is kept" by_duration

# Warmed up by time or by messages, the count is the same.
warm ()
{
	run uds,shm --msg-count 100 -D "$1" &&
		cells result.json 4 true "whole(100)"
}
ok "a warm-up by time is not counted" warm warmup=20ms
ok "a warm-up by messages is not counted" warm warmup_count=70

# What reaches the transport, less the marks of the segments: a warm-up is its
# messages and marks more.
given ()
{
	run ledger --msg-count 100 "$@" &&
		jq '.cells[0] | .counters.host.sends -
			([.distance[].segments] | add)' result.json
}

warmed ()
{
	none=$(given) && some=$(given -D warmup_count=70) || return
	test $((some - none)) -ge 70 && test $((some - none)) -lt 80 ||
		{ echo "$some sends with the warm-up, $none without"; return 1; }
}
ok "a warm-up uses the same channel" warmed

trials ()
{
	run uds --msg-count 30 -D repeat=4 &&
		cells result.json 2 true "whole(120) and
			([.trials[].index] | sort) == [0, 1, 2, 3] and
			all(.trials[]; .messages == 30 and .status == \"ok\")"
}
ok "trials are repeated, and add up" trials

everything ()
{
	exits 0 "$WEIR" run -q -m all --msg-count 20 -D repeat=1 \
		-o result.json ||
		return
	holds result.json '[.cells[].plugin] | contains(["mq", "pipe", "shm", "tcp", "uds"])
		and (index("null") | not)'
}
# Without the modules of tests, which -m all would take too.
unset WEIR_PLUGIN_PATH
ok "-m all is every transport that carries something" everything

# order SEED: the trials as the client's log tells them.
order ()
{
	run uds,shm,pipe --message-size 1,2 --msg-count 2 -D repeat=2 -v \
		${1:+-D "seed=$1"} || return
	printf '%s\n' "$err" | sed -n 's/.*info: trial //p' >"order${2:-}"
	test "$(wc -l <"order${2:-}")" -eq 24
}

repeats ()
{
	order 42 .1 && order 42 .2 && cmp order.1 order.2
}
ok "a seed gives the same order again" repeats

differs ()
{
	order 42 .1 && order 43 .2 || return
	! cmp -s order.1 order.2 || { cat order.1; return 1; }
}
ok "another seed gives another order" differs

# The seed that the kernel gave is in the results.
recorded ()
{
	order '' .1 || return
	seed=$(jq -r .seed result.json)
	order "$seed" .2 && cmp order.1 order.2
}
ok "the seed of a run without one can be given to the next" recorded

blocks ()
{
	order 42 .1 && sort -u order.1 >cells && test "$(wc -l <cells)" -eq 12 &&
		head -n 12 order.1 | sort | cmp - cells
}
ok "every cell has its turn before any has a second one" blocks

plan
