#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The sequences that users type in container/: either side first, twice
# without a new server, every file that was promised.
. "$(dirname "$0")/common.sh"

server_first ()
{
	fresh
	server start && server status || return
	drive 0 1000 1024 1 && good 1000 1 || return
	says "weir host -m $MECHANISM --ipc-path sockets/ipc_benchmark.sock" \
		"$err" && says "round_trip" "$out" &&
		holds output/host_client_results.json \
			".cells[0].transport == \"$MECHANISM\" and
			.cells[0].size_bytes == 1024"
}

once_more ()
{
	rm -f output/host_client_results.json
	drive 0 500 64 2 && good 500 2
}

client_file ()
{
	until_true test -s output/container_server_results.json || {
		ls -la output
		return 1
	}
	holds output/container_server_results.json 'type == "object"'
}

host_first ()
{
	fresh
	drive_aside 1000 1024 1
	until_true test -S sockets/ipc_benchmark.sock || return
	server start && driven 0 && good 1000 1
}

nothing_at_the_meeting ()
{
	test -z "$(ls -A sockets)" && return
	ls -la sockets
	return 1
}

in_order ()
{
	begun=$(date +%s)
	"$ENGINE" stop --time 30 "weir-$MECHANISM-server" || return
	took=$(($(date +%s) - begun))
	code=$("$ENGINE" container inspect --format \
		'{{.State.ExitCode}}' "weir-$MECHANISM-server") || return
	echo "exit code $code after $took s"
	# 128 + SIGTERM, as the first process of a container says it.
	test "$code" = 143 && test $took -lt 20
}

gone ()
{
	server stop && exits 3 ./run_container_server.sh status &&
		! state_of "weir-$MECHANISM-server" >/dev/null 2>&1
}

for MECHANISM in uds shm pipe; do
	export MECHANISM
	ok "$MECHANISM: the server first" server_first
	ok "$MECHANISM: a second run with the same server" once_more
	ok "$MECHANISM: the client's side of the results" client_file
	ok "$MECHANISM: the socket is removed" nothing_at_the_meeting
	ok "$MECHANISM: the host first" host_first
	ok "$MECHANISM: a second run after that" once_more
	ok "$MECHANISM: podman stop ends the client in order" in_order
	ok "$MECHANISM: stop removes the container" gone
done
unset MECHANISM

timed ()
{
	fresh
	server start || return
	DURATION=300ms drive 0 0 1024 1 &&
		holds output/host_client_results.json \
			'.cells[0].status == "ok" and .cells[0].messages > 0'
}
ok "0 messages with DURATION" timed

# The header and a line for each message; nothing else is a line.
streams ()
{
	OUTPUT_FILE=./output/host_run.json STREAM_JSON=./output/lat_stream.json \
		STREAM_CSV=./output/lat_stream.csv \
		drive 0 2000 1024 1 && good 2000 1 output/host_run.json || return
	n=$(wc -l <output/lat_stream.csv)
	head -n 2 output/lat_stream.csv
	test "$n" -ge 2001 || return
	head -n 1 output/lat_stream.csv | tr -d '\r' | tr , '\n' |
		sort >"$scratch/columns"
	for column in timestamp_ns message_id mechanism message_size \
		one_way_latency_ns round_trip_latency_ns; do
		grep -qxF $column "$scratch/columns" || return
	done
	jq -es 'length >= 2000 and all(.[]; has("round_trip_latency_ns"))' \
		output/lat_stream.json
}
ok "OUTPUT_FILE, STREAM_JSON and STREAM_CSV" streams

defaults ()
{
	drive 0 && good 1000 1 && holds output/host_client_results.json \
		'.cells[0].size_bytes == 1024 and .cells[0].transport == "uds"'
}
ok "run_host_client.sh without arguments" defaults

again ()
{
	server start >"$scratch/said" 2>&1 && cat "$scratch/said" &&
		grep -qF "weir-uds-server runs already" "$scratch/said"
}
ok "start where it runs already" again

said ()
{
	server logs >"$scratch/said" 2>&1 && cat "$scratch/said" &&
		grep -qF "weir client" "$scratch/said"
}
ok "logs" said

renewed ()
{
	before=$("$ENGINE" container inspect -f '{{.Id}}' weir-uds-server)
	server restart || return
	after=$("$ENGINE" container inspect -f '{{.Id}}' weir-uds-server)
	test "$before" != "$after" && drive 0 100 && good 100 1
}
ok "restart" renewed

elsewhere ()
{
	fresh
	IPC_BENCHMARK_SOCKET_DIR=$scratch/meet IPC_BENCHMARK_OUTPUT_DIR=$scratch/out
	export IPC_BENCHMARK_SOCKET_DIR IPC_BENCHMARK_OUTPUT_DIR
	cd / && "$here/run_container_server.sh" start &&
		exits 0 "$here/run_host_client.sh" 100 &&
		good 100 1 "$scratch/out/host_client_results.json" &&
		until_true test -s "$scratch/out/container_server_results.json" &&
		test ! -e "$here/sockets"
}
ok "other folders, and another working directory" elsewhere

# fails CODE TEXT COMMAND...
fails ()
{
	text=$2
	code_wanted=$1
	shift 2
	exits "$code_wanted" env "$@" && says "$text" "$err"
}
ok "0 messages without DURATION" \
	fails 2 "0 messages need a time" ./run_host_client.sh 0 64 1
ok "a count that is none" \
	fails 2 'MESSAGES is a number, not "many"' ./run_host_client.sh many
ok "a size that is none" fails 2 "size" ./run_host_client.sh 10 0
ok "an unknown command" \
	fails 2 'what is "begin"?' ./run_container_server.sh begin
ok "a mechanism that is no name" fails 2 'MECHANISM is uds, shm, pipe or mq' \
	MECHANISM='a b' ./run_container_server.sh start
ok "no engine" fails 3 "podman is missing: install" \
	ENGINE="$scratch/podman" ./run_container_server.sh start
# As docker is where its daemon does not run.
mkdir "$scratch/bin"
cat >"$scratch/bin/docker" <<'END'
#!/bin/sh
test "$1" != --version || exec echo "Docker version 24.0.7, build a"
echo "Cannot connect to the Docker daemon" >&2
exit 1
END
chmod +x "$scratch/bin/docker"
for script in './run_container_server.sh start' \
	'./run_container_server.sh stop' ./build-image.sh; do
	# shellcheck disable=SC2086 # two words
	ok "a daemon that refuses: $script" fails 3 \
		"docker does not answer: Cannot connect to the Docker daemon" \
		ENGINE="$scratch/bin/docker" $script
done
# As the package podman-docker has it.
podman_as_docker ()
{
	mkdir "$scratch/alias"
	printf '#!/bin/sh\nexec podman "$@"\n' >"$scratch/alias/docker"
	chmod +x "$scratch/alias/docker"
	fresh
	ENGINE=$scratch/alias/docker server start && drive 0 100 && good 100 1
}
test "$ENGINE" != podman ||
	ok "podman by the name of docker" podman_as_docker
ok "an engine of another kind" fails 2 'not "lxc"' \
	ENGINE=lxc ./run_container_server.sh start

helps ()
{
	exits 0 ./run_container_server.sh help && says restart "$out" &&
		exits 0 ./run_host_client.sh --help && says DURATION "$out" &&
		exits 0 ./build-image.sh --help && says --offline "$out"
}
ok "help" helps
plan
