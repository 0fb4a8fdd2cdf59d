#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where results go: what can't be written is found before the first trial or
# said at the end, and never costs what was there before.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/tests/e2e/.libs:$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR
short='-m pipe --msg-count 10 -D repeat=1 -D warmup=0'

# run CODE ARGUMENT...
run ()
{
	want=$1
	shift
	# shellcheck disable=SC2086 # several words
	exits "$want" "$WEIR" run $short "$@"
}

# is_whole FILE: a whole result.
is_whole ()
{
	holds "$1" '.schema == "weir-result/1" and .complete and
		.cells[0].messages == 10'
}

# only NAME...: nothing else is in the folder `here`.
only ()
{
	found=$(ls -A here | tr '\n' ' ')
	test "$found" = "$(printf '%s ' "$@")" && return
	echo "in the folder: $found"
	return 1
}

# Files that can be written

makes_folders ()
{
	run 0 "$@" && is_whole a/b/c.json && test "$(ls -A a/b)" = c.json
}
ok "a missing folder is made for -o" makes_folders -o a/b/c.json
rm -rf a
ok "a missing folder is made for output.directory" \
	makes_folders -D output.directory=a/b -D output.json=c.json

default_place ()
{
	run 0 && is_whole output/results.json &&
		says "results: output/results.json" "$err"
}
ok "without a word it is output/results.json" default_place

mkdir here
replaced ()
{
	echo old >here/r.json
	echo other >here/other
	ln here/r.json was.json
	run 0 -o here/r.json && is_whole here/r.json && only other r.json &&
		test "$(cat was.json)" = old && test "$(cat here/other)" = other
}
ok "an existing file is replaced, not written over" replaced

kept_link ()
{
	ln -s r.json here/link.json
	rm here/r.json
	echo old >here/r.json
	run 0 -o here/link.json && test -L here/link.json &&
		is_whole here/r.json && only link.json other r.json
}
ok "a symbolic link stays one" kept_link

long_name ()
{
	name=$(printf '%0250d' 0).json
	run 0 -o "here/$name" && is_whole "here/$name" && rm "here/$name" &&
		only link.json other r.json
}
ok "a name as long as they go" long_name

on_stdout ()
{
	run 0 -o "$1" && is_whole "$scratch/stdout" &&
		says "transport  pattern" "$err"
}
ok "-o - is pure JSON on standard output" on_stdout -
ok "-o /dev/stdout likewise" on_stdout /dev/stdout

to_fifo ()
{
	mkfifo reader
	exec 3<>reader 4<reader # there before the run is
	cat <&4 3>&- >read.json &
	run 0 -o reader 3>&- 4<&- || return
	exec 3>&- 4<&-
	wait $! && is_whole read.json && test -p reader
}
ok "a FIFO with a reader is written in place" to_fifo

by_descriptor ()
{
	{ run 0 -o /dev/fd/3 3>&1 >&4 | cat >piped.json; } 4>&1 &&
		is_whole piped.json
}
ok "a pipe by its descriptor" by_descriptor

# Files that can't

# unwritable TEXT ARGUMENT...: said, and nothing was begun.
unwritable ()
{
	text=$1
	shift
	rm -f begun
	exits 1 "$WEIR" run -m faulty --msg-count 10 -D repeat=1 \
		-D transports.faulty.at=recv -D transports.faulty.what=fail \
		-D transports.faulty.side=host \
		-D transports.faulty.once="$scratch/begun" "$@" &&
		says "cannot open the output file" "$err" &&
		says "$text" "$err" || return
	test ! -e begun && return
	echo "found only after the trials"
	return 1
}

ok "a file below a file" unwritable "Not a directory" -o here/other/r.json
ok "a folder below a file" unwritable "Not a directory" \
	-D output.directory=here/other/more
ok "a file in /proc" unwritable "" -o /proc/r.json
ok "a file that is a folder" unwritable "it is a directory" -o here
ok "a name that ends as a folder's" unwritable "it names a directory" \
	-o here/none/
ln -s nowhere dangling.json
ok "a symbolic link to nothing" unwritable "symbolic link to nothing" \
	-o dangling.json
ln -s round.json round.json
ok "a symbolic link to itself" unwritable "levels of symbolic links" \
	-o round.json
foreign ()
{
	mkdir -p shared && echo old >aim && ln -s ../aim shared/r.json &&
		ln -s .. shared/d && chown -h 12345 shared/r.json shared/d ||
		return
	unwritable "a symbolic link of uid 12345" -o shared/r.json &&
		unwritable "a symbolic link of uid 12345" -o shared/d/aim &&
		test "$(cat aim)" = old
}
if test "$(id -u)" -eq 0; then
	ok "a symbolic link of another user" foreign
else
	skip "a symbolic link of another user" "only root can make one"
fi
mkfifo lonely
ok "a FIFO that nobody reads" unwritable "does anybody read it?" -o lonely
ok "a name that is too long" unwritable "File name too long" \
	-o "$(printf '%0300d' 0).json"

# isolated SHELL-COMMAND: with mounts of its own.
isolated ()
{
	unshare $private sh -c "mkdir -p own && $1"
}
for private in -m -rm ''; do
	test -z "$private" || isolated 'mount -t tmpfs none own' 2>/dev/null &&
		break
