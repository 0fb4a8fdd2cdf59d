#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The house form, as far as a machine sees it.
. "$(dirname "$0")/lint.sh"

everything ()
{
	find core plugins include tests \
		-name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name '*.mk'
	ls autogen.sh configure.ac Makefile.am quickstart.sh .ci/run
}

each_source ()
{
	sources core plugins include tests | xargs awk "$1"
}

rule "every source names its licence" "$(
	everything 2>/dev/null | sort | while read -r file; do
		head -n 2 "$file" |
			grep -q 'SPDX-License-Identifier: Apache-2\.0' ||
			echo "$file"
	done)"
# A character is a byte that does not continue one (UTF-8).
rule "lines end at column 80" "$(each_source '{
	text = $0
	gsub(/[\200-\277]/, "", text)
	column = 0
	n = length(text)
	for (i = 1; i <= n; i++)
		column += substr(text, i, 1) == "\t" ? 8 - column % 8 : 1
	if (column > 80)
		print FILENAME ":" FNR ": " column " columns"
}')"
rule "no space at the end of a line, none for a tab" "$(
	each_source '/[ \t]$/ || /^        / { print FILENAME ":" FNR }')"
rule "a function begins with its name at column 0, its brace below" "$(
	code core plugins include tests |
		grep -E '^[^:]+:[0-9]+:[A-Za-z_][^={]*\)[[:space:]]*\{')"
rule "no comment by //, nothing left to do" "$(
	each_source '/^[ \t]*\/\// || /[;{}][ \t]*\/\// || /TODO|FIXME|(^|[^X])XXX([^X]|$)/ {
		print FILENAME ":" FNR ": " $0
	}')"
plan
