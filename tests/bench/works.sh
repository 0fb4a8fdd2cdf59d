#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bench runs and says what it measured; how fast anything is, is not
# asked here. A class with fewer than six pairs has no interval, and a floor
# with too few samples no value: on a busy machine 5 ms are not many.
. "$(dirname "$0")/../tap.sh"

bench=$top_builddir/tests/bench/bench
TMPDIR=$scratch
export TMPDIR

# runs LINES JQ WORD...: as many lines, of two short pairs each.
runs ()
{
	n=$1 what=$2
	shift 2
	exits 0 "$bench" -w "$WEIR" -o bench.json -n 6 -m 2 -t 5 "$@" &&
		holds bench.json ".schema == \"weir-bench/1\" and
			(.lines | length) == $n and
			all(.lines[]; .pairs_run == 2 and
				.verdict == \"inconclusive\") and ($what)"
}

measured='all(.lines[]; .pairs_discarded == 2 or any(.classes[];
	.weir_median > 0 and .ratio.value > 0 and .ratio.high == null))'

listed ()
{
	exits 0 "$bench" -l && says 'uds block, round trip 64 KiB' "$out"
}

# Without time left each line has one pair.
hurried ()
{
	exits 0 "$bench" -w "$WEIR" -o hurried.json -b 0 -n 6 -t 5 'mq block' &&
		holds hurried.json '(.lines | length) == 3 and
			all(.lines[]; .pairs_run == 1)'
}

floors ()
{
	exits 0 "$bench" -o floors.json -t 5 floors &&
		holds floors.json '.lines == [] and (.figures | length) > 8 and
			all(.figures[]; .value == null or .value > 0) and
			([.figures[] | select(.value)] | length) > 4'
}

refused ()
{
	exits 0 "$bench" -w /bin/false -o refused.json -m 1 -t 5 \
		'uds block, round trip 64 B' &&
		holds refused.json '.lines[0] |
			.verdict == "-" and (.why | contains("ended with 1"))'
}

exits 0 "$bench" -l floors >/dev/null
if test "$code" = 77; then
	echo "1..0 # SKIP needs two CPUs"
	exit 0
fi
ok "its lines are listed" listed
ok "the floors" floors
ok "descriptors, block and spin, in both directions" \
	runs 9 "$measured" 'pipe'
ok "sockets" runs 8 "$measured" 'uds block, round' \
	'seqpacket spin' 'dgram block, round trip 1' 'tcp spin, round trip 1'
ok "shared memory" runs 2 "$measured" 'shm spin'
ok "a time for all lines is kept" hurried
ok "a weir that can't run has no figures" refused
ok "nothing is left behind" nothing_left
plan
