#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Evidence and verdict: a program beside the run is noticed and named, on
# both sides of every boundary, and without one the verdict says what it is
# made of.
. "$(dirname "$0")/../tap.sh"

first=$(allowed_cpus | sed -n 1p)
second=$(allowed_cpus | sed -n 2p)

# run FILE [-D …]
run ()
{
	file=$1
	shift
	exits 0 "$WEIR" run -q -D warmup=5ms -D duration=200ms -D repeat=1 \
		-D cpu.host="$first" -D cpu.client="${second:-$first}" \
		-o "$file" "$@"
}

# beside COMMAND...: runs it beside a program that uses both CPUs.
beside ()
{
	hogs=
	for cpu in $first $second; do
		rm -f "hog.$cpu"
		taskset -c "$cpu" sh -c ': >"$1"; while :; do :; done' sh \
			"hog.$cpu" &
		hogs="$hogs $!"
		until_true test -e "hog.$cpu"
	done
	"$@"
	code=$?
	# shellcheck disable=SC2086 # a list
	kill $hogs
	return $code
}

boundaries ()
{
	list=thread,process
	new_namespaces all && list=$list,namespace
	echo "[$list]"
}

is_noticed ()
{
	beside run busy.json -m uds,pipe \
		-D matrix.boundary="$(boundaries)" &&
		cells busy.json "$(jq '.cells | length' busy.json)" true \
			'.verdict.state == "noisy" and
			(.verdict.reasons | any(startswith("others had the CPUs")))
			and all(.trials[]; .verdict.state == "noisy")' &&
		says "~ noisy: others had the CPUs" "$out" &&
		says " ~" "$(echo "$out" | grep '^uds')"
}
if command -v taskset >/dev/null; then
	ok "a busy machine is noticed, at every boundary" is_noticed
else
	skip "a busy machine is noticed" "there is no taskset"
fi

# What an undisturbed run deserves is the machine's to say.
is_consistent ()
{
	run quiet.json -m uds,shm -D matrix.pattern=[round_trip,one_way] &&
		cells quiet.json 4 true \
			'(.verdict.state == "clean") ==
				(.verdict.reasons == [])'
}
ok "a clean verdict has no reason, a noisy one has" is_consistent

has_evidence ()
{
	cells quiet.json 4 true '[.evidence.host, .evidence.client,
		.trials[].evidence.host, .trials[].evidence.client] | all(
			.lane_ns >= 150000000 and
			.lane_cpu_ns <= .lane_ns * 1.1 and
			.cpu_ns >= 150000000 and
			(.busy_ns == null or .busy_ns <= .cpu_ns) and
			(.wakes == null or .wakes > 0))'
}
ok "both sides have evidence" has_evidence

no_verdict ()
{
	exits 3 "$WEIR" run -q -m mq --message-size 1Mi --msg-count 1 \
		-o refused.json &&
		cells refused.json 1 true '.verdict == null'
}
ok "what was not measured has no verdict" no_verdict

if can_validate; then
	ok "the results are as the schema says" valid busy.json quiet.json \
		refused.json
else
	skip "the results are as the schema says" "no jsonschema"
fi
plan
