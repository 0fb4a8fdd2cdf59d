#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records trials that are all alike and says how often the comparison of
# core/stats/compare.h calls them different, and how often it sees a cell that
# is ten per cent slower (docs/MEASUREMENT.md has the figures).
#
#	tests/bench/compare_eval.sh [RECORD]
#
# RECORD, made before, is not made again. From the environment: PREFIX (a
# command that runs each part of the recording, such as "chrt -f 10"), PARTS
# (of 50 trials of each cell: 4), TRIALS (of a part), TESTS (400), SEED (1),
# DURATION (of a trial: 100ms), BUILD (the build folder: .).
set -eu
LC_ALL=C
export LC_ALL

build=${BUILD:-.}
record=${1:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# What a blocking and what a spinning cell look like.
cat >"$scratch/cells.cfg" <<'END'
name = "compare";
matrix: {
	transport = ["block", "spin"];
	pattern = "round_trip";
	size = "1Ki";
};
warmup = "20ms";
transports: {
	block: { plugin = "uds"; wait = "block"; };
	spin: { plugin = "shm"; wait = "spin"; };
};
END

# Trials in the order in which they ran, each with the class of distance that
# it was longest in.
lines='def class: if . == null then "-" elif .clear then
		"\(.from_ns // 0)..\(.below_ns // "")" else "unclear" end;
	[.cells[] | .id as $id | .trials[] | select(.status == "ok") |
	{ id: $id, t: .started_ns, l: .latency_ns,
	  c: (.distance // [] | max_by(.share) | class) }] |
	sort_by(.t) | .[] |
	[.id, .c, .l.p50, .l.p90, .l.p99] |
	map(if . == null then "null" else tostring end) | join(" ")'

if test -z "$record"; then
	record=$scratch/record
	part=0
	while test "$part" -lt "${PARTS:-4}"; do
		# shellcheck disable=SC2086 # PREFIX is words
		${PREFIX:-} "$build/weir" run -q "$scratch/cells.cfg" \
			-D repeat="${TRIALS:-50}" \
			-D duration="${DURATION:-100ms}" \
			-o "$scratch/part.json" >/dev/null
		jq -r "$lines" "$scratch/part.json" >>"$record"
		part=$((part + 1))
	done
	test -z "${KEEP:-}" || cp "$record" "$KEEP"
fi
"$build/tests/bench/compare_eval" "${TESTS:-400}" "${SEED:-1}" <"$record"
