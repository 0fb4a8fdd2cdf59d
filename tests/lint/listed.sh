#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing lies in the tree that the build forgot.
. "$(dirname "$0")/lint.sh"

# unlisted: of the paths on standard input, those that no Makefile names,
# neither themselves nor their folder.
unlisted ()
{
	listed=$(cat Makefile.am plugins/*/*.mk tests/*/*.mk | tr ' \t' '\n\n')
	sort | while read -r path; do
		echo "$listed" | grep -qxF -e "$path" -e "${path%/*}" ||
			echo "$path"
	done
}

rule "every source is built" "$(sources core plugins include | unlisted)"
rule "every test is built and run" "$(
	{
		find tests/unit -name 'test_*.c' | sed 's/\.c$//'
		find tests -name '*.sh' -perm -u+x
	} | unlisted)"
rule "everything that tests need is distributed" "$(
	find tests -type f -name '*.[!c]*' ! -path '*/.*' ! -name '*.o' \
		! -name '*.l[oa]' ! -name '*.log' ! -name '*.trs' ! -name '*.gc*' \
		! -name '*.mk' |
		unlisted)"
plan
