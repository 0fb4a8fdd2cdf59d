#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# until = stable ends a cell once it is known well enough, and not before.
. "$(dirname "$0")/../tap.sh"

# run FILE PRECISION REPEAT ARGUMENT...
run ()
{
	file=$1 precision=$2 repeat=$3
	shift 3
	exits 0 "$WEIR" run -q --msg-count 300 -D warmup=0 -D until=stable \
		-D precision="$precision" -D repeat="$repeat" -o "$file" "$@"
}

# Of a loop over nothing the medians are alike within a factor of two, or the
# trial that confirms it comes later.
settled ()
{
	run settled.json 1 85 -m null &&
		holds settled.json '.complete and (.cells[0] | .stable and
			(.trials | length) as $n | [11, 21, 41, 81] |
			any(. == $n)) and .cells[0].warnings == []'
}
ok "a cell ends one trial after a look" settled

unsettled ()
{
	run unsettled.json 0 12 -m pipe --message-size 64,1Ki &&
		cells unsettled.json 2 true '(.trials | length) == 12 and
			.stable == false and (.warnings | any(contains(
			"not stable: after 12 trials")))' &&
		holds unsettled.json .complete
}
ok "one that is not known well enough goes on to repeat" unsettled

usual ()
{
	exits 0 "$WEIR" run -q -m null --msg-count 10 -D repeat=1 \
		-o usual.json && holds usual.json '.cells[0] | has("stable") | not'
}
ok "without it, nothing is said of it" usual
plan
