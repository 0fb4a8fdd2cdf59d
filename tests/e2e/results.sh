#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is in the results file: every key, figures that agree with one
# another, nothing that is made up, and a config that runs again.
. "$(dirname "$0")/../tap.sh"

# run FILE [-D …]
run ()
{
	file=$1
	shift
	exits 0 "$WEIR" run -q -D warmup=5ms -o "$file" "$@"
}

# The run that most cases look at.
main ()
{
	run main.json -m uds,shm,null --msg-count 1000 -D repeat=3 \
		-D matrix.pattern=[round_trip,one_way] --concurrency 1,2 \
		-D percentiles=[75,99.5] -D name=results &&
		cells main.json 12 true '.status == "ok"'
}
ok "a run of twelve cells" main

# keys WHERE KEY...: the object, and each one if WHERE gives several.
keys ()
{
	where=$1
	shift
	list=$(printf '"%s", ' "$@")
	holds main.json "[$where | [${list%, }] - keys] | add | unique |
		. == [] or error(\"missing: \" + join(\" \"))"
}
ok "keys at the top" keys . schema tool name started complete interrupted \
	seed environment config cells warnings
ok "the floor is that of the same run" holds main.json '.floor |
	.transport == "null" and .pattern == "round_trip" and
	.size_bytes == 64 and .latency_ns.samples == 10000 and
	.latency_ns.min > 0'
ok "and is on the table" grep -q '^floor [0-9]' stdout
ok "keys of a cell" keys '.cells[]' id status reason transport plugin options \
	pattern size_bytes boundary concurrency trials clients warnings \
	latency_over_trials_ns
blocks='(.cells[], .cells[].trials[])'
ok "keys of a block" keys "$blocks" latency_ns first_message_ns messages \
	elapsed_ns throughput cpu counters integrity
ok "keys of a trial" keys '.cells[].trials[]' index started_ns status reason
ok "keys of latency_ns" keys "$blocks.latency_ns" min mean stddev p50 p90 p95 \
	p99 p99_9 p99_99 max samples histogram
ok "keys of the percentiles that were asked for" \
	keys "$blocks.latency_ns" p75 p99_5
ok "keys of throughput" keys "$blocks.throughput" messages_per_s bytes_per_s
ok "keys of cpu" keys "$blocks.cpu" host_ns_per_message client_ns_per_message \
	host_context_switches_per_message client_context_switches_per_message \
	host_cpus client_cpus
ok "keys of counters" keys "$blocks.counters" host client
ok "keys of integrity" keys "$blocks.integrity" sent received lost duplicate \
	reordered corrupt

named ()
{
	holds main.json '.schema == "weir-result/1" and .name == "results" and
		.tool.name == "weir" and .complete and (.interrupted | not) and
		(.started | fromdate) > 1e9' &&
		says "$(jq -r .tool.version main.json)" "$("$WEIR" --version)"
}
ok "what the file is, and who wrote it" named

identified ()
{
	holds main.json '[.cells[].id] | unique | length == 12' &&
		cells main.json 12 true '.id == ([.transport, .pattern, "1Ki",
			.boundary, .concurrency] | map(tostring) | join("/"))'
}
ok "a cell's id is made of its coordinates" identified

# ---- figures ----

rising ()
{
	holds main.json "[$blocks.latency_ns | [.min, .p50, .p75, .p90, .p95,
		.p99, .p99_5, .p99_9, .p99_99, .max] | map(values) |
		. == sort] | all"
}
ok "percentiles rise" rising

sampled ()
{
	cells main.json 6 '.pattern == "round_trip"' \
		'.latency_ns.samples == .messages and
		all(.trials[]; .latency_ns.samples == .messages)'
}
ok "round trips: as many samples as messages" sampled

whole_numbers ()
{
	holds main.json "[$blocks | .messages, .elapsed_ns, .integrity[],
		.first_message_ns, .counters[][], .latency_ns.min,
		.latency_ns.max, .latency_ns.samples, .latency_ns.sum,
		.latency_ns.saturated] | map(values) | all(. == floor)" &&
		! grep -E ': -?[0-9.]+[eE]' main.json
}
ok "what is counted is a whole number, in full" whole_numbers

# One read of the clock ends a round trip and begins the next.
no_gap ()
{
	cells main.json 3 '.pattern == "round_trip" and .concurrency == 1' \
		'all(.trials[]; .latency_ns.sum == .elapsed_ns) and
		.latency_ns.sum == .elapsed_ns'
}
ok "round trips on one channel add up to the time that they took" no_gap

