#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A command beside each trial runs while that does, and never longer.
. "$(dirname "$0")/../tap.sh"

TMPDIR=$scratch
export TMPDIR

# Each run of it leaves its pid, and would go on for a minute.
lasting="sh -c 'echo \$\$ >>pids; exec sleep 60'"

# all_gone: none of them is left.
all_gone ()
{
	test -s pids || { echo "none was started"; return 1; }
	while read -r pid; do
		test ! -d "/proc/$pid" || { echo "$pid is left"; return 1; }
	done <pids
}

# A trial that lasts: on a loaded machine a shell needs its time to begin.
beside ()
{
	: >pids
	exits 0 "$WEIR" run -q -m pipe -D duration=500ms -D repeat=2 \
		-D matrix.background="[none,\"$lasting\"]" -o beside.json &&
		test "$(wc -l <pids)" = 2 && all_gone &&
		cells beside.json 2 true 'intact and .warnings == []' &&
		cells beside.json 1 '.background == "none"' true
}
ok "it runs once a trial and is ended with it" beside

short ()
{
	exits 0 "$WEIR" run -q -m pipe -D duration=500ms -D repeat=2 \
		-D matrix.background=false -o short.json &&
		says "did not last for the whole trial: it ended with exit code 1" \
			"$(cat short.json)$out" &&
		cells short.json 1 true '.status == "ok" and
			(.warnings | length) == 1'
}
ok "one that ends early is told" short

missing ()
{
	exits 3 "$WEIR" run -q -m pipe --msg-count 5 -D repeat=1 \
		-D matrix.background=[none,/nowhere/stress] -o missing.json &&
		cells missing.json 1 '.status == "ok"' true &&
		cells missing.json 1 '.status == "refused"' \
		'.reason | contains("\"/nowhere/stress\" can'"'"'t be run")'
}
ok "one that is not there is refused" missing

unclosed ()
{
	exits 2 "$WEIR" check -m pipe -D 'matrix.background=sh "x' &&
		says "matrix.background: takes none or a command" "$err"
}
ok "a quote that stays open is an error of the config" unclosed

started ()
{
	test -s pids
}

# ended_by SIGNAL: however the run ends.
ended_by ()
{
	: >pids
	begin -m pipe -D duration=60s -D repeat=1 \
		-D matrix.background="$lasting" -o ended.json
	until_true started || return
	end "$1"
	echo "exit code $code"
	until_true all_gone && until_true no_process
}
for signal in INT TERM KILL; do
	ok "SIG$signal to the run ends it, too" ended_by "$signal"
done

# A trial that fails: the client is killed under it.
killed_client ()
{
	: >pids
	begin -m pipe -D duration=60s -D repeat=1 \
		-D matrix.background="$lasting" -o killed.json
	until_true started || return
	until_true client_there || return
	kill -s KILL "$client"
	wait "$host"
	test $? = 1 && all_gone
}

client_there ()
{
	client=$(ps -o pid=,args= --ppid "$host" |
		sed -n 's/^ *\([0-9]*\) weir client.*/\1/p')
	test -n "$client"
}
ok "a failed trial ends it, too" killed_client
plan
