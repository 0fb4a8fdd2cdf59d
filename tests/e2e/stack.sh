#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A small stack is enough, for each side and all of its threads, which get as
# much as the limit says: what is large lies elsewhere.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs:$top_builddir/plugins/.libs
WEIR_WARMUP=0
TMPDIR=$scratch
export WEIR_PLUGIN_PATH WEIR_WARMUP TMPDIR
socket=$scratch/control

if test -n "${SANITIZERS:-}"; then
	echo "1..0 # SKIP built with $SANITIZERS, which takes stack by itself"
	exit
fi
ulimit -s 128

runs ()
{
	exits 0 "$WEIR" run -q -m uds,shm --msg-count 100 -D repeat=1 \
		-D matrix.pattern=[round_trip,one_way] -D matrix.batch=[1,16] \
		-D matrix.boundary="$1" -o result.json &&
		cells result.json 8 true "whole(100)"
}
ok "two processes" runs process
ok "two threads" runs thread

meets ()
{
	"$WEIR" client "$patient" --ipc-path "$socket" -o client.json \
		2>client &
	client=$!
	exits 0 "$WEIR" host -q -m uds --msg-count 100 -D repeat=1 \
		--connect-timeout 50s --ipc-path "$socket" -o result.json
	host_failed=$?
	wait "$client" && test "$host_failed" = 0 && return
	cat client
	return 1
}
ok "a host and a client that meet" meets

fails ()
{
	exits 1 "$WEIR" run -q -m faulty --msg-count 100 -D repeat=2 \
		-D transports.faulty.at=recv -D transports.faulty.what=fail \
		-o result.json &&
		cells result.json 1 true '.status == "failed"'
}
ok "trials that fail" fails

plan
