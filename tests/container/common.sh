# SPDX-License-Identifier: Apache-2.0
# What the tests in real containers share. They need an engine and the image
# (container/build-image.sh) and run one at a time: the names of containers
# are the ones that users see. Each ends with `plan`.
# shellcheck shell=sh
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

# A tree of its own: the folder of scripts, and the program beside it.
unset IPC_BENCHMARK_SOCKET_DIR IPC_BENCHMARK_OUTPUT_DIR MECHANISM CLIENTS \
	DURATION OUTPUT_FILE STREAM_JSON STREAM_CSV CONNECT_TIMEOUT WEIR_LOG
chmod 0755 "$scratch"
cp -R "$top_srcdir/container" "$scratch/container" || exit 99
rm -rf "$scratch/container/sockets" "$scratch/container/output"
ln -s "$(realpath "$WEIR")" "$scratch/weir" || exit 99
unset WEIR
cd "$scratch/container" || exit 99
here=$scratch/container
# shellcheck source=container/engine.sh
. ./engine.sh
engine_setup && engine_probe "$IMAGE" || {
	echo "Bail out! containers can't run here (container/build-image.sh)"
	exit 99
}
trap 'fresh; rm -rf "$scratch"' EXIT

# clear_away: no container of these tests is left, nor a volume.
clear_away ()
{
	for label in weir.server weir.peer weir.driver; do
		for id in $("$ENGINE" ps --all --quiet --filter \
			"label=$label"); do
			"$ENGINE" unpause "$id"
			"$ENGINE" rm --force --time 0 "$id"
		done
	done >"$scratch/cleared" 2>&1
}

fresh ()
{
	clear_away
	test ! -f "$scratch/aside.pid" ||
		kill "$(cat "$scratch/aside.pid")" 2>/dev/null
	rm -rf sockets output
}

server ()
{
	./run_container_server.sh "$@"
}

# drive CODE ARGUMENT...: run_host_client.sh, for at most a minute.
drive ()
{
	code_wanted=$1
	shift
	exits "$code_wanted" ./run_host_client.sh "$@"
}

# drive_aside ARGUMENT...: the same, in the background as $driver. What else is
# done meanwhile, such as a container's start, may take a busy machine long.
drive_aside ()
{
	CONNECT_TIMEOUT=100s timeout -k 5 120 ./run_host_client.sh "$@" >"$scratch/aside" 2>&1 &
	driver=$!
	echo $driver >"$scratch/aside.pid"
}

# driven CODE: it has ended so.
driven ()
{
	wait "$driver"
	code=$?
	rm -f "$scratch/aside.pid"
	aside=$(cat "$scratch/aside")
	test "$code" = "$1" && return
	printf 'exit code %s and not %s:\n%s\n' "$code" "$1" "$aside"
	return 1
}

# One run's results, of N messages a channel over W channels.
good ()
{
	holds "${3:-output/host_client_results.json}" '.complete' &&
		cells "${3:-output/host_client_results.json}" 1 true \
			"whole($1) and .boundary == \"external\" and
			.concurrency == $2"
}

state_of ()
{
	"$ENGINE" container inspect --format '{{.State.Status}}' "$1"
}

is_state ()
{
	test "$(state_of "$1")" = "$2"
}

in_log ()
{
	"$ENGINE" logs "$1" 2>&1 | grep -qF -- "$2"
}

# n_in_log NAME N TEXT: it stands there at least N times.
n_in_log ()
{
	test "$("$ENGINE" logs "$1" 2>&1 | grep -cF -- "$3")" -ge "$2"
}

may_limit ()
{
	# Without root, cgroups of version 1 can neither freeze nor limit.
	test "$(id -u)" -eq 0 || test -f /sys/fs/cgroup/cgroup.controllers
}

# not_here NAME: where may_limit says no.
not_here ()
{
	skip "$1" "rootless, cgroups of version 1"
}
