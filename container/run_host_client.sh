#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The host's side: drives one experiment against the clients that
# run_container_server.sh starts, before or after this.
set -u
usage ()
{
	cat <<'END'
usage: run_host_client.sh [MESSAGES [SIZE [WORKERS]]]

  MESSAGES  messages of each worker (1000); 0: for the time that DURATION says
  SIZE      bytes of a message (1024)
  WORKERS   channels at the same time (1)

Environment:
  DURATION                   30s, 500ms ...: in place of MESSAGES
  MECHANISM                  uds (default), shm, pipe, mq; uds,shm; all
  OUTPUT_FILE                results (output/host_client_results.json)
  STREAM_JSON, STREAM_CSV    a record of each message, as it happens
  CLIENTS                    how many clients to wait for (1)
  CONNECT_TIMEOUT            how long to wait for them (30s)
  IPC_BENCHMARK_SOCKET_DIR   ./sockets
  IPC_BENCHMARK_OUTPUT_DIR   ./output
  WEIR_LOG                   error, warn, info, debug or trace
  WEIR                       the program (../weir, built if there is none)

The exit code is that of weir: 0 good, 1 failed, 2 usage, 3 not possible here,
4 messages were lost or corrupt, 124 no client came in time.
END
}
here=$(cd "$(dirname "$0")" && pwd) || exit 1
tree=${here%/*}
# shellcheck source=container/engine.sh
. "$here/engine.sh"

# in_tree FILE COMMAND...: runs it in the tree if FILE is not there.
in_tree ()
{
	test ! -e "$tree/$1" || return 0
	shift
	(cd "$tree" && "$@") >>"$tree/build-log/host.log" 2>&1 </dev/null || {
		engine_say "$* failed, the end of build-log/host.log:"
		tail -n 20 "$tree/build-log/host.log" | sed 's/^/  /' >&2
		engine_say "./quickstart.sh installs what a build needs"
		return 1
	}
}

build ()
{
	test ! -x "$tree/weir" || return 0
	engine_say "building weir, which takes a minute"
	mkdir -p "$tree/build-log" && : >"$tree/build-log/host.log" &&
		in_tree configure ./autogen.sh &&
		in_tree Makefile ./configure &&
		in_tree weir make -j "$(nproc)"
}

# claim FILE CONTENT: as root, makes a file that is to be written in a folder
# of which a container has a part: afterwards it can't be its symbolic link.
claim ()
{
	if test -L "$1"; then
		engine_say "$1 is a symbolic link, and a container can write" \
			"in that folder: remove it"
		return 1
	fi
	test "$(id -u)" -eq 0 || return 0
	case $1 in
	"$output"/*) ;;
	*) return 0 ;;
	esac
	if test -e "$1"; then
		test -O "$1" && return
		engine_say "$1 is not root's, but a container's: remove it"
		return 1
	fi
	(set -C && printf '%s' "$2" >"$1")
}

number ()
{
	case $2 in
	'' | *[!0-9]*)
		engine_say "$1 is a number, not \"$2\""
		usage >&2
		exit 2
		;;
	esac
}

case ${1:-} in
-h | --help | help)
	usage
	exit 0
	;;
esac
test $# -le 3 || {
	usage >&2
	exit 2
}
messages=${1:-1000} size=${2:-1024} workers=${3:-1}
number MESSAGES "$messages"
number WORKERS "$workers"
if test -z "${DURATION:-}" && ! test "$messages" -gt 0; then
	engine_say "0 messages need a time: DURATION=30s $0 0 $size $workers"
	exit 2
fi
engine_mechanism || exit
engine_directories || exit
if test -z "${WEIR:-}"; then
	build || exit
	WEIR=$tree/weir
	test "$here" != "$(pwd)" || WEIR=../weir
fi
: "${OUTPUT_FILE:=$output/host_client_results.json}"
claim "$OUTPUT_FILE" '{}' || exit
for stream in "${STREAM_JSON:-}" "${STREAM_CSV:-}"; do
	test -z "$stream" || claim "$stream" '' || exit
done

set -- "$WEIR" host -m "$MECHANISM" \
	--ipc-path "$sockets/ipc_benchmark.sock" \
	--clients "$CLIENTS" --connect-timeout "${CONNECT_TIMEOUT:-30s}" \
	--message-size "$size" --concurrency "$workers" -D repeat=1
if test -n "${DURATION:-}"; then
	set -- "$@" --duration "$DURATION"
else
	set -- "$@" --msg-count "$messages"
fi
# A container that root started has another user.
test "$(id -u)" -ne 0 || set -- "$@" --ipc-owner "$engine_ids"
set -- "$@" --output-file "$OUTPUT_FILE"
test -z "${STREAM_JSON:-}" ||
	set -- "$@" --streaming-output-json "$STREAM_JSON"
test -z "${STREAM_CSV:-}" || set -- "$@" --streaming-output-csv "$STREAM_CSV"
echo "$*" >&2
exec "$@"