rates ()
{
	holds main.json "def near(\$x): . / \$x | . > 0.99999 and . < 1.00001;
		[$blocks | . as \$b | (.throughput.messages_per_s |
			near(1e9 * \$b.messages / \$b.elapsed_ns)) and
			(.throughput.bytes_per_s |
			near(1024 * \$b.throughput.messages_per_s)) and
			(.latency_ns.mean |
			near(\$b.latency_ns.sum / \$b.latency_ns.samples))] |
		all"
}
ok "rates and means are those of the sums" rates

# merged WHAT OF: a cell's figure is that of its trials.
merged ()
{
	cells main.json 12 true "(.trials | length) == 3 and
		($1) == (.trials | map($1) | $2)"
}
ok "a cell's messages are the sum of its trials'" merged .messages add
ok "a cell's time is the sum of its trials'" merged .elapsed_ns add
ok "a cell's samples are the sum of its trials'" \
	merged .latency_ns.samples add
ok "a cell's minimum is the least of its trials'" merged .latency_ns.min min
ok "a cell's maximum is the greatest of its trials'" merged .latency_ns.max max
ok "a cell's first message is the median of its trials'" \
	merged .first_message_ns 'sort | .[1]'
ok "a cell's integrity is the sum of its trials'" merged .integrity.received add
ok "a cell's counters are the sum of its trials'" \
	merged .counters.host.syscalls add

# The null transport has no client that does anything.
cost ()
{
	cells main.json 8 '.plugin != "null"' '.cpu |
		.host_ns_per_message > 0 and .client_ns_per_message > 0 and
		.host_context_switches_per_message >= 0 and
		.client_context_switches_per_message >= 0'
}
ok "a message has its CPU price on both sides" cost

# supported COUNT GIVEN NULL: a percentile needs ten samples beyond it.
supported ()
{
	run few.json -m shm --msg-count "$1" -D repeat=1 &&
		holds few.json ".cells[0].latency_ns | (.$2 | type) == \"number\"
			and .$3 == null and .max > 0"
}
ok "19 samples support no percentile" supported 19 min p50
ok "20 samples support p50" supported 20 p50 p90
ok "99 samples do not support p90" supported 99 p50 p90
ok "100 samples support p90" supported 100 p90 p95

# A tail wants to be made of 20 clusters, too, which is for the machine to say.
tail_supported ()
{
	run few.json -m shm --msg-count 3000 -D repeat=1 &&
		holds few.json '.cells[0], .cells[0].trials[0] |
			(.latency_ns.p95 != null) == (.tail_clusters.p95 >= 20)
			and (.latency_ns.p99 != null) ==
				(.tail_clusters.p99 >= 20) and
			.tail_clusters.p99 <= 64 and
			.tail_clusters.p95 >= .tail_clusters.p99 and
			.latency_ns.p99_9 == null' &&
		holds few.json '.cells[0].trials[0] | .latency_ns.p50 as $p |
			.latency_within_trial_ns.p50 | .low == null or
			(.low <= .high and .low > 0)'
}
ok "a tail is told with 20 clusters" tail_supported

# One late message of 999 is no tail.
alone ()
{
	run few.json -m shm --msg-count 999 -D repeat=1 &&
		holds few.json '.cells[0] | .latency_ns.p99 == null and
			.tail_clusters.p99 < 20'
}
ok "999 samples do not support p99" alone

dash ()
{
	run few.json -m shm --msg-count 20 -D repeat=1 && says – "$out"
}
ok "the table shows a dash for what is not supported" dash

untimed ()
{
	run few.json -m pipe --message-size 15,16 --msg-count 50 \
		-D matrix.pattern=one_way -D repeat=1 &&
		cells few.json 1 '.size_bytes == 15' 'whole(50) and
			.latency_ns == null and .throughput.messages_per_s > 0
			and (.warnings | length) > 0' &&
		cells few.json 1 '.size_bytes == 16' 'whole(50) and
			.latency_ns.samples == 50'
}
ok "one way, less than 16 bytes have no latency" untimed

# ---- the environment ----

facts ()
{
	keys '.environment[]' kernel machine cpu_model cpus_online \
		cpus_allowed sockets cores_per_socket threads_per_core \
		clock_cost_ns clock_resolution_ns memory_bytes \
		page_bytes container boot_id uid pid
}
ok "facts of both sides are there" facts

