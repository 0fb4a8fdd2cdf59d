#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The boundary container, with a real engine. It needs podman and an image of
# this very tree, which only who built one knows: TEST_CONTAINERS=required says
# so (container/ci.sh does), TEST_IMAGE names another image.
. "$(dirname "$0")/../tap.sh"

image=${TEST_IMAGE:-localhost/weir:latest}
WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs
export WEIR_PLUGIN_PATH
# shellcheck source=container/engine.sh
. "$top_srcdir/container/engine.sh"

# able: why containers can't be tested here, in $why.
able ()
{
	why="container/ci.sh runs it, with an image of this tree"
	test "${TEST_CONTAINERS:-}" = required || return
	why="podman is not installed"
	command -v podman >/dev/null 2>&1 || return
	why="there is no image $image (container/build-image.sh)"
	podman image exists "$image" 2>/dev/null || return
	engine_setup && engine_probe "$image" 2>probe || {
		why="podman can't run it: $(tr '\n' ' ' <probe)"
		return 1
	}
	why=
}

# run CODE ARGUMENT...: at the boundary container.
run ()
{
	code_wanted=$1
	shift
	rm -f result.json
	exits "$code_wanted" "$WEIR" run -m uds -D repeat=1 -D warmup=10ms \
		-D matrix.boundary=container -D container.image="$image" \
		-o result.json "$@"
}

# Ours: labelled with a directory in this test's folder.
containers ()
{
	podman ps --all --quiet --filter label=weir.run |
		while read -r one; do
			case $(podman inspect --format \
				'{{index .Config.Labels "weir.directory"}}' \
				"$one" 2>/dev/null) in
			"$scratch"/*) echo "$one" ;;
			esac
		done
}

no_container ()
{
	left=$(containers)
	test -z "$left" && nothing_left && return
	echo "left behind: $left"
	return 1
}

reason ()
{
	holds result.json ".cells[0].reason | contains(\"$1\")"
}

# begin [ARGUMENT...]: a long run in the background, $host, and its
# container, $name, once the client serves.
begin ()
{
	rm -f result.json
	"$WEIR" run -m uds --duration 60s -D repeat=1 -D warmup=0 \
		-D matrix.boundary=container -D container.image="$image" \
		-o result.json -v "$@" >"$scratch/stdout" \
		2>"$scratch/stderr" &
	host=$!
	until_true has_container && until_true serves
}

has_container ()
{
	name=$(podman ps --filter "label=weir.pid=$host" --format '{{.Names}}')
	test -n "$name"
}

serves ()
{
	podman logs "$name" 2>&1 | grep -q 'trial '
}

# ends CODE: the run in the background.
ends ()
{
	wait "$host"
	code=$?
	test "$code" = "$1" && return
	echo "exit code $code and not $1"
	cat "$scratch/stdout" "$scratch/stderr"
	return 1
}

# ---- the way it is meant ----

all_boundaries ()
{
	run 0 -m uds,shm,pipe,mq --msg-count 200 -D matrix.boundary=\
[thread,process,namespace,container] || return
	cells result.json 16 true "whole(200)" && no_container
}

# A container has a loopback of its own.
no_tcp ()
{
	run 3 -m tcp,mq --msg-count 200 || return
	cells result.json 1 '.transport == "tcp"' '.status == "refused"' \
		'.reason | contains("in one network namespace")' &&
		cells result.json 1 '.transport == "mq"' "whole(200)" &&
		no_container
}

# The config that teaches it, only faster.
config ()
{
	file=$(cd "$top_srcdir/configs" && pwd)/boundaries.cfg
	n=$(sed -n 's/^#.* \([0-9]*\) cells.*/\1/p' "$file")
	exits 0 "$WEIR" run -q "$file" -D duration=20ms -D warmup=5ms \
		-D repeat=1 -D container.image="$image" \
		-D output.directory=out || return
	cells out/boundaries.json "$n" true '.status == "ok" and intact' &&
		no_container
}

by_path ()
{
	run 0 -m uds,pipe --msg-count 200 -D transports.uds.plugin=uds \
		-D transports.uds.rendezvous=path \
		-D transports.pipe.plugin=pipe \
		-D transports.pipe.rendezvous=path || return
	cells result.json 2 true "whole(200)" && no_container
}

