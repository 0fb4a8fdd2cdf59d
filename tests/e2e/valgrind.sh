#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Both sides in one process, under valgrind: no bad access, no leak. What the
# loader of modules keeps until the end can still be reached and is its own.
. "$(dirname "$0")/../tap.sh"

# clean TRANSPORT WAIT
clean ()
{
	exits 0 valgrind -q --fair-sched=yes --leak-check=full \
		--show-leak-kinds=definite,indirect,possible \
		--errors-for-leak-kinds=definite,indirect,possible \
		--error-exitcode=99 "$WEIR" run -q -m "$1" \
		-D "transports.$1.wait=$2" -D matrix.boundary=thread \
		-D 'matrix.pattern=[round_trip,one_way]' --message-size 64,4Ki \
		--msg-count 50 -D repeat=1 --concurrency 1,2 -o result.json &&
		cells result.json 8 true 'whole(50)'
}

if test -n "${SANITIZERS:-}"; then
	skip "no leak" "sanitizers look for leaks themselves"
elif ! command -v valgrind >/dev/null; then
	skip "no leak" "there is no valgrind here"
else
	for wait in block adaptive; do
		for transport in uds shm pipe; do
			ok "$transport, wait = $wait: no leak" \
				clean "$transport" "$wait"
		done
	done
fi

plan
