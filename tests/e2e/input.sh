#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bad input: each is named with what to do, ends with the documented exit
# code, and runs nothing.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs:$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# refused CODE TEXT ARGUMENT...: weir run says TEXT, and nothing has run.
refused ()
{
	want=$1 text=$2
	shift 2
	rm -rf output
	exits "$want" "$WEIR" run "$@" || return
	says "$text" "$err" && says "weir: error: " "$err" || return
	test -z "$out" && test ! -e output && return
	echo "something has run: $out"
	return 1
}

# config NAME TEXT: writes a config of that text (for printf).
config ()
{
	# shellcheck disable=SC2059 # the text is the format
	printf "$2" >"$1.cfg"
}

# Whole files

ok "a config that does not exist" \
	refused 2 'nope.cfg: can'\''t be read: No such file' nope.cfg
mkdir folder.cfg
ok "a config that is a directory" \
	refused 2 'folder.cfg: is a directory, not a file' folder.cfg
: >empty.cfg
ok "a config that is empty" refused 2 'empty.cfg: the file is empty' empty.cfg
config comment '# nothing\n'
ok "a config that is a comment" \
	refused 2 'comment.cfg: the file holds no settings' comment.cfg
head -c 10485760 /dev/urandom >noise.cfg
ok "a config of 10 MB of noise" \
	refused 2 'noise.cfg: is larger than 1048576 bytes' noise.cfg
head -c 1000000 /dev/urandom | tr -d '\000' >hiss.cfg
ok "a config of 1 MB of noise" refused 2 'hiss.cfg:' hiss.cfg
config nul 'name = "a\000b";\n'
ok "a config with a NUL byte" \
	refused 2 'nul.cfg: the file holds a NUL byte' nul.cfg
mkfifo fifo.cfg
ok "a config that is a FIFO" \
	refused 2 'fifo.cfg: is not a regular file' fifo.cfg
ok "a config that never ends" \
	refused 2 '/dev/zero: is not a regular file' /dev/zero
if test "$(id -u)" != 0; then
	config secret 'name = "x";\n'
	chmod 0 secret.cfg
	ok "a config that may not be read" \
		refused 2 'Permission denied' secret.cfg
else
	skip "a config that may not be read" "root may read all"
fi
config two 'matrix: { transport = "uds"; };\n'
ok "two configs" refused 2 'takes one config file, not 2' two.cfg two.cfg

# @include

config into '@include "/"\n'
ok "an @include of a directory" \
	refused 2 'into.cfg:1: @include: /: is a directory' into.cfg
config gone 'repeat = 1;\n@include "nope.cfg"\n'
ok "an @include of nothing" refused 2 'gone.cfg:2: @include: ' gone.cfg
config loop '@include "pool.cfg"\n'
config pool '@include "loop.cfg"\n'
ok "a loop of @includes" refused 2 \
	'loop.cfg includes pool.cfg includes loop.cfg' loop.cfg
for i in 1 2 3 4 5 6 7 8 9 10; do
	config deep$i "@include \"deep$((i + 1)).cfg\"\n"
done
config deep11 'matrix: { transport = "uds"; };\n'
ok "@includes too deep" \
	refused 2 'files include one another deeper than 8' deep1.cfg
config zero '@include "/dev/zero"\n'
ok "an @include that never ends" \
	refused 2 'zero.cfg:1: @include: /dev/zero: is not a regular' zero.cfg

# What a config says

# bad TEXT SETTINGS: a config that is good but for one line says TEXT.
bad ()
{
	config bad "matrix: { transport = \"uds\"; };\n$2\n"
	refused 2 "bad.cfg:2: $1" bad.cfg
}

ok "a syntax error" bad 'syntax error' 'repeat = 3 3;'
ok "a text without quotes" bad 'auto is a text and goes in quotes' \
	'cpu: { host = auto; };'
ok "a number of 64 bits without suffix" bad \
	'the number 5000000000 does not fit into 32 bits; put an L behind it' \
	'count = 5000000000;'
ok "an unknown key" bad 'repaet: unknown key; did you mean repeat?' \
	'repaet = 3;'
ok "a key in the wrong group" bad \
	'size: unknown key; did you mean matrix.size?' 'size = 64;'
ok "an option of a transport as a key" bad \
	'wait: unknown key; did you mean transports.uds.wait?' 'wait = "spin";'
ok "a value of another type" bad 'repeat: "three" is not a whole number' \
	'repeat = "three";'
ok "a fraction for a whole number" bad 'repeat: "1.5" is not a whole number' \
	'repeat = 1.5;'
ok "a group for a value" bad 'repeat.times: unknown key' \
	'repeat: { times = 3; };'
ok "a value for a group" bad 'output: is a group' 'output = "here.json";'
ok "a list where one value belongs" bad 'repeat: ' 'repeat = [1, 2];'
ok "a unit that is none" bad 'duration: "5 parsecs" is not a duration' \
	'duration = "5 parsecs";'
