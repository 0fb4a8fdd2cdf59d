#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The boundary namespace: the client is in exactly those new namespaces that
# were asked for, every transport crosses them, and faults are noticed as at
# the boundary process.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR

# differ NAMESPACES WANTED: of host and client those WANTED differ, and the
# others do not.
differ ()
{
	exits 0 "$WEIR" run -q -m uds --msg-count 100 -D repeat=1 \
		-D warmup=0 -D matrix.boundary=namespace \
		-D matrix.namespaces="$1" -o result.json || return
	holds result.json ".environment as {\$host} |
		.cells[0].clients[0].namespaces | . as \$client | keys |
		map(select(\$client[.] != \$host[. + \"_namespace\"])) ==
			($2 | sort)"
}

carries ()
{
	exits 0 "$WEIR" run -q -m mq --msg-count 50 --message-size 64,4Ki \
		-D matrix.pattern=[round_trip,one_way] -D repeat=1 \
		-D warmup=0 -D verify=full -D matrix.boundary=namespace \
		-o result.json || return
	cells result.json 4 true "whole(50)" || return
	exits 0 "$WEIR" run -q -m uds,shm,pipe --msg-count 50 \
		--message-size 64,128Ki -D matrix.pattern=[round_trip,one_way] \
		-D repeat=1 -D warmup=0 -D verify=full \
		-D matrix.boundary=namespace -o result.json \
		-D transports.uds.plugin=uds -D transports.shm.plugin=shm \
		-D transports.pipe.plugin=pipe \
		-D transports.uds.rendezvous=[fd,path] \
		-D transports.shm.rendezvous=[fd,path] \
		-D transports.pipe.rendezvous=[fd,path] || return
	cells result.json 24 true "whole(50)" && nothing_left
}

# Each network namespace has a loopback of its own.
no_tcp ()
{
	exits 3 "$WEIR" run -q -m tcp --msg-count 50 -D repeat=1 -D warmup=0 \
		-D matrix.boundary=namespace -D matrix.namespaces=[all,user+net] \
		-o result.json &&
		cells result.json 2 true '.status == "refused" and
			(.reason | test("tcp needs both sides in one network" +
				" namespace.*net:.[0-9]+.*net:.[0-9]+"))' &&
		nothing_left
}

tcp_at_home ()
{
	exits 0 "$WEIR" run -q -m tcp --msg-count 50 -D repeat=1 -D warmup=0 \
		-D matrix.boundary=namespace -D matrix.namespaces=user+pid+ipc \
		-D verify=full -o result.json &&
		cells result.json 1 true "whole(50)" && nothing_left
}

client_of ()
{
	client=$(children "$1")
	test -n "$client"
}

gone ()
{
	! kill -0 "$1" 2>/dev/null
}

# begin: a long run in the background, $host, and its $client, a PID 1, once
# that is at work: a record of the stream proves that the timed region has begun.
begin ()
{
	rm -f stream.csv
	"$WEIR" run -q -m uds --duration 60s -D repeat=1 -D warmup=0 \
		-D matrix.boundary=namespace -o result.json \
		--streaming-output-csv stream.csv >/dev/null 2>&1 &
	host=$!
	until_true measures 2>/dev/null && client_of "$host" && return
	echo "no client is at work"
	kill -TERM "$host"
	return 1
}

measures ()
{
	test "$(wc -l <stream.csv)" -gt 1
}

# PID 1 of a namespace hears few signals, but these, from outside.
signalled ()
{
	unset WEIR_SILENCE_TIMEOUT
	begin || return
	kill -"$1" "$client"
	wait "$host"
	code=$?
	if test "$code" != 1; then
		echo "exit code $code and not 1"
		return 1
	fi
	holds result.json ".cells[0].reason |
		startswith(\"in the timed region: the client (pid \") and
		contains(\"$2\")" && until_true gone "$client" && nothing_left
}

dies_with_host ()
{
	begin || return
	kill -KILL "$host"
	wait "$host"
	until_true gone "$client"
}

wrong ()
{
	exits 2 "$WEIR" check -m uds -D matrix.boundary=namespace \
		-D matrix.namespaces="$1" &&
		says "matrix.namespaces: takes all, none, or some of" "$err"
}

# What can't be had is named, with the way out. A plain user has no right to
# it; of root that right is taken.
refused ()
{
	set -- "$WEIR" run -q -m null --msg-count 10 -D repeat=1 \
		-D matrix.boundary=namespace -D matrix.namespaces=net+uts \
		-o result.json
	test "$(id -u)" != 0 ||
		set -- setpriv --bounding-set=-sys_admin \
			--inh-caps=-sys_admin "$@"
	exits 3 "$@" || return
	holds result.json ".cells[0].reason |
		startswith(\"a client in new net and uts namespaces can't be\")"
}

# Of a root that is not the mount namespace's own the kernel makes no user
# namespace; a boundary without it would not be the one that was asked for.
in_chroot ()
{
	mkdir -p root
	exits 3 unshare --mount sh -c 'mount --rbind / root &&
		exec chroot root "$@"' sh "$WEIR" run -q -m null \
		--msg-count 10 -D repeat=1 -D warmup=0 \
		-D matrix.boundary=namespace -D matrix.namespaces=[all,user] \
		-D output.directory="$scratch" -o "$scratch/result.json" &&
		cells result.json 2 true '.status == "refused" and
			(.reason | contains("root can do without"))'
}

all='"user","pid","ipc","net","uts","mount"'
if new_namespaces all; then
	ok "all namespaces are new" differ all "[$all]"
	for name in pid ipc net uts mount; do
		ok "user and $name are new" differ "user+$name" \
			"[\"user\",\"$name\"]"
	done
	ok "user is new" differ user '["user"]'
	ok "every transport crosses them" carries
	ok "tcp says that it can't cross a network" no_tcp
	ok "tcp crosses the others" tcp_at_home
	ok "a client that is killed is named" signalled KILL \
		"it was killed by signal 9 (Killed)"
	ok "a client that stops is named" signalled STOP "has been silent for"
	ok "the client dies with its host" dies_with_host
else
	skip "new namespaces" "$why"
fi
if test "$(id -u)" = 0; then
	ok "root needs no user namespace" differ pid+net '["pid","net"]'
	if unshare --mount true 2>why; then
		ok "a chroot has no new user namespace" in_chroot
	else
		skip "a chroot has no new user namespace" "$(cat why)"
	fi
fi
ok "what is not permitted is refused" refused
ok "none are new" differ none '[]'
ok "an unknown name is wrong" wrong pid+nett
ok "a name said twice is wrong" wrong pid+pid

plan
