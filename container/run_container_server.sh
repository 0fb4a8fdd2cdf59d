#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The container's side: a client of weir that stays for run after run.
set -u
usage ()
{
	cat <<'END'
usage: run_container_server.sh COMMAND

  start     start the container weir-MECHANISM-server (builds the image if
            there is none); nothing if it runs already
  stop      let it end what it does, and remove it
  restart   stop, then start
  status    how it stands; exit code 3 if it does not run
  logs      what it said; further arguments go to the engine (logs -f)
  build     build the image again, from nothing
  prepare   only make the two folders
  help      this text

Environment:
  MECHANISM                  uds (default), shm, pipe or mq: names the container;
                             what is measured is the host's choice
  CLIENTS                    how many to start (default 1); the further ones
                             are weir-MECHANISM-server-2, -3, ...
  IPC_BENCHMARK_SOCKET_DIR   ./sockets, mounted at /app/sockets
  IPC_BENCHMARK_OUTPUT_DIR   ./output, mounted at /app/output
  WEIR_LOG                   error, warn, info (default), debug or trace
  ENGINE, IMAGE    podman, localhost/weir:latest
  MEMORY, CPUS               limits of the container (256m, 1.5)
END
}
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=container/engine.sh
. "$here/engine.sh"

name_of ()
{
	if test "$1" -eq 1; then
		echo "weir-$MECHANISM-server"
	else
		echo "weir-$MECHANISM-server-$1"
	fi
}

names ()
{
	"$ENGINE" ps --all --filter "label=weir.server=$MECHANISM" \
		--format '{{.Names}}'
}

# state NAME: running, exited, paused ... or nothing.
state ()
{
	"$ENGINE" container inspect --format '{{.State.Status}}' "$1" \
		2>/dev/null
}

has_image ()
{
	"$ENGINE" image inspect "$IMAGE" >/dev/null 2>&1
}

# start_one NAME RESULTS
start_one ()
{
	case $(state "$1") in
	running)
		engine_say "$1 runs already"
		return 0
		;;
	'') ;;
	*) "$ENGINE" rm --force "$1" >/dev/null || return ;;
	esac
	# shellcheck disable=SC2046 # arguments without spaces
	"$ENGINE" run --detach --pull=never --name "$1" \
		--label "weir.server=$MECHANISM" $(engine_isolate) \
		--volume "$shared_sockets:/app/sockets$(engine_label)" \
		--volume "$shared_output:/app/output$(engine_label)" \
		--env "WEIR_LOG=${WEIR_LOG:-info}" \
		${MEMORY:+"--memory=$MEMORY"} ${CPUS:+"--cpus=$CPUS"} \
		"$IMAGE" client --persist \
		--ipc-path /app/sockets/ipc_benchmark.sock \
		--output-file "/app/output/$2" >/dev/null || {
		engine_say "$1 could not be started"
		return 1
	}
	test "$(state "$1")" = running || {
		engine_say "$1 ended at once; it said:"
		"$ENGINE" logs "$1" 2>&1 | sed 's/^/  /' >&2
		return 1
	}
	engine_say "$1 is started and serves $sockets/ipc_benchmark.sock"
}

start ()
{
	has_image || "$here/build-image.sh" || return
	# The environment of an image that was built just now, or elsewhere.
	engine_setup || return
	if test "$engine_kind" = podman; then
		engine_probe "$IMAGE" || return
	fi
	engine_directories || return
	shared_sockets=$(cd "$sockets" && pwd -P) || return
	shared_output=$(cd "$output" && pwd -P) || return
	start_one "$(name_of 1)" container_server_results.json || return
	number=2
	while test "$number" -le "$CLIENTS"; do
		start_one "$(name_of $number)" \
			"container_server_results-$number.json" || return
		number=$((number + 1))
	done
}

stop ()
{
	running=$(names) || return
	test -n "$running" || {
		engine_say "no container weir-$MECHANISM-server is there"
		return 0
	}
	failed=0
	for name in $running; do
		# A paused one could not answer.
		test "$(state "$name")" != paused ||
			"$ENGINE" unpause "$name" >/dev/null
		if "$ENGINE" stop --time 10 "$name" >/dev/null &&
			"$ENGINE" rm --force "$name" >/dev/null; then
			engine_say "$name is stopped"
		else
			engine_say "$name could not be stopped"
			failed=1
		fi
	done
	return $failed
}

status ()
{
	engine_directories || return
	existing=$(names) || return
	test -n "$existing" || {
		echo "weir-$MECHANISM-server: not started"
		return 3
	}
	failed=0
	for name in $existing; do
		"$ENGINE" container inspect --format \
			"$name: {{.State.Status}} (exit code {{.State.ExitCode}}), pid {{.State.Pid}}, image {{.ImageName}}" \
			"$name" || return
		test "$(state "$name")" = running || failed=3
	done
	if test -S "$sockets/ipc_benchmark.sock"; then
		echo "$sockets/ipc_benchmark.sock: there"
	else
		echo "$sockets/ipc_benchmark.sock: no host at the moment"
	fi
	return $failed
}

command=${1:-help}
test $# -eq 0 || shift
case $command in
help | -h | --help)
	usage
	exit 0
	;;
start | stop | restart | status | build | prepare)
	test $# -eq 0 || {
		engine_say "$command takes no argument"
		exit 2
	}
	;;
logs) ;;
*)
	engine_say "what is \"$command\"?"
	usage >&2
	exit 2
	;;
esac
engine_mechanism || exit
engine_setup || exit
case $command in
start) start ;;
stop) stop ;;
restart) stop && start ;;
status) status ;;
logs) exec "$ENGINE" logs "$@" "$(name_of 1)" ;;
build) exec "$here/build-image.sh" --force ;;
prepare) engine_directories ;;
esac
