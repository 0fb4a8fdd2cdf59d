#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Containers that are killed, stopped, paused, starved: the host names it and
# ends with the documented code; the server lives through a host that dies.
. "$(dirname "$0")/common.sh"

# under_way N: the host is at work with weir-uds-server, in its Nth trial.
under_way ()
{
	DURATION=30s drive_aside 0 1024 1
	until_true n_in_log weir-uds-server "$1" "trial uds" && return
	cat "$scratch/aside"
	return 1
}

# ended_by ACTION...: the host ends soon after, and says so.
ended_by ()
{
	begun=$(date +%s)
	"$ENGINE" "$@" weir-uds-server || return
	driven 1 || return
	took=$(($(date +%s) - begun))
	echo "$took s: $aside"
	test $took -lt 20 && says "client 1" "$aside" &&
		holds output/host_client_results.json \
			'.complete == false and .cells[0].status == "failed"' &&
		test ! -e sockets/ipc_benchmark.sock
}

killed ()
{
	fresh
	server start && under_way 1 && ended_by kill
}
ok "podman kill in the timed region" killed

stopped ()
{
	fresh
	server start && under_way 1 && ended_by stop --time 10 &&
		test "$("$ENGINE" container inspect --format \
			'{{.State.ExitCode}}' weir-uds-server)" = 143
}
ok "podman stop in the timed region" stopped

paused ()
{
	unset WEIR_SILENCE_TIMEOUT
	fresh
	server start && under_way 1 && ended_by pause &&
		says "silent" "$aside"
}
resumed ()
{
	"$ENGINE" unpause weir-uds-server && drive 0 100 && good 100 1
}
if may_limit; then
	ok "podman pause in the timed region" paused
	ok "and after unpause it serves the next host" resumed
else
	not_here "podman pause in the timed region"
	not_here "and after unpause it serves the next host"
fi

limited ()
{
	fresh
	MEMORY=64m CPUS=0.5 server start || return
	"$ENGINE" container inspect --format \
		'{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}' \
		weir-uds-server | grep -x '67108864 500000000' &&
		drive 0 100 && good 100 1
}
if may_limit; then
	ok "limits of memory and CPU" limited
else
	not_here "limits of memory and CPU"
fi

host_killed ()
{
	fresh
	server start && under_way 1 || return
	# The script has become weir, and timeout is its parent.
	kill -KILL "$(children "$driver")"
	driven 137
	until_true in_log weir-uds-server "warn: the host" || return
	is_state weir-uds-server running || return
	# The dead host's socket is still there, and is replaced.
	drive 0 100 && good 100 1
}
ok "a host that is killed, and the next one" host_killed

host_stopped ()
{
	fresh
	server start && under_way 1 || return
	kill -TERM "$(children "$driver")"
	driven 143 && test ! -e sockets/ipc_benchmark.sock &&
		holds output/host_client_results.json '.complete == false' &&
		is_state weir-uds-server running && drive 0 100 && good 100 1
}
ok "a host that is told to end, and the next one" host_stopped

# An image of an older weir, as far as a host can see.
old_image ()
{
	cat >"$scratch/weir-old" <<-'END'
	#!/usr/bin/perl
	use Socket;
	exit 0 if "@ARGV" eq "--version";
	$SIG{TERM} = sub { exit 143 };
	my ($path) = "@ARGV" =~ /--ipc-path[= ](\S+)/;
	my $hello = '{"type":"hello","protocol":"2","tool":"0.0.9",' .
	    '"magic":"weir-control"}';
	for (;; select(undef, undef, undef, 0.1)) {
	    socket(my $host, AF_UNIX, SOCK_STREAM, 0);
	    connect($host, sockaddr_un($path)) or next;
	    syswrite($host, pack("V/a*", $hello));
	    1 while sysread($host, my $words, 4096);
	}
	END
	printf 'FROM %s\nCOPY --chmod=755 weir-old /usr/local/bin/weir\n' \
		"$IMAGE" >"$scratch/Containerfile.old"
	"$ENGINE" build --isolation=chroot --pull=never --quiet \
		--file "$scratch/Containerfile.old" \
		--tag localhost/weir-old:latest "$scratch"
}

other_version ()
{
	fresh
	old_image && IMAGE=localhost/weir-old:latest server start || return
	# How long it takes to come is the machine's to say.
	for seconds in 3 10 30; do
		CONNECT_TIMEOUT=${seconds}s drive 124 10
		result=$?
		! grep -q "it was dropped" "$scratch/stderr" || break
	done
	server stop
	test $result -eq 0 && says "is weir 0.0.9 and speaks control protocol \
2, this side is weir" "$err" &&
		test "$(grep -c "it was dropped" "$scratch/stderr")" = 1
}
ok "another version in the image is named" other_version

other_version_of_run ()
{
	exits 1 "$scratch/weir" run -q -m uds -D repeat=1 -o "$scratch/r.json" \
		-D matrix.boundary=container \
		-D container.image=localhost/weir-old:latest &&
		holds "$scratch/r.json" '.cells[0].reason |
			contains("install the same version on both sides")'
}
ok "and where the run starts it" other_version_of_run
"$ENGINE" image rm --force localhost/weir-old:latest >"$scratch/rm" 2>&1

# What a container has mounted stays, though nobody else can find it.
folder_deleted ()
{
	fresh
	server start || return
	rm -r sockets
	until_true is_state weir-uds-server exited || return
	in_log weir-uds-server "was deleted under this client" &&
		server start && drive 0 100 && good 100 1
}
ok "the folder is deleted under a waiting client" folder_deleted

nobody ()
{
	fresh
	CONNECT_TIMEOUT=1s drive 124 10 && says "no client came" "$err" &&
		test ! -e sockets/ipc_benchmark.sock
}
ok "no client comes" nobody

two_hosts ()
{
	fresh
	drive_aside 100
	until_true test -S sockets/ipc_benchmark.sock || return
	OUTPUT_FILE=$scratch/second.json drive 2 10 || {
		server start
		return 1
	}
	server start && driven 0 && good 100 1
}
ok "a second host at the same place is refused" two_hosts

plan
