#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The ways in which a measurement of IPC goes wrong unnoticed, as seen in the
# wild, and that weir goes none of them.
. "$(dirname "$0")/../tap.sh"

modules=$top_builddir/tests/e2e/.libs # test-only transports
WEIR_PLUGIN_PATH=$modules:$top_builddir/plugins/.libs
TMPDIR=$scratch
WEIR_WARMUP=0
export WEIR_PLUGIN_PATH TMPDIR WEIR_WARMUP

# ---- CPU masks ----

first_cpu=$(allowed_cpus | head -n 1)
last_cpu=$(allowed_cpus | tail -n 1)

# masks PID: of each thread, from /proc.
masks ()
{
	cat "/proc/$1/task/"*/status 2>/dev/null |
		sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' | sort -u
}

# Host and client have a thread that may run there and nowhere else.
both_pinned ()
{
	client=$(children "$host")
	masks "$host" >host-masks
	masks "$client" >client-masks
	grep -qx "$1" host-masks && grep -qx "$2" client-masks
}

# pinned HOST CLIENT: looks while it measures, and ends it by Ctrl-C.
pinned ()
{
	begin -m shm -D cpu.host="$1" -D cpu.client="$2" -D repeat=1 \
		--duration 30s -o result.json || return
	until_true both_pinned "$1" "$2"
	seen=$?
	end INT
	test "$seen" = 0 || { tail host-masks client-masks; return 1; }
	test "$1" = "$2" && return
	! grep -qx "$2" host-masks && ! grep -qx "$1" client-masks
}

# told HOST CLIENT: the result says the same.
told ()
{
	exits 0 "$WEIR" run -q -m uds,shm,pipe -D cpu.host="$1" -D cpu.client="$2" \
		-D repeat=1 --msg-count 100 -o result.json &&
		cells result.json 3 true ".cpu.host_cpus == \"$1\" and
			.cpu.client_cpus == \"$2\""
}

mask_cases ()
{
	ok "threads run where they were told: $1 and $2" pinned "$1" "$2"
	ok "the result says where: $1 and $2" told "$1" "$2"
}

if test "$first_cpu" = "$last_cpu"; then
	skip "the client's mask is its own" "there is one CPU only"
else
	mask_cases "$first_cpu" "$last_cpu"
	mask_cases "$last_cpu" "$first_cpu"
fi
mask_cases "$first_cpu" "$first_cpu"

all=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
free ()
{
	exits 0 "$WEIR" run -q -m uds -D cpu.host=none -D cpu.client=none \
		-D repeat=1 --msg-count 100 -o result.json &&
		cells result.json 1 true ".cpu.host_cpus == \"$all\" and
			.cpu.client_cpus == \"$all\""
}
ok "threads that are not pinned have the mask of this shell" free