true_facts ()
{
	says "$(uname -r)" "$(jq -r .environment.host.kernel main.json)" &&
		says "$(uname -m)" \
			"$(jq -r .environment.client.machine main.json)" &&
		holds main.json ".environment.host |
			.page_bytes == $(getconf PAGESIZE) and
			.uid == $(id -u) and .clock_cost_ns > 0 and
			.boot_id == \"$(cat /proc/sys/kernel/random/boot_id)\""
}
ok "facts are those of this machine" true_facts

# optional KEY FILE: what the kernel tells, if it does.
optional ()
{
	if test -r "$2"; then
		ok "$1 is there" keys '.environment[]' "$1"
	else
		skip "$1 is there" "no $2 here"
	fi
}
optional governor /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor
optional mitigations /sys/devices/system/cpu/vulnerabilities/meltdown
optional clocksource \
	/sys/devices/system/clocksource/clocksource0/current_clocksource
optional transparent_hugepages /sys/kernel/mm/transparent_hugepage/enabled
optional cgroup /proc/self/cgroup
optional time_namespace /proc/self/ns/time
optional pid_namespace /proc/self/ns/pid

two_sides ()
{
	run sides.json -m uds --msg-count 10 -D repeat=1 \
		-D matrix.boundary=[thread,process] || return
	holds sides.json '.environment.host.boot_id ==
		.environment.client.boot_id' &&
		cells sides.json 1 '.boundary == "thread"' \
			".clients[0].pid == $(jq .environment.host.pid \
				sides.json)" &&
		cells sides.json 1 '.boundary == "process"' \
			".clients[0].pid != $(jq .environment.host.pid \
				sides.json)"
}
ok "clients say who they are" two_sides

# ---- the config ----

origins ()
{
	echo 'matrix: { transport = "uds"; }; repeat = 1;' >origin.cfg
	exits 0 env WEIR_COUNT=10 "$WEIR" run -q origin.cfg -D name=origins \
		-o origin.json || return
	for pair in 'repeat=origin.cfg:1' 'count=environment WEIR_COUNT' \
		'name=command line -D name=origins' 'verify=default'; do
		holds origin.json ".config.values[] |
			select(.key == \"${pair%%=*}\") |
			.origin == \"${pair#*=}\"" || return
	done
}
ok "every value has its origin" origins

# The same cells and values but for the files' names.
again ()
{
	jq -r .config.text "$1" >again.cfg &&
		run again.json again.cfg || return
	cells_of='[.cells[] | {id, transport, plugin, options, pattern,
		size_bytes, boundary, concurrency, n: (.trials | length)}]'
	values_of='[.config.values[] | select(.key | startswith("output.") |
		not) | {key, value}]'
	for what in "$cells_of" "$values_of"; do
		jq "$what" "$1" >first && jq "$what" again.json >second &&
			diff first second || return
	done
	cells again.json "$2" true '.status == "ok"'
}
ok "the config in the results runs again" again main.json 12

many_options ()
{
	run options.json -m a,b --msg-count 10 -D repeat=1 -D seed=7 \
		--message-size 1,2Ki -D transports.a.plugin=shm \
		-D 'transports.a.wait=[block,adaptive]' \
		-D 'transports.a.ring_size=[4Ki,1Mi]' -D transports.a.spin=50us \
		-D transports.b.plugin=uds -D transports.b.type=seqpacket \
		-D 'name=quo"ted\ name' -D plugin_path=[/nowhere,/else] &&
		again options.json 10
}
ok "with many options, too" many_options

typed ()
{
	cells options.json 8 '.transport == "a"' '(.options |
		.ring_size == 4096 or .ring_size == 1048576) and
		.options.spin == 50000 and
		(.options.wait | . == "block" or . == "adaptive")'
}
ok "options are typed" typed

# ---- the schema ----

refusal ()
{
	exits 3 "$WEIR" run -q -m uds -D transports.uds.type=seqpacket \
		--message-size 64,16Mi --msg-count 10 -o refusal.json
}

if can_validate; then
	ok "a result is valid by the schema" valid main.json few.json \
		sides.json options.json
	ok "a cell is refused" refusal
	ok "a result with a refused cell is valid by the schema" \
		valid refusal.json
else
	skip "a result is valid by the schema" "no python3-jsonschema here"
fi

plan