one_for_all ()
{
	run 0 -m uds,pipe --msg-count 50 --message-size 64,1Ki -D repeat=2 \
		--log-level info || return
	test "$(printf '%s\n' "$err" | grep -c 'the container .* is there')" \
		= 1 && cells result.json 4 true "whole(100)"
}

facts ()
{
	run 0 --msg-count 50 || return
	id=$(podman image inspect --format '{{.Id}}' "$image")
	holds result.json ".environment.client |
		.engine == \"podman\" and .container == \"podman\" and
		.image_id == \"$id\" and .uid == 1001 and .pid == 1" &&
		holds result.json '.environment as {$host} |
			.cells[0].clients[0].namespaces as $client |
			["pid","ipc","net","uts","mount"] |
			all(. as $n | $client[$n] != null and
				$client[$n] != $host[$n + "_namespace"])'
}

isolated ()
{
	begin || return
	podman inspect "$name" >inspect.json
	pid=$(podman inspect --format '{{.State.Pid}}' "$name")
	caps=$(grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb):' "/proc/$pid/status" |
		cut -f 2 | sort -u)
	privileges=$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' \
		"/proc/$pid/status")
	kill -TERM "$host"
	ends 143 || return
	if test "$caps" != 0000000000000000 || test "$privileges" != 1; then
		echo "capabilities $caps, NoNewPrivs $privileges"
		return 1
	fi
	holds inspect.json '.[0] | .HostConfig as $h |
		$h.NetworkMode == "none" and $h.IpcMode != "host" and
		$h.PidMode == "private" and $h.ReadonlyRootfs and
		($h.Privileged | not) and
		($h.SecurityOpt | any(startswith("no-new-privileges"))) and
		.Config.User == "1001:1001" and
		(.EffectiveCaps | length) == 0 and
		(.Mounts | map(.Destination)) == ["/run/weir"]' && no_container
}

limits ()
{
	begin -D container.memory=128Mi -D container.cpus=1.5 || return
	podman inspect "$name" >inspect.json
	kill -TERM "$host"
	ends 143 && holds inspect.json '.[0].HostConfig |
		.Memory == 134217728 and .NanoCpus == 1500000000'
}

# ---- faults ----

# A record of the stream proves that the timed region has begun.
measures ()
{
	test "$(wc -l <stream.csv)" -gt 1
}

named_soon ()
{
	unset WEIR_SILENCE_TIMEOUT
	begin --streaming-output-csv stream.csv &&
		until_true measures || return
	podman "$@" "$name" >/dev/null || return
	begun=$(date +%s)
	ends 1 || return
	test $(($(date +%s) - begun)) -le 5 || {
		echo "it took too long"
		return 1
	}
	rm stream.csv
	reason "in the timed region: the client (in the container \\\"$name" &&
		no_container
}

killed ()
{
	named_soon kill && reason "was ended by signal 9 (Killed)"
}

stopped ()
{
	named_soon stop --time=5 && reason "has closed the control connection"
}

paused ()
{
	named_soon pause && reason "has been silent for" && reason "is paused"
}

# Who notices first? A client that does ends, and the next trial has a new
# container; where the host does, the other trials fail.
client_noticed ()
{
	says "was deleted under this client" "$(cat stderr)"
}

host_noticed ()
{
	grep 'info: uds/.*was removed' stderr
}

noticed ()
{
	client_noticed || host_noticed
}

# The run's directory goes away between two trials, of which there are so many
# that some are left.
directory_removed ()
{
	begin --duration 1s -D repeat=60 || return
	rm -rf "$scratch/$name"-*
	until_true noticed >"$scratch/said" || return
	kill -TERM "$host"
	wait "$host"
	code=$?
	echo "exit code $code"
	test $code = 143 || test $code = 1 || return
	client_noticed || holds result.json '.cells | any(.reason // "" |
		contains("was removed"))' || return
	no_container
}

no_image ()
{
	run 3 -D container.image=localhost/weir-nowhere:latest || return
	reason 'has no image \"localhost/weir-nowhere:latest\"' &&
		reason "container/build-image.sh" && no_container
}

bad_client ()
{
	run 1 -D 'container.extra_args=[--env=WEIR_LOG=loud]' ||
		return
	reason "did not stay" &&
		reason 'it said: weir: error: WEIR_LOG: \"loud\"' && no_container
}

bad_argument ()
{
	run 3 -D 'container.extra_args=[--no-such-flag]' || return
	reason "unknown flag: --no-such-flag" && no_container
}

