#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A lint that can't fail proves nothing: each rule is broken once in a tree
# made for it, and has to say so.
set -u
lint=$(cd "$(dirname "$0")" && pwd) || exit 99
tree=$(mktemp -d) || exit 99
trap 'rm -rf "$tree"' EXIT
trap 'exit 99' HUP INT TERM
n_cases=0

# in_file FILE TEXT: the file, in a tree that has nothing else to blame.
in_file ()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/core/base" "$tree/plugins/a" "$tree/include/weir" \
		"$tree/tests" "$tree/.ci" "$tree/$(dirname "$1")"
	touch "$tree/Makefile.am" "$tree/plugins/a/plugin.mk"
	printf '%b\n' "$2" >"$tree/$1"
	exceptions=/dev/null
}

# breaks LINT RULE: the lint says "not ok" to that rule, here.
breaks ()
{
	n_cases=$((n_cases + 1))
	case=$n_cases
	said=$(LINT_EXCEPTIONS=$exceptions top_builddir=$tree SANITIZERS='' \
		"$lint/$1.sh" "$tree" 2>&1)
	if echo "$said" | grep -q "^not ok [0-9]* - $2"; then
		echo "ok $case - $1: $2"
	else
		echo "not ok $case - $1: $2"
		echo "$said" | sed 's/^/# /'
	fi
}

# lines N: a text of N lines for printf.
lines ()
{
	awk -v n="$1" 'BEGIN { while (n-- > 0) printf "\\tx;\\n" }'
}

in_file core/base/a.c 'int a = system("x");'
breaks calls 'no call that overruns'
in_file core/base/a.c '/* */ int a = usleep(1); /* */'
breaks calls 'nothing waits by sleeping'
in_file core/base/a.c 'int a = printf ("x");'
breaks calls 'only output/, the command layer'
in_file core/base/a.c '/* exit(1)\n */ char c = 34; "exit(\\""; exit(1);'
breaks calls 'only the command layer'
in_file core/run/a.c 'int a = fork();'
breaks calls 'only launch/ makes processes'
in_file core/run/a.c 'void *a = dlopen("a", 0);'
breaks calls 'only plugin/ loads modules'

in_file core/base/a.c '#include "core/stats/a.h"'
breaks layers 'core/ includes down the ranks only'
in_file core/other/a.c '#include "core/base/a.h"'
breaks layers 'core/ includes down the ranks only'
in_file core/base/a.c '#include "a.h"'
breaks layers 'core/ includes by whole path'
in_file plugins/a/a.c '#  include "core/base/a.h"'
breaks layers 'a plugin includes public headers'
in_file plugins/a/a.c '#include "plugins/b/b.h"'
breaks layers 'a plugin includes public headers'
in_file include/weir/a.h '#include "config.h"'
breaks layers 'public headers include libc'
in_file core/base/a.c '#include <libconfig.h>'
breaks layers 'only config/ knows libconfig'
in_file core/base/a.c '#include <cjson/cJSON.h>'
breaks layers 'only result/ and coord/ know cJSON'
in_file core/base/a.c '#include <dlfcn.h>'
breaks layers 'only plugin/ knows dlfcn'
in_file core/base/a.c '#include <zlib.h>'
breaks layers 'only stats/ knows zlib'
in_file core/coord/host.c '#include "core/coord/client.h"'
breaks layers 'host and client'
in_file core/base/a.c '#include <errno.h>\n#include "core/base/a.h"'
touch "$tree/core/base/a.h"
breaks layers 'a source includes its own header first'

in_file core/base/a.c "a(void)\n{\n$(lines 59)}"
breaks sizes 'a function has at most 60 lines'
in_file core/base/a.c "a(void)\n{\n$(lines 58)}"
exceptions=$tree/exceptions
echo 'function core/base/a.c:a 80' >"$exceptions"
breaks sizes 'a function has at most 60 lines'
in_file core/base/a.c "a(void)\n{\n$(lines 99)}"
exceptions=$tree/exceptions
echo 'function core/base/a.c:a 102' >"$exceptions"
breaks sizes 'no function has more than 100 lines'
in_file core/base/a.c "$(lines 701)"
breaks sizes 'a source has at most 700 lines'
in_file core/base/a.h "$(lines 151)"
breaks sizes 'a source has at most 700 lines'
in_file plugins/a/a.c "$(lines 501)"
breaks sizes 'a source has at most 700 lines'

in_file core/base/a.c 'int a;'
breaks form 'every source names its licence'
in_file core/base/a.c "\\t\\t\\t\\t\\t\\t\\t\\t\\t\\t/"
breaks form 'lines end at column 80'
in_file core/base/a.c 'int a; '
breaks form 'no space at the end'
in_file core/base/a.c 'static int a(void) {'
breaks form 'a function begins with its name'
in_file core/base/a.c '// a'
breaks form 'no comment by //'

in_file include/weir/a.h 'int a = (int){ 0 } + typeof(1);'
breaks headers 'public headers are C11'
in_file core/base/a.h 'static inline size_t\na(void)\n{\n\treturn 0;\n}'
breaks headers 'internal headers stand alone'
if test -n "${CXX:-}"; then
	in_file include/weir/a.h 'extern int class;'
	breaks headers 'public headers are C++'
fi

# compiled OUTPUT FLAG...: a.c of the tree, compiled to OUTPUT.
compiled ()
{
	output=$tree/$1
	shift
	mkdir -p "${output%/*}"
	# shellcheck disable=SC2086 # CC may hold several words
	${CC:-cc} -o "$output" "$tree"/*/*/a.c -w -fPIC "$@" || exit 99
}

in_file plugins/a/a.c 'int weir_transport, more;'
compiled plugins/.libs/a.so -shared
breaks symbols 'a module exports weir_transport'
in_file plugins/a/a.c 'int weir_transport(void)
{ return elsewhere(); }'
compiled plugins/.libs/a.so -shared
breaks symbols "a module's open symbols"
in_file core/base/a.c 'int b;'
compiled core/base/.libs/a.o -c
breaks symbols 'a symbol of core/ begins'
breaks symbols 'core/ has no writable data'
in_file core/base/a.c 'static int b; int *a(void) { return &b; }'
compiled core/base/.libs/a.o -c
breaks symbols 'core/ has no writable data'
in_file core/measure/a.c 'int a(void) { return getpid(); }'
compiled core/measure/one_way.o -c
cp "$tree/core/measure/one_way.o" "$tree/core/measure/round_trip.o"
breaks timed 'the loops call the transport'
echo "1..$n_cases"