ok "a number without its unit" bad 'duration: ' 'duration = 5;'
ok "a value out of range" bad 'repeat: "0" is out of range' 'repeat = 0;'
ok "a choice that there is not" bad \
	'verify: "ful" is not one of none, header, full; did you mean full?' \
	'verify = "ful";'
ok "a plugin's unknown option" bad \
	'transports.uds.wiat: unknown option of the plugin uds; did you mean' \
	'transports: { uds: { plugin = "uds"; wiat = "spin"; }; };'
ok "a plugin's option with a bad value" bad \
	'transports.uds.wait: "slep" is not one of' \
	'transports: { uds: { plugin = "uds"; wait = "slep"; }; };'
ok "a key given twice" bad 'this key was already given' \
	'repeat = 1; repeat = 2;'
ok "count and duration in one layer" bad \
	'duration: excludes count, because a trial ends by one of them' \
	'count = 5; duration = "1s";'
ok "a list of CPUs that is none" bad 'cpu.host: "two" is not a list of CPUs' \
	'cpu: { host = "two"; };'
config nothing 'repeat = 1;\n'
ok "no transport at all" refused 2 'matrix.transport: is missing' nothing.cfg

together ()
{
	config many 'matrix: { transport = "uds"; sise = 64; };
repeat = 0;
verify = "all";
duration = "1 s";\n'
	refused 2 'many.cfg:1: matrix.sise: ' many.cfg &&
		says 'many.cfg:2: repeat: ' "$err" &&
		says 'many.cfg:3: verify: ' "$err" &&
		says 'many.cfg:4: duration: ' "$err"
}
ok "several problems are told together" together

for size in 0 16777217 17Mi 4Gi; do
	ok "a message size of $size" refused 2 \
		"matrix.size: \"$size\" is out of range, which is 1 … 16Mi" \
		-m uds --message-size "$size"
done
ok "a message size below zero" \
	refused 2 "can't be negative" -m uds --message-size -1
ok "count and duration on the command line" \
	refused 2 'duration is said at --duration, count at --msg-count' \
	-m uds --msg-count 10 --duration 1s

# The environment and the command line

from_environment ()
{
	exits 2 env "$1" "$WEIR" run -m uds -o result.json &&
		says "$2" "$err" && test ! -e result.json
}
ok "a typo in the environment" from_environment WEIR_REPAET=3 \
	'environment WEIR_REPAET: repaet: unknown key; did you mean repeat?'
ok "a typo in a group's variable" from_environment WEIR_MATRIX__SISE=64 \
	'matrix.sise: unknown key; did you mean matrix.size?'
ok "a bad value in the environment" from_environment WEIR_REPEAT=many \
	'environment WEIR_REPEAT: repeat: "many" is not a whole number'
ok "a log level that is none" from_environment WEIR_LOG=loud \
	'WEIR_LOG: "loud" is none of error, warn'
ok "-D without a value" refused 2 'no "="' -m uds -D repeat
ok "-D of an unknown key" \
	refused 2 'matrix.sise: unknown key' -m uds -D matrix.sise=64
ok "an unknown flag" refused 2 'did you mean --message-size' \
	-m uds --mesage-size 64
ok "an unknown option of a transport" \
	refused 2 'transports.uds.wat: unknown option of the plugin uds' \
	-m uds -D transports.uds.wat=spin

# What this machine lacks

missing ()
{
	WEIR_PLUGIN_PATH=$scratch/first:$scratch/second \
		refused 3 'no plugin "zither": no file zither.so in' \
		-m zither -D plugin_path="[$scratch/third]" || return
	for folder in first second third; do
		says "$scratch/$folder, " "$err" || return
	done
}
ok "a missing plugin names the folders that were tried" missing
ok "a missing plugin with a near name" refused 3 'did you mean uds?' -m udx

mkdir modules
echo 'a text' >modules/text.so
: >modules/nil.so
mkdir modules/dir.so
head -c 200 "$top_builddir/plugins/.libs/uds.so" >modules/short.so
module ()
{
	WEIR_PLUGIN_PATH=$scratch/modules refused 3 "$1.so: $2" -m "$1"
}
ok "a plugin that is a text" module text 'not an ELF shared object'
ok "a plugin that is empty" module nil 'not an ELF shared object'
ok "a plugin that is a folder" module dir 'not a regular file'
ok "a plugin that is cut short" module short 'the file is cut short'

abi=$top_builddir/tests/abi/.libs
wrong_abi ()
{
	WEIR_PLUGIN_PATH=$abi refused 3 "wrong_major.so: $1" -m wrong_major
}
if test -e "$abi/wrong_major.so"; then
	ok "a plugin of another ABI" wrong_abi 'made for plugin ABI 2.7, while this weir has'
else
	skip "a plugin of another ABI" "tests/abi is not built"
fi

# A module that is no good, where all are wanted that are there.

