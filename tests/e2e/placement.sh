#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where the two sides run, and with what right.
. "$(dirname "$0")/../tap.sh"

# run CODE [-D …]: into result.json.
run ()
{
	code=$1
	shift
	exits "$code" "$WEIR" run -q -D warmup=5ms -D repeat=1 \
		--msg-count 100 -o result.json "$@"
}

one_cpu ()
{
	run 0 -m uds -D matrix.placement=same &&
		cells result.json 1 true \
			'whole(100) and .cpu.host_cpus == .cpu.client_cpus and
			.placement == "same" and (.id | endswith("/placement=same"))'
}
ok "both sides on one CPU" one_cpu

no_spinning ()
{
	run 3 -m shm -D matrix.placement=same -D transports.shm.wait=spin &&
		cells result.json 1 true '.status == "refused" and
			(.reason | contains("share CPU"))'
}
ok "where spinning is refused" no_spinning

# Each is there or says why not; at least one is.
each ()
{
	exits 0 "$WEIR" run -q -D warmup=5ms -D repeat=1 --msg-count 100 \
		-o result.json -m uds -D matrix.placement=[auto,same] || return
	timeout 60 "$WEIR" run -q -D warmup=5ms -D repeat=1 --msg-count 100 \
		-o result.json -m uds \
		-D matrix.placement=[same,sibling,cache,far] >/dev/null 2>&1
	cells result.json 4 true '.status == "ok" or
		(.status == "refused" and
		(.reason | contains("this machine has same")))'
}
ok "a placement that the machine lacks is refused, the others go on" each

its_config ()
{
	timeout 60 "$WEIR" run -q "$top_srcdir/configs/placement.cfg" \
		-D duration=20ms -D warmup=5ms -D repeat=1 -o config.json \
		>/dev/null 2>&1
	cells config.json 12 true '.status == "ok" or .status == "refused"' &&
		cells config.json 2 \
			'.placement == "same" and .options.wait == "block"' \
			'.status == "ok"'
}
ok "placement.cfg runs as far as the machine goes" its_config

ahead ()
{
	run 0 -m uds -D realtime=10 &&
		cells result.json 1 true 'whole(100)'
}

locked ()
{
	run 0 -m uds -D mlockall=true -D matrix.boundary=[thread,process] &&
		cells result.json 2 true 'whole(100)'
}

not_permitted ()
{
	exits 3 setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice \
		prlimit --rtprio=0 "$WEIR" run -q --msg-count 10 \
		-D repeat=1 -m uds -D realtime=10 -o result.json &&
		cells result.json 1 true '.status == "refused" and
			(.reason | contains("realtime = 10 is not permitted"))'
}

if chrt -f 10 true 2>/dev/null; then
	ok "the lanes run ahead of all else" ahead
else
	skip "the lanes run ahead of all else" "it is not permitted here"
fi
if test "$(id -u)" = 0 && command -v setpriv >/dev/null &&
	command -v prlimit >/dev/null; then
	ok "without the right to it they say so" not_permitted
else
	skip "without the right to it they say so" "it takes root and setpriv"
fi
if test "$(id -u)" = 0 || test "$(ulimit -l)" = unlimited; then
	ok "all memory is locked" locked
else
	skip "all memory is locked" "it is not permitted here"
fi
plan
