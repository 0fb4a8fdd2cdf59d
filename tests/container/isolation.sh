#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What lies between host and container: two folders, and nothing else.
. "$(dirname "$0")/common.sh"

server start >"$scratch/started" 2>&1 || cat "$scratch/started" >&2
"$ENGINE" container inspect weir-uds-server >"$scratch/inspect.json"

inspects ()
{
	holds "$scratch/inspect.json" ".[0] | $1"
}
ok "no network" inspects '.HostConfig.NetworkMode == "none"'
ok "private IPC and PID namespaces" inspects '.HostConfig |
	(.IpcMode | . == "private" or . == "shareable") and
	(.PidMode | . == "private" or . == "")'
ok "not privileged, read only" inspects '.HostConfig |
	.Privileged == false and .ReadonlyRootfs == true'
ok "no capability" inspects \
	'(.EffectiveCaps // []) == [] and (.BoundingCaps // []) == []'
ok "no new privileges" inspects \
	'.HostConfig.SecurityOpt | index("no-new-privileges") != null'
ok "a user that is not root" inspects '.Config.User == "1001:1001"'
ok "two mounts" inspects \
	'[.Mounts[].Destination] | sort == ["/app/output", "/app/sockets"]'
ok "no device" inspects '.HostConfig.Devices == []'

drive 0 100 >"$scratch/driven" 2>&1 || cat "$scratch/driven" >&2
ok "the results name other namespaces on each side" \
	holds output/host_client_results.json '.environment | [.host, .client] |
		(map(.pid_namespace) | .[0] != .[1]) and
		(map(.ipc_namespace) | .[0] != .[1]) and
		(map(.net_namespace) | .[0] != .[1]) and
		(map(.mount_namespace) | .[0] != .[1]) and
		(map(.uts_namespace) | .[0] != .[1])'

# The kernel's own word for it.
namespaces ()
{
	pid=$("$ENGINE" container inspect --format '{{.State.Pid}}' \
		weir-uds-server) || return
	for kind in pid ipc net mnt uts; do
		here_is=$(readlink "/proc/self/ns/$kind") &&
			there_is=$(readlink "/proc/$pid/ns/$kind") || return
		echo "$kind: $here_is $there_is"
		test "$here_is" != "$there_is" || return
	done
}
ok "and so does the kernel" namespaces

not_root ()
{
	pid=$("$ENGINE" container inspect --format '{{.State.Pid}}' \
		weir-uds-server) || return
	uid=$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")
	echo "uid $uid"
	test "$uid" != 0 && grep -x 'CapEff:	0*' "/proc/$pid/status" &&
		grep -x 'NoNewPrivs:	1' "/proc/$pid/status"
}
ok "its process has no privilege" not_root

# Nobody but the two sides, and no way for the client to change what the host
# makes there, where that is somebody else.
modes ()
{
	stat -c '%a %u:%g %n' sockets output
	for folder in sockets output; do
		mode=$(stat -c %a $folder)
		case $mode in
		*[2367]) return 1 ;;
		esac
		test "$(stat -c %u $folder)" = "$(id -u)" || return
	done
}
ok "the folders are open to nobody else" modes

socket_mode ()
{
	server stop
	drive_aside 100
	until_true test -S sockets/ipc_benchmark.sock || return
	mode=$(stat -c %a:%u sockets/ipc_benchmark.sock)
	server start
	driven 0 || return
	echo "$mode"
	if test "$(id -u)" -eq 0; then
		test "$mode" = 600:1001
	else
		test "$mode" = "600:$(id -u)"
	fi
}
ok "the socket is the client's alone" socket_mode

link ()
{
	echo precious >"$scratch/precious"
	rm -f output/host_client_results.json
	ln -s "$scratch/precious" output/host_client_results.json
	drive 1 10 && says "is a symbolic link" "$err" &&
		test "$(cat "$scratch/precious")" = precious
}
ok "a link in place of the results is not followed" link
rm -f output/host_client_results.json

# As the client would try it.
inside ()
{
	"$ENGINE" exec weir-uds-server /bin/sh -c "$1"
}
locked ()
{
	! inside ': >/usr/local/bin/weir' && ! inside ': >/app/sockets/x' &&
		test ! -e sockets/x
}
if test "$(id -u)" -eq 0; then
	ok "the client can neither change the image nor the meeting place" \
		locked
else
	skip "the client can neither change the image nor the meeting place" \
		"rootless: the client is this user"
fi
plan
