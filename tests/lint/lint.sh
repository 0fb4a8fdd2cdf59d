# SPDX-License-Identifier: Apache-2.0
# What the lints share: they print TAP, one case per rule. Sourced with the
# tree to look at as first argument, else top_srcdir, else the tree around
# this folder; afterwards the working directory is that tree.
# shellcheck shell=sh

set -u
LC_ALL=C
export LC_ALL

lint=$(cd "$(dirname "$0")" && pwd) || exit 99
cd "${1:-${top_srcdir:-$lint/../..}}" || exit 99
n_rules=0

# rule NAME FINDINGS: holds where FINDINGS, a line each, are none.
rule ()
{
	n_rules=$((n_rules + 1))
	if test -z "$2"; then
		echo "ok $n_rules - $1"
	else
		echo "not ok $n_rules - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

# skip NAME REASON
skip ()
{
	n_rules=$((n_rules + 1))
	echo "ok $n_rules - $1 # SKIP $2"
}

# plan: the last line of every lint.
plan ()
{
	echo "1..$n_rules"
}

# sources FOLDER...: their C files, a line each, in order.
sources ()
{
	find "$@" -name '*.[ch]' -type f | sort
}

# code FOLDER...: their C files as "file:line:text" without comments and
# without what stands in quotes.
code ()
{
	sources "$@" | xargs awk -f "$lint/code.awk"
}

# calls NAMES FOLDER...: the lines of code that call one of the functions
# NAMES (a|b|c).
calls ()
{
	names=$1
	shift
	code "$@" | grep -E "(^|[^A-Za-z0-9_.>])($names)[[:space:]]*\("
}

# allowed KIND: the entries of that kind in the exception list, "name value".
allowed ()
{
	awk -v kind="$1" '$1 == kind { print $2, $3 }' \
		"${LINT_EXCEPTIONS:-$lint/exceptions}"
}