signalled ()
{
	begin || return
	kill -"$1" "$host"
	ends "$2" && no_container &&
		holds result.json '.interrupted and .complete == false'
}

# ---- what is left on purpose, or by a crash ----

kept ()
{
	run 0 --msg-count 50 -D container.keep=true || return
	says "is kept" "$err" || return
	name=$(jq -r .environment.client.container_name result.json)
	exits 0 "$WEIR" containers list && says "$name" "$out" || return
	exits 0 "$WEIR" containers stop "$name" && says "$name" "$out" &&
		no_container
}

crashed ()
{
	begin || return
	exits 0 "$WEIR" containers list &&
		says "pid $host" "$out" || return
	kill -KILL "$host"
	wait "$host"
	rm .result.json.*.tmp # as it is for every program that is killed
	exits 0 "$WEIR" containers logs "$name" &&
		says "trial" "$out$err" || return
	exits 0 "$WEIR" containers list && says "gone" "$out" || return
	exits 0 "$WEIR" containers stop "$name" && no_container
}

unknown ()
{
	exits 1 "$WEIR" containers "$1" nobody &&
		says 'no run has left a container "nobody"' "$err"
}

# ---- without any engine ----

no_engine ()
{
	exits 3 env PATH=/nowhere "$WEIR" run -q -m uds -D repeat=1 \
		-D matrix.boundary=container -o result.json || return
	reason "podman is not installed: apt-get install podman" &&
		no_container
}

others_go_on ()
{
	exits 3 "$WEIR" run -q -m uds -D repeat=1 --msg-count 10 -D warmup=0 \
		-D matrix.boundary=[process,container] -o result.json \
		-D container.engine=/nowhere/podman || return
	cells result.json 1 '.boundary == "process"' 'whole(10)' &&
		cells result.json 1 '.boundary == "container"' \
			'.status == "refused"'
}

# As docker is where its daemon does not run.
refusing ()
{
	cat >docker <<-'END'
	#!/bin/sh
	test "$1" != --version || exec echo "Docker version 24.0.7, build a"
	echo "Cannot connect to the Docker daemon" >&2
	exit 1
	END
	chmod +x docker
	exits 3 "$WEIR" run -q -m uds -D repeat=1 -o result.json \
		-D matrix.boundary=container --engine ./docker || return
	reason "Cannot connect to the Docker daemon" && no_container &&
		exits 3 "$WEIR" containers list --engine ./docker &&
		says "Cannot connect to the Docker daemon" "$err"
}

no_answer ()
{
	exits 3 "$WEIR" containers list --engine=/bin/false &&
		says "/bin/false does not answer" "$err"
}

if able; then
	# Only now: the engine keeps what the probe found under it.
	TMPDIR=$scratch
	export TMPDIR
	ok "every boundary carries every transport" all_boundaries
	ok "tcp says that it can't cross a network" no_tcp
	ok "boundaries.cfg runs" config
	ok "rendezvous by path is in the one mount" by_path
	ok "one container serves all trials" one_for_all
	ok "the result says what it was" facts
	ok "nothing is shared but the directory" isolated
	ok "a container that is killed is named" killed
	ok "a container that is stopped is named" stopped
	if test "$(id -u)" = 0; then
		ok "a container that is paused is named" paused
		ok "its limits are those asked for" limits
	else
		skip "a container that is paused is named" "needs root"
		skip "its limits are those asked for" "needs root"
	fi
	ok "a directory that is removed is named" directory_removed
	ok "a missing image is named" no_image
	ok "a client that does not stay is named" bad_client
	ok "the engine's complaint is passed on" bad_argument
	ok "SIGTERM leaves nothing" signalled TERM 143
	ok "SIGHUP leaves nothing" signalled HUP 129
	ok "a container is kept on purpose" kept
	ok "a container that a crash left" crashed
	ok "stop of an unknown container" unknown stop
	ok "logs of an unknown container" unknown logs
elif test "${TEST_CONTAINERS:-}" = required; then
	not_able ()
	{
		echo "$why"
		return 1
	}
	ok "containers can be run" not_able
else
	skip "the boundary container" "$why"
fi
ok "a missing engine is named" no_engine
ok "a missing engine does not stop the others" others_go_on
ok "a daemon that refuses is named" refusing
ok "an engine that does not answer is named" no_answer

plan
