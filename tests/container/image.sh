#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The image, and that it is built when it has to be.
. "$(dirname "$0")/common.sh"

in_image ()
{
	# shellcheck disable=SC2046 # arguments without spaces
	"$ENGINE" run --rm --pull=never $(engine_isolate) "$@"
}

in_image_list ()
{
	in_image "$IMAGE" list >"$scratch/list" && out=$(cat "$scratch/list")
}
has_transports ()
{
	in_image_list || return
	for name in uds shm pipe tcp mq; do
		says "$name" "$out" || return
	done
}
ok "it has its transports" has_transports

lean ()
{
	in_image --entrypoint /bin/sh "$IMAGE" -c \
		'! command -v gcc && ! command -v make &&
		test ! -e /usr/local/include/weir && ! ls /usr/local/lib/weir/*.la'
}
ok "and no compiler" lean

user ()
{
	test "$(in_image --entrypoint /usr/bin/id "$IMAGE" -u)" = 1001 &&
		test "$(in_image --entrypoint /usr/bin/id "$IMAGE" -un)" = \
			ipc-benchmark
}
ok "its user is ipc-benchmark" user

works ()
{
	in_image "$IMAGE" run -m uds,shm,pipe,tcp,mq --msg-count 100 \
		-D repeat=1 -o -
}
ok "a run inside" works

tree ()
{
	"$top_srcdir/container/build-image.sh" >"$scratch/built" 2>&1
	code=$?
	cat "$scratch/built"
	test $code -eq 0 && grep -qF "is of this tree already" "$scratch/built"
}
ok "it is not built twice from one tree" tree

usage ()
{
	exits 2 ./build-image.sh --bass x && says 'what is "--bass"?' "$err" &&
		exits 2 ./build-image.sh --base &&
		says "--base needs a value" "$err" &&
		exits 2 ./build-image.sh --base x --offline &&
		says "exclude each other" "$err"
}
ok "wrong options" usage

# Of quickstart.sh's packages (those for apt) none is forgotten.
# shellcheck disable=SC2016 # quickstart's own variable
packages ()
{
	sed -n "s/^	common='//p"'; /needed="$common pkg-config /,/"$/p' \
		"$top_srcdir/quickstart.sh" | tr -c 'a-z0-9.+\n-' ' ' |
		xargs -n 1 | grep -vxE 'needed|common' >"$scratch/quick"
	sed -n '/^# The list of quickstart/,/^ && rm/p' Containerfile |
		tr -c 'a-z0-9.+\n-' ' ' | xargs -n 1 >"$scratch/image"
	grep -qx gcc "$scratch/quick" && grep -qx zlib1g-dev "$scratch/quick" &&
		! grep -vxF -f "$scratch/image" "$scratch/quick"
}
ok "it is built with the packages of quickstart.sh" packages
plan
