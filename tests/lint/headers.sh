#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone; the public ones as strict C11 and as C++.
. "$(dirname "$0")/lint.sh"

strict='-Wall -Wextra -Werror -pedantic-errors -fsyntax-only -Iinclude'

# alone HEADERS COMPILER...: what the compiler says of each.
alone ()
{
	headers=$1
	shift
	for header in $headers; do
		echo "#include \"$header\"" | "$@" -I. - 2>&1
	done
}

# shellcheck disable=SC2086 # these variables hold several words
{
	rule "public headers are C11" "$(
		alone "$(ls include/weir/*.h)" ${CC:-cc} -x c -std=c11 $strict)"
	if test -n "${CXX:-}"; then
		rule "public headers are C++" "$(
			alone "$(ls include/weir/*.h)" \
				$CXX -x c++ -std=c++11 $strict)"
	else
		skip "public headers are C++" "no C++ compiler"
	fi
	rule "internal headers stand alone" "$(
		alone "$(sources core plugins | grep '\.h$')" ${CC:-cc} -x c \
			-std=gnu11 -D_GNU_SOURCE ${LIBRARY_CFLAGS:-} -Iinclude \
			-Wall -Wextra -Werror -fsyntax-only)"
}
plan
