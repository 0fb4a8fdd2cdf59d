# SPDX-License-Identifier: Apache-2.0
# What the shell tests share: TAP, a scratch folder that goes away, and a
# few questions to ask about results and about what was left behind.
# Sourced; ends with `plan`.
# shellcheck shell=sh

set -u
LC_ALL=C.UTF-8
export LC_ALL

tests=$(cd "$(dirname "$0")/.." && pwd) || exit 99
: "${top_srcdir:=$tests/..}" "${top_builddir:=$top_srcdir}"
: "${WEIR:=$top_builddir/weir}"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/weir-test.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
trap 'exit 99' HUP INT TERM
cd "$scratch" || exit 99
# Where silence is not what is tested, a loaded machine may starve a side for
# longer than the default, which takes it for dead.
WEIR_SILENCE_TIMEOUT=20s
export WEIR_SILENCE_TIMEOUT
# A client that a test starts itself is told by a flag.
patient=--silence-timeout=20s
n_cases=0
schema=$(cd "$tests/.." && pwd)/docs/weir-result-1.schema.json

# ok NAME COMMAND...: the case holds if the command (a function) succeeds;
# else what it printed is shown.
ok ()
{
	case_name=$1
	shift
	n_cases=$((n_cases + 1))
	if ("$@") >"$scratch/log" 2>&1; then
		echo "ok $n_cases - $case_name"
	else
		echo "not ok $n_cases - $case_name"
		sed 's/^/# /' "$scratch/log"
	fi
}

# skip NAME REASON
skip ()
{
	n_cases=$((n_cases + 1))
	echo "ok $n_cases - $1 # SKIP $2"
}

# plan: the last line of a test.
plan ()
{
	echo "1..$n_cases"
}

# exits CODE COMMAND...: runs it for at most three minutes; its output is in
# $out and $err. What a sanitizer says of it fails the case, for the exit code
# may be a signal's.
exits ()
{
	want=$1
	shift
	timeout -k 5 180 "$@" >"$scratch/stdout" 2>"$scratch/stderr"
	code=$?
	out=$(cat "$scratch/stdout")
	err=$(cat "$scratch/stderr")
	case $err in
	*'Sanitizer: '*) ;;
	*) test "$code" = "$want" && return ;;
	esac
	echo "exit code $code and not $want: $*"
	cat "$scratch/stdout" "$scratch/stderr"
	return 1
}

# says TEXT WHERE: WHERE (a text) holds TEXT.
says ()
{
	case $2 in
	*"$1"*) ;;
	*)
		printf '"%s" is not in:\n%s\n' "$1" "$2"
		return 1
		;;
	esac
}

# holds FILE JQ: the jq expression is true of a JSON file.
holds ()
{
	jq -e "$2" "$1" >"$scratch/jq" 2>&1 && return
	echo "not so in $1: $2"
	cat "$scratch/jq"
	return 1
}

# children PID: the processes that it started and that still are.
children ()
{
	ps -o pid= --ppid "$1" | tr -d ' '
}

# until_true COMMAND...: polls until it succeeds, for at most a minute, and
# leaves the CPUs to whom it waits for.
until_true ()
{
	end=$(($(date +%s) + 60))
	while ! "$@"; do
		test "$(date +%s)" -lt "$end" || return 1
		sleep 0.02
	done
}

# What jq is told about cells: `intact` is a good channel's books, whole(N)
# a good cell in which each channel moved N messages.
cell_words='
def intact: .integrity | .sent > 0 and .sent == .received and
	.lost + .duplicate + .reordered + .corrupt == 0;
def whole($n): .status == "ok" and .reason == null and intact and
	.messages == $n * .concurrency and .integrity.sent == .messages;'

# cells FILE N WHICH WHAT: the jq expression WHICH is true of N cells of a
# result, and WHAT of each of those; others are shown.
cells ()
{
	report=$(jq -c "$cell_words [.cells[] | select($3)] | length,
		(.[] | select(($4) | not) |
		del(.trials, .clients, .latency_over_trials_ns) |
		del(.latency_ns.histogram?))" "$1") || return
	test "$report" = "$2" && return
	printf '%s cells in %s, and not %s or not all with %s:\n%s\n' \
		"$3" "$1" "$2" "$4" "$report"
	return 1
}

# valid FILE...: results that are as the schema says; can_validate: there is
# what it takes.
can_validate ()
{
	python3 -c 'import jsonschema' 2>/dev/null
}

valid ()
{
	python3 - "$schema" "$@" <<'END'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for name in sys.argv[2:]:
    jsonschema.validate(json.load(open(name)), schema,
                        cls=jsonschema.Draft202012Validator)
END
}

# allowed_cpus: those of this shell, one a line.
allowed_cpus ()
{
	sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status |
		tr ',' '\n' | while IFS=- read -r from to; do
		seq "$from" "${to:-$from}"
	done
}

# new_namespaces WHICH: the machine lets this user make them; else $why not.
new_namespaces ()
{
	"$WEIR" run -q -m null --msg-count 10 -D repeat=1 -D warmup=0 \
		-D matrix.boundary=namespace -D matrix.namespaces="$1" \
		-o probe.json >/dev/null 2>"$scratch/probe"
	why=$(jq -r '.cells[0].reason // ""' probe.json)
	test -z "$why"
}

# begin FLAGS...: weir run in the background, as a terminal would start it:
# a process group of its own, in which SIGINT is not ignored. $host is it.
begin ()
{
	: >"$scratch/stderr" # not a word of the last one
	setsid env --default-signal=INT "$WEIR" run -q "$@" \
		>"$scratch/stdout" 2>"$scratch/stderr" &
	host=$!
}

# end SIGNAL: to the group, as Ctrl-C does; $code is the exit code.
end ()
{
	kill -s "$1" -- "-$host"
	wait "$host"
	code=$?
}

# processes: those of weir that belong to this test, by their TMPDIR.
processes ()
{
	find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*/exe' \
		-lname "$(readlink -f "$WEIR")" 2>/dev/null |
		while read -r exe; do
		grep -qs "$scratch" "${exe%exe}environ" && echo "$exe"
	done
}

no_process ()
{
	test -z "$(processes)"
}

# nothing_left: no process, and no file in TMPDIR or /dev/shm; the test has
# set TMPDIR to its scratch folder.
nothing_left ()
{
	left=$(processes
		find "$scratch" -mindepth 1 '(' -name 'weir*' -o -name '*.tmp' \
			-o -type s -o -type p ')'
		find /dev/shm -name '*weir*' 2>/dev/null)
	test -z "$left" && return
	echo "left behind: $left"
	return 1
}
