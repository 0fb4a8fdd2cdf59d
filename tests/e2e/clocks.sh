#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The two lanes meet between segments: how far apart their CPUs are, and how
# far apart their clocks can be, at every boundary.
. "$(dirname "$0")/../tap.sh"

# run FILE [-D …]
run ()
{
	file=$1
	shift
	exits 0 "$WEIR" run -q -D warmup=5ms -D repeat=1 -o "$file" "$@"
}

boundaries ()
{
	list=thread,process
	new_namespaces all && list=$list,namespace
	echo "[$list]"
}

one_way_is_proved ()
{
	run one.json -m uds,shm -D matrix.pattern=one_way --msg-count 1000 \
		-D matrix.boundary="$(boundaries)" &&
		cells one.json "$(jq '.cells | length' one.json)" true \
			'.one_way_error_ns > 0 and .latency_ns.samples > 0 and
			whole(1000)'
}
ok "a one-way latency has a bound of its error, at every boundary" \
	one_way_is_proved

from_the_client ()
{
	run client.json -m uds -D matrix.pattern=one_way --msg-count 1000 \
		-D initiator=client &&
		cells client.json 1 true \
			'.one_way_error_ns > 0 and .latency_ns.samples > 0'
}
ok "the client's messages have one, too" from_the_client

# Two sides that were kept from meeting have none.
on_all_cpus ()
{
	cells round.json 1 '.transport == "uds"' \
		'.clock_steps == null or .clock_steps > 1 and
			.clock_backward_steps == 0' &&
		cells round.json 1 '.transport == "null"' \
			'.clock_steps == null and .clock_backward_steps == null'
}

round_trips_need_none ()
{
	run round.json -m uds,null --msg-count 100 &&
		cells round.json 2 true '.one_way_error_ns == null'
}
ok "round trips need none" round_trips_need_none
ok "the clock does not go back from CPU to CPU" on_all_cpus

# One CPU for both sides is at no distance, and still has its clock compared.
one_cpu ()
{
	cpu=$(allowed_cpus | sed -n 1p)
	run cpu.json -m uds -D matrix.pattern=one_way --msg-count 1000 \
		-D cpu.host="$cpu" -D cpu.client="$cpu" &&
		cells cpu.json 1 true '.one_way_error_ns > 0 and
			.latency_ns.samples == 1000 and
			all(.distance[]; .clear | not)'
}
ok "one CPU for both sides has a bound and no distance" one_cpu

several_channels ()
{
	run many.json -m uds,shm -D matrix.pattern=[round_trip,one_way] \
		--concurrency 5 --msg-count 200 &&
		cells many.json 4 true 'whole(200) and
			([.distance[].messages] | add) == .messages'
}
ok "several channels meet each on its own" several_channels

# A second has four segments, or fewer where the machine stood still in one;
# their figures add up to the whole. One way, a side's time in them is from its
# own first message to its last.
adds_up ()
{
	run segments.json -m uds,shm -D matrix.pattern=[round_trip,one_way] \
		-D duration=1s &&
		cells segments.json 4 true 'intact and
			([.trials[0].distance[].messages] | add) == .messages and
			([.trials[0].distance[].segments] | add | . >= 1 and
				. <= 4) and
			([.trials[0].distance[] | .latency_ns.samples // 0] |
				add) == .trials[0].latency_ns.samples and
			.trials[0].elapsed_ns >=
				([.trials[0].distance[].elapsed_ns] | add)'
}
ok "segments add up" adds_up

# A count that takes longer than a segment does, also in batches that do not
# divide it. How many that takes is the machine's to say.
long_count ()
{
	for count in 200 600 1800 5400 16200; do
		run count.json -m uds -D matrix.pattern=[round_trip,one_way] \
			--message-size 256Ki --msg-count $count \
			-D verify=full -D matrix.batch=[1,7] &&
			cells count.json 4 true "whole($count)" || return
		! cells count.json 4 true \
			'[.distance[].segments] | add > 1' || return 0
	done
	return 1
}
ok "a count goes on over segments" long_count

nothing_to_meet ()
{
	run null.json -m null -D matrix.pattern=one_way --msg-count 100 &&
		cells null.json 1 true '.distance == null and
			.latency_ns.samples == 100'
}
ok "a transport without another side meets nobody" nothing_to_meet

# The time stamp counter, or a reason why not; the same on both sides.
counted ()
{
	run tsc.json -m uds,shm -D matrix.pattern=[round_trip,one_way] \
		--msg-count 1000 -D clock=tsc \
		-D matrix.boundary="$(boundaries)" &&
		cells tsc.json "$(jq '.cells | length' tsc.json)" true \
			'whole(1000) and (.pattern == "round_trip" or
			.one_way_error_ns > 0 and .latency_ns.samples > 0)'
}
facts ()
{
	holds tsc.json '.environment.host | .clock == "tsc" and
		.tsc_hz > 1e6 and .tsc_cost_ns > 0 and
		.tsc_resolution_ns > 0 and (.tsc_off_ppm | type) == "number"'
}
refused ()
{
	cells tsc.json 1 '.status == "refused"' \
		'.reason | contains("use clock = \"monotonic\"")'
}
# unlike FILE SED REASON: on a machine whose FILE is another one.
unlike ()
{
	file=$1 reason=$3
	sed "$2" "$file" >other && exits 3 unshare -rm sh -c '
		mount --bind "$1" "$2" && shift 2 && exec "$@"' - other \
		"$file" "$WEIR" run -q -m null --msg-count 10 -D repeat=1 \
		-D clock=tsc -o tsc.json && refused &&
		holds tsc.json ".cells[0].reason | contains(\"$reason\")"
}
if "$WEIR" run -q -m null --msg-count 10 -D repeat=1 -D clock=tsc \
	-o tsc.json >/dev/null 2>&1; then
	ok "the time stamp counter times both sides" counted
	ok "its calibration is in the results" facts
	sources=/sys/devices/system/clocksource/clocksource0
	if unshare -rm mount --bind /dev/null /proc/cpuinfo 2>/dev/null; then
		ok "a counter that is not invariant is refused" unlike \
			/proc/cpuinfo 's/ nonstop_tsc//' "is not invariant"
		ok "one that the kernel does not trust is refused" unlike \
			$sources/available_clocksource 's/tsc//' "lacks tsc"
	else
		skip "unfit counters are refused" "no mount namespaces"
	fi
else
	ok "a time stamp counter that is no clock is refused" refused
fi

if can_validate; then
	ok "the results are as the schema says" valid one.json cpu.json tsc.json \
		segments.json null.json
else
	skip "the results are as the schema says" "no jsonschema"
fi
plan
