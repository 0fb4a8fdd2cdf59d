#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The evaluation of the comparison records, splits and counts; what share it
# finds is not asked here (docs/MEASUREMENT.md).
. "$(dirname "$0")/../tap.sh"

BUILD=$(cd "$top_builddir" && pwd)
export BUILD
evaluation=$(cd "$top_srcdir/tests/bench" && pwd)/compare_eval.sh

records ()
{
	# On one CPU a cell that spins is refused, and one is left.
	exits 0 env PARTS=1 TRIALS=26 DURATION=2ms TESTS=20 KEEP=record \
		"$evaluation" &&
		says "block/round_trip/1Ki/process/1: 26 trials, " "$out"
}
ok "it records trials" records
distances ()
{
	awk '$2 !~ /^([0-9.]+[.][.][0-9.]*|unclear)$/ { print; bad = 1 }
		END { exit bad || NR < 26 }' record
}
ok "and with each the distance of its CPUs" distances

# One figure of a hundred blocks, and it is known.
known ()
{
	awk 'BEGIN { srand(1); for (i = 0; i < 400; i++)
		print "cell", "near", 100 + rand(), "null", "null" }' >record
	exits 0 env TESTS=50 "$evaluation" "$PWD/record" &&
		says "cell: 400 trials, 1 classes, 100 blocks" "$out" &&
		says "cell: 10 % slower seen in 100.0 %" "$out"
}
ok "a slowdown that nothing hides is always seen" known

# Trials of two classes are in no block together.
parted ()
{
	awk 'BEGIN { for (i = 0; i < 80; i++)
		print "cell", i % 2 ? "near" : "far", i % 2 ? 1 : 5, 1, 1 }' \
		>record
	exits 0 env TESTS=20 "$evaluation" "$PWD/record" &&
		says "2 classes, 20 blocks" "$out" &&
		says "false differences: 0.0 %" "$out"
}
ok "blocks are of one distance class" parted
plan