narrow ()
{
	exits 0 taskset -c "$last_cpu" "$WEIR" run -q -m uds -D repeat=1 \
		--msg-count 100 -o result.json &&
		cells result.json 1 true ".cpu.host_cpus == \"$last_cpu\" and
			.cpu.client_cpus == \"$last_cpu\"" &&
		holds result.json ".warnings |
			any(contains(\"only CPU $last_cpu is allowed\"))"
}
ok "started on one CPU, both sides use it, and a warning says so" narrow

no_spin ()
{
	exits 3 taskset -c "$last_cpu" "$WEIR" run -q -m uds -D repeat=1 \
		-D transports.uds.wait=spin --msg-count 100 -o result.json &&
		cells result.json 1 '.status == "refused"' \
			".reason | contains(\"share CPU $last_cpu\")"
}
ok "spinning against each other on one CPU is refused" no_spin

crowd ()
{
	exits 0 "$WEIR" run -q -m uds -D repeat=2 --concurrency 1,4 \
		-D transports.uds.wait=[block,spin] --msg-count 20 \
		-D warmup=0 -D cpu.host="$first_cpu" -D cpu.client="$last_cpu" \
		-o result.json &&
		cells result.json 1 '.options.wait == "spin" and
			.concurrency == 4' '.warnings |
			map(select(startswith("8 threads spin on 2 CPUs"))) |
			length == 1' &&
		cells result.json 3 '.options.wait == "block" or
			.concurrency == 1' '.warnings |
			all(contains("spin") | not)'
}
if test "$first_cpu" = "$last_cpu"; then
	skip "more threads that spin than CPUs" "there is one CPU only"
else
	ok "more threads that spin than CPUs: a warning says so" crowd
fi

# The client alone is started on the CPU of the host.
misplaced ()
{
	exits 0 env LD_PRELOAD="$modules/witness.so" \
		ASAN_OPTIONS=verify_asan_link_order=0 \
		WITNESS_CLIENT_CPU="$first_cpu" "$WEIR" run -q -m uds \
		-D cpu.host="$first_cpu" -D cpu.client="$last_cpu" \
		-D repeat=1 --msg-count 100 -o result.json &&
		cells result.json 1 true ".cpu.host_cpus == \"$first_cpu\" and
			.cpu.client_cpus == \"$first_cpu\"" &&
		says "CPU $last_cpu is not allowed" "$err"
}
if test "$first_cpu" = "$last_cpu"; then
	skip "a client that may not go there is not said to" "one CPU only"
else
	ok "a client that may not go there is not said to" misplaced
fi

# ---- who answers, and what is counted ----

# A transport by which a side can read what it wrote itself.
own_echo ()
{
	exits 1 "$WEIR" run -q -m ledger -D transports.ledger.wiring="$1" \
		-D matrix.pattern="$2" -D stall_timeout=1s -D repeat=1 \
		--msg-count 1000 -o result.json &&
		cells result.json 1 '.status == "failed"' '.reason != null' &&
		nothing_left
}
ok "a round trip is not answered by oneself" own_echo alone round_trip
ok "one way is not received by oneself" own_echo alone one_way
ok "a round trip over one queue for both directions fails" \
	own_echo shared round_trip

# ledger [-D …]: a run of the transport that counts by itself.
ledger ()
{
	exits 0 "$WEIR" run -q -m ledger -D repeat=1 -o result.json "$@"
}

# counted PATTERN COUNT: what the transport was given and gave, less the mark
# there and back at the end of each segment: how many there are hangs on time.
counted ()
{
	ledger --msg-count "$2" -D "matrix.pattern=$1" &&
		jq -c '.cells[0] | ([.distance[].segments] | add) as $marks |
			.counters | [.host.sends, .client.receives,
			.client.sends, .host.receives] | map(. - $marks)
			' result.json
}

# more PATTERN DIFFERENCE: what 2000 messages are to it more than 1000.
more ()
{
	less=$(counted "$1" 1000) && more=$(counted "$1" 2000) || return
	jq -en "[$more, $less] | transpose | map(.[0] - .[1]) == $2" && return
	echo "$less for 1000 messages, $more for 2000"
	return 1
}
ok "round trips: as many messages as were asked for" \
	more round_trip '[1000, 1000, 1000, 1000]'
ok "one way: as many messages as were asked for" \
	more one_way '[1000, 1000, 0, 0]'

size ()
{
	ledger --msg-count 50 --message-size "$1" \
		-D matrix.pattern=[round_trip,one_way] &&
		cells result.json 2 true "
			.counters.host.longest_send_bytes == $1 and
			.counters.client.longest_receive_bytes == $1 and
			(.throughput | .bytes_per_s / .messages_per_s |
			. > 0.999 * $1 and . < 1.001 * $1)"
}
ok "a message is as long as was asked for: 64" size 64
ok "a message is as long as was asked for: 4097" size 4097
ok "a message is as long as was asked for: 65537" size 65537

# Set-up and tear-down take longer than the messages and add nothing: what
# elapsed is exactly the time from the first send to the last receipt.
only_timed ()
{
	ledger -D transports.ledger.slow=200ms --duration 100ms \
		-D "matrix.pattern=$1" --streaming-output-csv s.csv || return
	first=$(sed -n 2p s.csv) last=$(tail -n 1 s.csv)
	latency=$(echo "$first" | cut -d , -f 5,6 | tr -d ,)
	begun=$((${first%%,*} - latency))
	cells result.json 1 true ".elapsed_ns == $((${last%%,*} - begun))"
}
ok "round trips: only the timed region is counted" only_timed round_trip
ok "one way: only the timed region is counted" only_timed one_way

long_messages ()
{
	exits 0 "$WEIR" run -q -m uds,shm,pipe --message-size 64Ki,200Ki \
		--msg-count 50 -D matrix.pattern=[round_trip,one_way] \
		-D repeat=1 -D verify=full -o result.json &&
		cells result.json 12 true 'whole(50)'
}
ok "messages longer than one read or one buffer go through" long_messages

# ---- what stays behind ----

by_path='-D transports.uds.rendezvous=path -D transports.shm.rendezvous=path
	-D transports.pipe.rendezvous=path'

good_run ()
{
	# shellcheck disable=SC2086
	exits 0 "$WEIR" run -q -m uds,shm,pipe $by_path --msg-count 20 \
		-D matrix.boundary=[thread,process] -o result.json &&
		holds result.json '.warnings |
			all(contains("left behind") | not)' && nothing_left
}
ok "nothing is left by a good run" good_run

failed_run ()
{
	# shellcheck disable=SC2086
	exits 1 "$WEIR" run -q -m uds,shm,pipe,faulty $by_path --msg-count 20 \
		-D transports.faulty.at=recv -D transports.faulty.what=kill \
		-o result.json && nothing_left
}
ok "nothing is left by a failed run" failed_run

# some_trials N: so many have begun, says the log.
some_trials ()
{
	test "$(grep -c 'info: trial' "$scratch/stderr")" -ge "$1"
}

# stopped SIGNAL NUMBER
stopped ()
{
	# shellcheck disable=SC2086
	begin -m uds,shm,pipe $by_path -D repeat=1000 --duration 20ms -v \
		-o result.json || return
	until_true some_trials 7
	end "$1"
	test "$code" = $((128 + $2)) || { echo "exit code $code"; return 1; }
	holds result.json '(.complete | not) and .interrupted and
		([.cells[].trials[] | select(.status == "ok")] | length) > 2' &&
		nothing_left
}
ok "nothing is left by Ctrl-C, and what was measured is kept" stopped INT 2
ok "nothing is left by SIGTERM, and what was measured is kept" stopped TERM 15

# In the midst of one long trial.
in_timed ()
{
	begin -m "$1" -D "transports.$1.wait=$2" -D "matrix.pattern=$3" \
		-D repeat=1 --duration 30s -v -o result.json || return
	until_true some_trials 1
	end INT
	test "$code" = 130 && holds result.json '.interrupted' && nothing_left
}
for pattern in round_trip one_way; do
	ok "Ctrl-C while uds blocks, $pattern" in_timed uds block $pattern
	ok "Ctrl-C while pipe waits by epoll, $pattern" \
		in_timed pipe epoll $pattern
	ok "Ctrl-C while shm is adaptive, $pattern" \
		in_timed shm adaptive $pattern
done

no_host ()
{
	begin -m uds -D repeat=1 --duration 30s -v -o result.json || return
	until_true some_trials 1
	end KILL
	until_true no_process
}
ok "a client does not outlive a host that was killed" no_host

plan
