#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rate = search through the whole program. What it decides is the business of
# tests/unit/stats/test_search.c; how fast a busy machine is, of nobody here.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs
export WEIR_PLUGIN_PATH

cat >search.cfg <<'END'
matrix = {
	transport = ["uds", "null"];
	pattern = "paced";
	size = "64";
	rate = ["2k", "search"];
	boundary = "thread";
};
slo = { percentile = 50.0; below = "1s"; };
search = { from = "2k"; to = "8k"; steps = 4; };
duration = "20ms";
warmup = "2ms";
repeat = 2;
END

# What holds on any machine: each step has its probes and its answer, the
# interval is of rates that were tried, and figures go with a rate.
form='.search as $cell | .trials | length == 2 and all(.search as $s |
	($s.steps | length > 0 and length <= 4) and
	($s.steps | all(.rate_per_s >= 2000 and .rate_per_s <= 8000 and
		.passes + .fails + .unclear <= 5 and
		.passes + .fails + .unclear > 0 and
		.not_reached <= .fails and .late <= .messages)) and
	([$s.steps[].rate_per_s] | index($s.highest_pass_per_s) != null or
		$s.highest_pass_per_s == null) and
	(.messages > 0) == ($s.highest_pass_per_s != null and
		$s.steps[-1].rate_per_s == $s.highest_pass_per_s and
		$s.steps[-1].answer == "pass"))'

finds ()
{
	exits 0 "$WEIR" run search.cfg -q -o found.json &&
		holds found.json '.complete and (.cells | length) == 4' &&
		holds found.json ".cells[] | select(.rate_per_s == \"search\") |
			.status == \"ok\" and .search.percentile == 50 and
			.search.below_ns == 1000000000 and ($form)" &&
		holds found.json '.cells[] | select(.rate_per_s == 2000) |
			has("search") | not' &&
		says "search: the highest rate" "$out" &&
		says "uds/paced/64/thread/1/rate=search: p50 " "$out"
}
ok "a search has steps, an interval, a sentence" finds

# No message takes less than a nanosecond.
never ()
{
	exits 0 "$WEIR" run search.cfg -q -o never.json -D slo.below=1ns \
		-D matrix.transport=uds -D matrix.rate=search &&
		holds never.json '.complete and (.cells[0] | .status == "ok" and
			.messages == 0 and .latency_ns == null and
			.search.highest_pass_per_s == null and
			.search.confirmed == false and
			(.search.summary |
				contains("is not known to stay below")) and
			(.trials | all(.search.steps | all(.answer == "fail"))))'
}
ok "one that never passes says so" never

many ()
{
	exits 0 "$WEIR" run search.cfg -q -o many.json -D matrix.transport=uds \
		-D matrix.rate=search -D matrix.direction=one_way \
		-D matrix.concurrency=2 -D repeat=1 -D search.steps=2 &&
		holds many.json '.cells[0].trials[0].search.steps | length <= 2'
}
ok "several channels, one way, two steps" many

refuses ()
{
	exits 3 "$WEIR" run search.cfg -q -o short.json -D matrix.size=8 \
		-D matrix.transport=uds -D matrix.direction=one_way \
		-D matrix.rate=search -D repeat=1 &&
		holds short.json '.cells[0].reason | contains("latencies")'
}
ok "what has no latency can't be searched" refuses

nonsense ()
{
	exits 2 "$WEIR" check search.cfg -D slo.percentile=0 &&
		says "-D slo.percentile=0: slo.percentile: lies" "$err" || return
	sed 's/^slo = .*/slo = { below = "fast"; };/' search.cfg >bad.cfg
	exits 2 "$WEIR" check bad.cfg && says "bad.cfg:8: slo.below" "$err"
}
ok "a level that is none is refused with its place" nonsense

bound ()
{
	exits 0 "$WEIR" check search.cfg &&
		says "4 of these trials search" "$out"
}
ok "check says how long it takes at most" bound
plan
