#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Budgets: a function 60 lines, a source 700 (of a transport 500), an internal
# header 150. Longer ones stand in the exception list, with the length that
# they may have; no function may have more than 100 lines.
. "$(dirname "$0")/lint.sh"

# over KIND: of the "name lines limit" on standard input, those above the
# limit and above what the exception list allows them, and its entries that
# allow too much.
over ()
{
	{ allowed "$1" | sed 's/^/allowed /'; cat; } | awk '
		$1 == "allowed" { may[$2] = $3; next }
		{
			limit = $1 in may ? may[$1] : $3
			if ($2 > limit)
				print $1 ": " $2 " lines, the limit is " limit
			if ($1 in may && ($2 <= $3 || $2 < 0.9 * may[$1]))
				print $1 ": " $2 " lines, the exception is too large"
			delete may[$1]
		}
		END {
			for (name in may)
				print name ": an exception for nothing"
		}'
}

functions ()
{
	sources core plugins | xargs awk -f "$lint/functions.awk"
}

# lines: of the files on standard input, "file lines".
lines ()
{
	xargs awk 'END { if (FNR) print last, n } FNR == 1 && NR > 1 {
		print last, n } { last = FILENAME; n = FNR }'
}

rule "a function has at most 60 lines" "$(
	functions | sed 's/$/ 60/' | over function)"
rule "no function has more than 100 lines" "$(
	functions | awk '$2 > 100 { print $1 ": " $2 " lines" }')"
rule "a source has at most 700 lines, of a transport 500, a header 150" "$(
	{
		sources core plugins tests | lines
		sources include | grep -v '/transport\.h$' | lines
	} | awk '
		$1 ~ /^tests\// { print $0, 700; next }
		$1 ~ /\.h$/ { print $0, 150; next }
		{ print $0, $1 ~ /^plugins\// ? 500 : 700 }' | over file)"
plan
