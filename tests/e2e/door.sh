#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The control socket's file: where it may lie, who may come, and that it does
# not outlive who made it.
# shellcheck disable=SC2086 # $other is several words
. "$(dirname "$0")/../tap.sh"

TMPDIR=$scratch
export TMPDIR
chmod 0755 "$scratch"
socket=$scratch/meet/control

# alone FUNCTION: in a folder of its own, and nobody it started stays.
alone ()
{
	host=''
	rm -rf "$scratch/meet"
	mkdir "$scratch/meet"
	"$1"
	result=$?
	test -z "$host" || { kill -KILL "$host" && wait "$host"; } \
		2>"$scratch/ended"
	return $result
}

# awaits FLAGS...: a host that listens, in the background.
awaits ()
{
	"$WEIR" host -q -m uds -D repeat=1 --msg-count 100 -D warmup=0 \
		--ipc-path "$socket" -o "$scratch/r.json" \
		--connect-timeout 50s "$@" >host.out 2>host.err &
	host=$!
	until_true test -S "$socket"
}

# ended CODE: the host has, and its socket is gone.
ended ()
{
	wait "$host"
	code=$?
	host=
	test "$code" = "$1" && test ! -e "$socket" && return
	echo "the host's exit code is $code and not $1"
	cat host.err
	return 1
}

# served COMMAND...: the client comes so, and is served.
served ()
{
	exits 0 "$@" client "$patient" --ipc-path "$socket" && ended 0 &&
		cells "$scratch/r.json" 1 true "whole(100)"
}

# has MODE:UID:GID
has ()
{
	is=$(stat -c %a:%u:%g "$socket")
	echo "$is"
	test "$is" = "$1"
}

own ()
{
	awaits && has "600:$(id -u):$(id -g)" && served "$WEIR"
}
ok "its file is for its user alone" alone own

mode ()
{
	awaits --ipc-mode 0660 && has "660:$(id -u):$(id -g)" && served "$WEIR"
}
ok "--ipc-mode" alone mode

# An address has room for 107 bytes.
far_away ()
{
	long=$(printf '%0250d' 0)
	socket=$scratch/meet/$long/$long/control
	awaits && served "$WEIR"
}
ok "a path that no address could hold" alone far_away

relative ()
{
	cd meet && socket=control && awaits && served "$WEIR"
}
ok "a name in the working directory" alone relative

taken ()
{
	echo precious >"$socket"
	exits 2 "$WEIR" host -q -m uds --ipc-path "$socket" -o r.json &&
		says "exists and is not a socket" "$err" &&
		test "$(cat "$socket")" = precious
}
ok "a file that is no socket stays" alone taken

signalled ()
{
	echo precious >r.json
	awaits && kill -TERM "$host" && ended 143 &&
		test "$(cat r.json)" = precious
}
ok "a host that is told to end takes it away; earlier results stay" \
	alone signalled

in_vain ()
{
	echo precious >earlier.json
	exits 124 "$WEIR" host -q -m uds --ipc-path "$socket" \
		-o earlier.json --connect-timeout 50ms &&
		says "no client came to" "$err" && test ! -e "$socket" &&
		test "$(cat earlier.json)" = precious && test -z "$out"
}
ok "and so does one that waits in vain; earlier results stay" alone in_vain

# ---- others ----

# A user who is neither root nor owns anything here.
other="setpriv --reuid 4242 --regid 4242 --clear-groups"

turned_away ()
{
	awaits --ipc-mode 0666 || return
	$other "$WEIR" client --ipc-path "$socket" 2>client.err
	until_true grep -qF "a client of uid 4242 was turned away" host.err &&
		grep -qF "allow_uids" host.err && served "$WEIR"
}

allowed ()
{
	awaits --ipc-mode 0666 -D 'allow_uids=[4242]' &&
		served $other "$WEIR"
}

owner ()
{
	chmod 0755 meet
	awaits --ipc-owner 4242:4343 && has 600:4242:4343 &&
		served $other "$WEIR"
}

group ()
{
	awaits --ipc-mode 0660 --ipc-group 4242 -D 'allow_uids=[4242]' &&
		has 660:0:4242 && served $other "$WEIR"
}

# Until the file has its owner, a client that was first has no way in.
no_way_in ()
{
	exits 124 $other "$WEIR" client --connect-timeout 50ms \
		--ipc-path "$socket" || return
	awaits
	exits 124 $other "$WEIR" client --connect-timeout 50ms \
		--ipc-path "$socket" && says "Permission denied" "$err" &&
		kill -TERM "$host" && ended 143
}

closed_folder ()
{
	chmod 0700 meet
	exits 3 $other "$WEIR" host -q -m uds --ipc-path "$socket" -o - &&
		says "the folder of the control socket" "$err" &&
		says "Permission denied" "$err"
}

if test "$(id -u)" = 0 && $other test -x "$WEIR"; then
	ok "another user is turned away, and the host waits on" \
		alone turned_away
	ok "allow_uids lets one in" alone allowed
	ok "--ipc-owner gives the file away, and lets its user in" alone owner
	ok "--ipc-group" alone group
	ok "a client without permission says so" alone no_way_in
	ok "a folder of somebody else's" alone closed_folder
else
	skip "other users" "needs root, and a tree that others can read"
fi
ok "nothing is left" nothing_left

plan
