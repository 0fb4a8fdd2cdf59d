#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the loops of the timed region call by name, as they were compiled: the
# transport's operations and the clock are called through pointers, and
# everything else is inlined but for what is listed here with its reason.
. "$(dirname "$0")/lint.sh"

build=${top_builddir:-.}
NM=${NM:-nm}

rare='loop_damaged loop_is_mark track_surprise'   # something came out of turn
asked='loop_examine loop_write_more tape_wait'    # a payload, a stream that is
asked="$asked pause_keep series_advance" # full, a pause, a next interval
bytes='memcpy memmove memset'                     # of a payload of few bytes
what="the loops call the transport, the clock and what is rare"

if test -n "${SANITIZERS:-}" || ! test -e "$build/core/measure/one_way.o"; then
	skip "$what" "built with sanitizers, or elsewhere"
else
	rule "$what" "$(
		for loop in round_trip one_way batch in_place; do
			$NM -u "$build/core/measure/$loop.o" |
				awk -v loop="$loop" -v may="$rare $asked $bytes" '
				BEGIN {
					n = split(may, name, " ")
					for (i = 1; i <= n; i++)
						allowed[name[i]] = 1
				}
				$1 == "U" && $2 !~ /^(_GLOBAL|__gcov)/ &&
				!($2 in allowed) { print loop ".c: " $2 }'
		done)"
fi
plan