done

read_only ()
{
	isolated "mount -t tmpfs none own && mount -o remount,ro own &&
		exec \"$WEIR\" run $short -o own/r.json" 2>err
	code=$?
	test $code = 1 && says "Read-only file system" "$(cat err)"
}
disk_full ()
{
	isolated "mount -t tmpfs -o size=64k none own && cd own &&
		echo old >r.json && { cat /dev/zero >fill 2>../fill; true; } &&
		\"$WEIR\" run $short -o r.json 2>../err
		echo \$? >../code; ls -A >../left; cat r.json >../r.json" >table
	test "$(cat code)" = 1 && test "$(cat r.json)" = old &&
		test "$(tr '\n' ' ' <left)" = "fill r.json " &&
		says "cannot write the output file r.json" "$(cat err)" &&
		says "No space left on device" "$(cat err)"
}
if test -n "$private"; then
	ok "a read-only file system" read_only
	ok "a full disk leaves the old file alone" disk_full
else
	skip "a read-only file system" "nothing can be mounted here"
	skip "a full disk leaves the old file alone" \
		"nothing can be mounted here"
fi

# A limit on file sizes stops a write half-way, as a full disk does.
size_limit ()
{
	mkdir small && echo old >small/r.json
	# shellcheck disable=SC2086 # several words
	(ulimit -f 8 && exits 1 "$WEIR" run $short -o small/r.json) || return
	says "cannot write the output file small/r.json" "$(cat stderr)" &&
		says "File too large" "$(cat stderr)" &&
		test "$(cat small/r.json)" = old &&
		test "$(ls -A small)" = r.json
}
ok "a limit on file sizes leaves the old file alone" size_limit

dev_full ()
{
	run 1 -o /dev/full && says "cannot write the output file" "$err" &&
		says "No space left on device" "$err" &&
		says "transport  pattern" "$out"
}
ok "/dev/full as output file" dev_full

# stream CODE TEXT REDIRECTION ARGUMENT...: standard streams that are no good.
stream ()
{
	want=$1 text=$2 redirection=$3
	shift 3
	(eval "exec $redirection" && exec timeout -k 5 60 "$WEIR" "$@") 2>err
	code=$?
	test $code = "$want" && says "$text" "$(cat err)" && return
	echo "exit code $code"
	return 1
}

full_stdout ()
{
	stream 1 "No space left" '>/dev/full' run $short -o here/r.json &&
		is_whole here/r.json && test "$(grep -c error: err)" = 1
}
ok "a full standard output, and the file is written all the same" full_stdout
ok "JSON to a full standard output" \
	stream 1 "cannot write standard output: No space left" '>/dev/full' \
	run $short -o -
for command in "check -m pipe" "describe uds" --help --version; do
	# shellcheck disable=SC2086 # several words
	ok "weir $command to a full standard output" \
		stream 1 "standard output" '>/dev/full' $command
done

# As `weir … | head -n 1` does, who reads leaves before the end.
mkfifo leaves
left_alone ()
{
	true <leaves &
	stream 0 "" '>leaves' "$@" && test ! -s err
}
for command in "check -m pipe" "describe uds" --help --version; do
	# shellcheck disable=SC2086 # several words
	ok "weir $command to a reader who leaves" left_alone $command
done
table_left_alone ()
{
	left_alone run -q $short -o here/r.json && is_whole here/r.json
}
ok "the table to a reader who leaves, and the file is written" \
	table_left_alone

# A table may wait for its reader for ever; the file does not wait with it.
mkfifo stuck
table_stuck ()
{
	rm -f here/r.json
	exec 5<>stuck
	dd if=/dev/zero of=stuck bs=4096 oflag=nonblock 2>/dev/null # full
	# shellcheck disable=SC2086 # several words
	"$WEIR" run -q $short -o here/r.json >stuck &
	writer=$!
	until_true test -e here/r.json && is_whole here/r.json
	found=$?
	kill -s KILL $writer
	return $found
}
ok "the file is written before a table that nobody reads" table_stuck

# What is opened later must not be taken for a standard stream.
closed ()
{
	rm -f here/r.json
	stream "$1" "" "$2" run $short -o here/r.json
	is_whole here/r.json && only link.json other r.json
}
ok "a closed standard input" closed 0 '<&-'
ok "a closed standard output" closed 1 '>&-'
ok "closed standard streams" closed 1 '<&- >&- 2>&-'

# A run that is not to be leaves what is there.
usage ()
{
	echo old >here/r.json
	run 2 -D repeat=0 -o here/r.json &&
		test "$(cat here/r.json)" = old && only link.json other r.json
}
ok "a wrong command line leaves the old file alone" usage

failed_run ()
{
	exits 1 "$WEIR" run -m faulty --msg-count 10 -D repeat=1 \
		-D transports.faulty.at=recv -D transports.faulty.what=fail \
		-o here/r.json &&
		says "results: here/r.json" "$err" &&
		holds here/r.json '.complete == false' &&
		only link.json other r.json
}
ok "a run that fails writes its results, and says where" failed_run

plan
