#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a bare machine to a table of results.
#
#	./quickstart.sh [run]	install what is missing, build, run
#				configs/quickstart.cfg
#	./quickstart.sh check	the same set-up, then the tests
#
# What is done already is not done again. The output of each step is kept in
# build-log/.
set -u

task=${1:-run}
case $#:$task in
0:run | 1:run | 1:check) ;;
*)
	echo "usage: $0 [run|check]" >&2
	exit 2
	;;
esac
cd "$(dirname "$0")" || exit 1
logs=build-log
mkdir -p $logs || exit 1
jobs=$(nproc 2>/dev/null || echo 2)

# step NAME ADVICE COMMAND...: runs the command; one line when it is done.
# When it fails: the end of its log, what to do, and the end of this script.
step ()
{
	name=$1
	advice=$2
	log=$logs/$1.log
	shift 2
	begun=$(date +%s)
	test ! -t 1 || printf '  %-10s ...\r' "$name"
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	took="$(($(date +%s) - begun)) s"
	if test $status -eq 0; then
		printf '  %-10s %s\n' "$name" "$took"
		return
	fi
	{
		printf '  %-10s FAILED after %s (status %s)\n\n' \
			"$name" "$took" $status
		tail -n 25 "$log"
		printf '\nquickstart: the step "%s" failed.\n' "$name"
		echo "  its log:    $(pwd)/$log"
		echo "  what to do: $advice"
	} >&2
	exit 1
}

# fail TEXT WHAT-TO-DO
fail ()
{
	printf 'quickstart: %s\n  what to do: %s\n' "$1" "$2" >&2
	exit 1
}

# ------------------------------------------------------------------
# Packages

as_root ()
{
	if test "$(id -u)" -eq 0; then
		"$@"
	else
		sudo "$@"
	fi
}

install_apt ()
{
	as_root apt-get -q -o Acquire::Retries=3 update &&
		as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get -q -y -o Acquire::Retries=3 install \
			--no-install-recommends "$@"
}

install_dnf ()
{
	as_root dnf -y --setopt=install_weak_deps=False install "$@"
}

has_deb ()
{
	test "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
		installed
}

has_rpm ()
{
	rpm -q --whatprovides "$1" >/dev/null 2>&1
}

# missing HAS PACKAGE...
missing ()
{
	has=$1
	shift
	for package
	do
		"$has" "$package" || printf ' %s' "$package"
	done
}

packages ()
{
	common='gcc make autoconf automake libtool'
	if command -v apt-get >/dev/null 2>&1; then
		needed="$common pkg-config check libconfig-dev libcjson-dev
			zlib1g-dev libc6-dev"
		test "$task" != check || needed="$needed g++ binutils jq procps"
		installer=install_apt
		# shellcheck disable=SC2086 # a list
		needed=$(missing has_deb $needed)
	elif command -v dnf >/dev/null 2>&1; then
		needed="$common pkgconf-pkg-config libconfig-devel
			cjson-devel zlib-devel glibc-devel check-devel"
		test "$task" != check ||
			needed="$needed gcc-c++ binutils jq procps-ng"
		installer=install_dnf
		# shellcheck disable=SC2086 # a list
		needed=$(missing has_rpm $needed)
	else
		# Somebody else's package manager: configure says what is missing.
		return
	fi
	test -n "$needed" || return
	test "$(id -u)" -eq 0 || command -v sudo >/dev/null 2>&1 ||
		fail "these packages are missing and only root can install them:$needed" \
			"install them, then run $0 again"
	echo "  installing$needed"
	# shellcheck disable=SC2086 # a list
	step packages "look at the network and the package sources, or install$needed by hand" \
		$installer $needed
}

# ------------------------------------------------------------------
# Build

# older FILE THAN...: FILE is missing, or older than one of the others.
older ()
{
	file=$1
	shift
	test -f "$file" || return 0
	test -n "$(find "$@" -newer "$file" | head -n 1)"
}

# A tree that was configured elsewhere and then copied here.
moved ()
{
	test "$(sed -n 's/^abs_top_builddir = //p' Makefile)" != "$(pwd -P)" &&
		test "$(sed -n 's/^abs_top_builddir = //p' Makefile)" != "$(pwd)"
}

build ()
{
	if older configure configure.ac ||
		older Makefile.in Makefile.am plugins/*/plugin.mk; then
		step bootstrap "see the log; autoconf, automake, libtool and pkg-config are needed" \
			./autogen.sh
	fi
	if older config.status configure || test ! -f Makefile || moved; then
		step configure "install the library that is named last, or see config.log" \
			./configure
	fi
	step build "read the first error in the log; make clean helps after a change of compiler" \
		make -j "$jobs"
}

# ------------------------------------------------------------------

echo "weir: quickstart ($task), logs in $logs/"
packages
build
if test "$task" = check; then
	step test-build "read the first error in the log" \
		make -j "$jobs" check TESTS=
	step tests "read the cases that failed in test-suite.log; one test alone: make check TESTS=tests/..." \
		make -O -j 4 check
	sed -n '/^# TOTAL/,/^# ERROR/p' $logs/tests.log
	exit 0
fi

echo
./weir run configs/quickstart.cfg
status=$?
test $status -eq 0 || {
	echo "quickstart: weir ended with status $status" >&2
	echo "  what to do: read what it said last; ./weir run -v" \
		"configs/quickstart.cfg says more" >&2
}
exit $status
