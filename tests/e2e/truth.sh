#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What weir reports is what happened. The transport `delay` holds up messages
# by a known law and records how long each one took; tests/e2e/ranks.c holds
# the reported percentiles, minimum, maximum and sum against the record, with
# certainty, and against the law, by the ranks of a binomial.
#
# False alarms: none by the record; by the law one in 10000 runs of this whole
# test, over all of its comparisons, however loaded the machine is.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# Percentiles that are compared, and how often that is done below.
percentiles=10,25,50,75,90,95,99
comparisons=$((9 * 7))
seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')

figures='.cells[0].trials[0].latency_ns | "samples \(.samples)",
	"min \(.min)", "max \(.max)", "sum \(.sum)",
	(to_entries[] | select((.key | test("^p[0-9]")) and .value != null) |
		"\(.key[1:] | sub("_"; ".")) \(.value)")'

# delayed LAW N SIDE [-D …]: runs N messages; the end SIDE delays.
delayed ()
{
	law=$1 count=$2 side=$3
	shift 3
	rm -f record
	seed=$((seed + n_cases))
	exits 0 "$WEIR" run -q -m delay --msg-count "$count" \
		--message-size 64 -D repeat=1 -D warmup=0 \
		-D silence_timeout=1m -D stall_timeout=1m \
		-D percentiles="[$percentiles]" \
		-D transports.delay.law="$law" \
		-D transports.delay.side="$side" \
		-D transports.delay.seed="$seed" \
		-D transports.delay.record="$scratch/record" \
		-o result.json "$@" || return
	echo "law $law, seed $seed"
	jq -r "$figures" result.json >figures &&
		"$top_builddir/tests/e2e/ranks" record "$law" "$comparisons" \
			<figures && return
	cat figures
	return 1
}

ok "round trips, delays all over" delayed uniform 2000 host
ok "round trips, delays of two kinds" delayed bimodal 2000 host
ok "round trips, stalls" delayed stalls 2000 host
ok "one way, a channel that is full" delayed uniform 2000 client \
	-D matrix.pattern=one_way

# scheduled N GAP_NS: the due times are a gap apart, all of them.
scheduled ()
{
	awk -v n="$1" -v gap="$2" 'NR == 1 { first = $4 }
		{ off = $4 - first - (NR - 1) * gap }
		off < -1 || off > 1 { wrong++ }
		END { print NR " due times, " wrong + 0 " off"
			exit NR != n || wrong }' record
}

open_loop ()
{
	law=$1 side=$2 direction=$3
	delayed "$law" 1500 "$side" -D matrix.pattern=paced -D matrix.rate=1500 \
		-D matrix.direction="$direction" -D transports.delay.due=true &&
		scheduled 1500 666666.6666667
}
ok "open loop, delays all over" open_loop uniform host round_trip
ok "open loop, stalls" open_loop stalls host round_trip
ok "open loop one way, delays of two kinds" open_loop bimodal client one_way

# The counter is calibrated against the clock; that the transport's record is
# made by it, too, is what both sides of a comparison have in common.
if "$WEIR" run -q -m null --msg-count 10 -D repeat=1 -D clock=tsc \
	-o result.json >/dev/null 2>&1; then
	ok "round trips by the time stamp counter" delayed bimodal 2000 host \
		-D clock=tsc
	ok "one way by the time stamp counter" delayed uniform 2000 client \
		-D clock=tsc -D matrix.pattern=one_way
else
	for what in "round trips" "one way"; do
		skip "$what by the time stamp counter" \
			"$(jq -r '.cells[0].reason' result.json)"
	done
fi

plan
