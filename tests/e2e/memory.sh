#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Memory does not grow with the number of messages: the peaks of host and
# client with many of them and with ten times as many are within 1 MiB.
# WEIR_TEST_LONG=1 compares with a hundred times as many.
. "$(dirname "$0")/../tap.sh"

witness=$top_builddir/tests/e2e/.libs/witness.so
few=100000
many=1000000
test -z "${WEIR_TEST_LONG:-}" || many=10000000
unset WEIR_TEST_LONG # which is no key of weir's config

# peaks COUNT [-D …]: the peaks in KiB, as "client N" and "host N".
peaks ()
{
	count=$1
	shift
	rm -f peaks
	WITNESS_FILE=$scratch/peaks
	export WITNESS_FILE
	timeout -k 5 300 env LD_PRELOAD="$witness" "$WEIR" run -q "$@" \
		--msg-count "$count" -D repeat=1 -D warmup=0 \
		-o result.json >out 2>&1 || { cat out >&2; return 1; }
	cells result.json 1 true "whole($count)" >&2 || return
	sort peaks
}

# flat NAME [-D …]
flat ()
{
	peaks "$few" "$@" >few && peaks "$many" "$@" >many || return
	join few many | tee both
	awk '{ grown = $3 - $2 }
		$2 < 100 || grown > 1024 { bad = 1 }
		END { exit NR != 2 || bad }' both
}

if test -n "${SANITIZERS:-}"; then
	skip "memory stays flat" "sanitizers keep memory of their own"
else
	ok "shm, round trips: from $few to $many messages" flat -m shm \
		-D transports.shm.wait=adaptive --message-size 64
	ok "uds, one way: from $few to $many messages" flat -m uds \
		-D matrix.pattern=one_way --message-size 64
fi

plan
