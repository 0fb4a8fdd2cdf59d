#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What each boundary costs, on the console and in the result.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# run BOUNDARIES ARGUMENT...
run ()
{
	boundaries=$1
	shift
	exits 0 "$WEIR" run -q -m uds,pipe --message-size 64,4Ki \
		--msg-count 2000 -D repeat=1 -D warmup=0 \
		-D matrix.boundary="$boundaries" -o result.json "$@"
}

# Of each row the figures are those of its two cells, which differ in the
# boundary alone; numbers are written with ten digits.
consistent='
def close($a; $b; $scale): ($a - $b | fabs) <= 1e-8 * $scale;
def same($figure; $a; $b): $figure.value == $a and $figure.baseline == $b and
	if $a == null or $b == null then
		$figure.difference == null and $figure.ratio == null
	else
		close($figure.difference; $a - $b; $a + $b) and
		close($figure.ratio; $a / $b; $a / $b)
	end;
def other: del(.boundary, .namespaces) |
	{transport, pattern, size_bytes, concurrency, options};
(.cells | INDEX(.id)) as $cells | .boundary_cost | length > 0 and all(
	$cells[.cell] as $a | $cells[.baseline_cell] as $b |
	($a | other) == ($b | other) and .boundary == $a.boundary and
	.baseline == $b.boundary and
	same(.p50_ns; $a.latency_ns.p50; $b.latency_ns.p50) and
	same(.p99_ns; $a.latency_ns.p99; $b.latency_ns.p99) and
	same(.messages_per_s; $a.throughput.messages_per_s;
		$b.throughput.messages_per_s))'

# costs BASELINE ROWS [ARGUMENT...]: after a run.
costs ()
{
	says "boundaries compared with $1" "$out" &&
		holds result.json "$consistent" &&
		holds result.json ".boundary_cost | length == $2 and
			all(.baseline == \"$1\" and .boundary != \"$1\")"
}

three ()
{
	run '[thread,process,namespace]' && costs process 8
}
without_process ()
{
	run '[namespace,thread]' && costs namespace 4
}
two ()
{
	run '[thread,process]' && costs process 4
}
one ()
{
	run thread && holds result.json '.boundary_cost == []' || return
	case $out in
	*compared*) return 1 ;;
	esac
}
few ()
{
	run '[thread,process]' --msg-count 100 &&
		holds result.json '.boundary_cost | all(.p99_ns ==
			{"value": null, "baseline": null,
			"difference": null, "ratio": null} and
			.p50_ns.ratio > 0)' && says '–      –' "$out"
}

ok "threads against processes" two
ok "one boundary has no costs" one
ok "what the samples can't support is null, and a dash" few
if "$WEIR" run -q -m null --msg-count 10 -D repeat=1 -D warmup=0 \
	-D matrix.boundary=namespace -o probe.json >probe 2>&1; then
	ok "thread, process and namespace" three
	ok "without a process, the first is the baseline" without_process
else
	skip "thread, process and namespace" "$(jq -r '.cells[0].reason' \
		probe.json)"
	skip "without a process, the first is the baseline" \
		"no new namespaces here"
fi

plan
