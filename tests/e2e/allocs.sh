#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# While a thread measures, it allocates nothing and frees nothing: neither the
# loops nor any transport.
. "$(dirname "$0")/../tap.sh"

if test -n "${SANITIZERS:-}"; then
	echo "1..0 # SKIP built with $SANITIZERS, which allocates by itself"
	exit 0
fi
counter=$top_builddir/tests/e2e/.libs/allocs.so
test -e "$counter" || exit 99
counter=$(readlink -f "$counter")

region='--msg-count 200'

# counts REGIONS FLAGS...: what so many timed regions allocated, and that of
# the floor, a line each, in counts.
counts ()
{
	regions=$(($1 + 1))
	shift
	rm -f counts
	# shellcheck disable=SC2086
	exits 0 env LD_PRELOAD="$counter" ALLOCS_FILE="$scratch/counts" \
		"$WEIR" run -q $region -D repeat=1 \
		--warmup-iterations 50 -o results.json "$@" || return
	test "$(wc -l <counts)" = "$regions" && return
	echo "not $regions timed regions, but:"
	cat counts
	return 1
}

none ()
{
	counts "$@" && ! grep -vx 0 counts
}

seen ()
{
	counts 2 -m uds -D matrix.size=64 &&
		ALLOCS_SPEND=1 && export ALLOCS_SPEND &&
		counts 2 -m uds -D matrix.size=64 && ! grep -x 0 counts
}

# A segment is a quarter of a second, or longer where the machine stands still.
several ()
{
	for seconds in 0.6 2 8 30; do
		region="--duration ${seconds}s"
		none 2 -m shm -D matrix.size=64 || return
		! holds results.json \
			'[.cells[0].distance[].segments] | add > 1' || return 0
	done
	return 1
}

# Two sides, two patterns, two sizes.
for name in uds pipe tcp mq shm; do
	for wait in block spin adaptive; do
		if test "$wait" = spin && test "$(nproc)" -lt 2; then
			skip "$name, $wait" "there is one CPU only"
			continue
		fi
		ok "$name, $wait" none 8 -m "$name" \
			-D matrix.pattern=[round_trip,one_way] \
			-D matrix.size=[64,8192] \
			-D "transports.$name.wait=$wait"
	done
done
ok "a payload that is checked in full" none 2 -m uds -D verify=full
ok "the harness alone" none 1 -m null
ok "what is spent is seen" seen
ok "a timed region of several segments" several
plan