echo "not an ELF file" >broken.so

listed ()
{
	WEIR_PLUGIN_PATH=$scratch:$top_builddir/plugins/.libs
	exits 0 "$WEIR" list &&
		says "warn: $scratch/broken.so: not an ELF shared" "$err" &&
		says "uds " "$out" && says "pipe " "$out" &&
		exits 0 "$WEIR" check -m all &&
		says "warn: $scratch/broken.so: not an ELF shared" "$err" &&
		says "  uds/" "$out" && says "  pipe/" "$out" &&
		refused 3 "broken.so: not an ELF shared object" -m broken
}
ok "a module that is no good is left out of all, and told" listed

# The same with a folder in which there is no other, unless weir is installed.
none_left ()
{
	says "no transport was found" "$(./weir list 2>&1)" &&
		exits 3 ./weir list && exits 3 ./weir run -m all &&
		says "-m all: no transport was found" "$err"
}
mkdir empty && cp broken.so empty && cp "$WEIR" weir || exit 99
WEIR_PLUGIN_PATH=$scratch/empty
if ./weir list >log 2>&1; then
	skip "no module that is any good" "weir is installed here"
else
	ok "no module that is any good" none_left
fi
WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs:$top_builddir/plugins/.libs

# Cells that can't be had, among others that can

# cells NAME: their status in the result, in the plan's order.
cells ()
{
	holds result.json "[.cells[].status] == $1"
}

no_cpu ()
{
	exits 3 "$WEIR" run -m uds --msg-count 10 -D repeat=1 \
		--host-affinity 4000 -o result.json &&
		says "CPU 4000 does not exist or is not allowed" "$out" &&
		says "the CPUs allowed are $(awk '/^Cpus_allowed_list/ {
			print $2 }' /proc/self/status)" "$out" &&
		cells '["refused"]'
}
ok "a CPU that doesn't exist" no_cpu

too_large ()
{
	exits 3 "$WEIR" run -m uds,pipe --msg-count 3 -D repeat=1 \
		-D transports.uds.type=seqpacket --message-size 64,16Mi \
		-o result.json || return
	says "type = seqpacket carries at most" "$out" &&
		cells '["ok", "refused", "ok", "ok"]' &&
		holds result.json '.complete'
}
ok "a size that the transport can't take" too_large

# ends CODE LIST STATUSES: a run over named transports.
ends ()
{
	config several 'count = 100; warmup = "0s"; repeat = 1;
matrix: { pattern = "one_way"; };
transports: {
	good: { plugin = "faulty"; };
	refuses: { plugin = "faulty"; at = "offer"; what = "refuse";
		side = "host"; };
	loses: { plugin = "faulty"; at = "send"; what = "drop"; side = "host";
		after = 10; times = 1; };
	fails: { plugin = "faulty"; at = "send"; what = "fail"; side = "host";
		after = 10; };
};\n'
	exits "$1" "$WEIR" run several.cfg -D matrix.transport="[$2]" \
		-o result.json && cells "$3"
}
ok "a refused cell is exit code 3" \
	ends 3 refuses,good '["refused", "ok"]'
ok "a loss is exit code 4" ends 4 loses,good '["failed", "ok"]'
ok "a loss goes before a refusal" \
	ends 4 refuses,loses,good '["refused", "failed", "ok"]'
ok "a failure goes before a loss" \
	ends 1 refuses,loses,fails,good '["refused", "failed", "failed", "ok"]'

# No memory

# small SHELL-COMMAND: runs it where 256 KiB is all that TMPDIR holds.
small ()
{
	mkdir -p small
	unshare $private sh -c "mount -t tmpfs -o size=256k none small &&
		TMPDIR=\$PWD/small && export TMPDIR && $1"
}

for private in -m -rm ''; do
	test -z "$private" || small true 2>/dev/null && break
done

# no_memory TEXT HOW OPTION: the ring can't be had, and the other cell can.
no_memory ()
{
	$2 "exec \"$WEIR\" run -m shm,uds --msg-count 10 -D repeat=1 \
		-D transports.shm.ring_size=128Mi $3 -o result.json" >table
	code=$?
	test $code = 1 || echo "exit code $code and not 1"
	test $code = 1 && says "$1" "$(cat table)" &&
		says "two rings of" "$(cat table)" &&
		cells '["failed", "ok"]'
}
if test -n "$private"; then
	ok "no room for the ring's file" no_memory 'no free memory for' small \
		'-D transports.shm.rendezvous=path'
else
	skip "no room for the ring's file" "no file system can be mounted here"
fi

limited ()
{
	sh -c "ulimit -v 500000 && $1"
}
case ${SANITIZERS:-} in
'')
	ok "no room in the address space for the ring" \
		no_memory 'no room in the address space' limited ''
	;;
*)
	skip "no room in the address space for the ring" \
		"a sanitizer needs all addresses"
	;;
esac

plan
