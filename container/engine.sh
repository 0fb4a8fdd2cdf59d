# SPDX-License-Identifier: Apache-2.0
# How the scripts of this folder speak to a container engine. Sourced:
#
#	. container/engine.sh && engine_setup
#
# sets and exports what `podman`, `podman-compose` and `weir run` need on this machine.
# Nothing is changed but this shell's environment and a private folder.
#
#	ENGINE		podman (default) or docker
#	IMAGE		localhost/weir:latest
#	XDG_RUNTIME_DIR		a private folder, where there is none
#	CONTAINERS_CONF		a private file, where the engine's own settings
#				can't start a container (see engine_probe)
#	engine_kind		podman or docker, whatever its name is
#	engine_userns		what --userns (or PODMAN_USERNS) is, rootless
# shellcheck shell=sh

: "${ENGINE:=podman}" "${IMAGE:=localhost/weir:latest}"
# Who the client is inside the image, and on the host if root starts it.
engine_ids=1001:1001

engine_say ()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# engine_private: prints the private folder, made if need be; fails if it is
# somebody else's or open to others.
engine_private ()
{
	engine_folder=${XDG_RUNTIME_DIR:-}
	if test -n "$engine_folder" && test -d "$engine_folder" &&
		test -O "$engine_folder" && test -w "$engine_folder"; then
		engine_folder=$engine_folder/weir
	else
		engine_folder=${TMPDIR:-/tmp}/weir-$(id -u)
	fi
	(umask 077 && mkdir -p "$engine_folder") 2>/dev/null
	if test -d "$engine_folder" && test ! -L "$engine_folder" &&
		test -O "$engine_folder" &&
		chmod 0700 "$engine_folder"; then
		echo "$engine_folder"
		return 0
	fi
	engine_say "$engine_folder is not a folder of this user's:" \
		"remove it, or set TMPDIR to one that is"
	return 1
}

# engine_find: the engine is there, and an ordinary user can have containers.
# 3: not; it has been said what to install.
engine_find ()
{
	case ${ENGINE##*/} in
	podman | docker) ;;
	*)
		engine_say "the engine is podman or docker, not \"$ENGINE\""
		return 2
		;;
	esac
	command -v "$ENGINE" >/dev/null 2>&1 || {
		engine_say "$ENGINE is missing: install the packages" \
			"podman and crun (or runc); an ordinary user also" \
			"needs uidmap (Debian, Ubuntu) or shadow-utils (Fedora)"
		return 3
	}
	case $("$ENGINE" --version 2>/dev/null) in
	'podman '*) engine_kind=podman ;;
	*) engine_kind=${ENGINE##*/} ;;
	esac
	test "$engine_kind" = podman && test "$(id -u)" -ne 0 ||
		return 0
	command -v newuidmap >/dev/null 2>&1 || {
		engine_say "newuidmap is missing, without which only root can" \
			"run containers: install uidmap (Debian, Ubuntu) or" \
			"shadow-utils (Fedora)"
		return 3
	}
	grep -q -e "^$(id -un):" -e "^$(id -u):" /etc/subuid 2>/dev/null || {
		engine_say "the user $(id -un) has no range of subordinate" \
			"ids: as root, usermod --add-subuids 100000-165535" \
			"--add-subgids 100000-165535 $(id -un)"
		return 3
	}
}

# engine_answers: its daemon, if it has one, and its storage. 3: not.
engine_answers ()
{
	engine_answer=$("$ENGINE" ps --quiet 2>&1) && return
	engine_say "${ENGINE##*/} does not answer: $engine_answer"
	return 3
}

# engine_setup: finds the engine and exports the environment it needs.
engine_setup ()
{
	engine_find || return
	engine_userns=
	if test "$engine_kind" = podman && test "$(id -u)" -ne 0; then
		engine_userns=keep-id:uid=${engine_ids%:*},gid=${engine_ids#*:}
		# Left over from su, or never set: podman's own choice would
		# be one more place to look for.
		if test ! -O "${XDG_RUNTIME_DIR:-/nonexistent}"; then
			unset XDG_RUNTIME_DIR
			engine_dir=$(engine_private) || return
			mkdir -p "$engine_dir/run" || return
			XDG_RUNTIME_DIR=$engine_dir/run
			export XDG_RUNTIME_DIR
		fi
	fi
	export ENGINE IMAGE engine_userns
	# Set by somebody: it is meant. Else what an earlier probe found.
	if test -z "${CONTAINERS_CONF:-}"; then
		engine_dir=$(engine_private) || return
		if test -f "$engine_dir/containers.conf"; then
			CONTAINERS_CONF=$engine_dir/containers.conf
			export CONTAINERS_CONF
		fi
	fi
	engine_answers
}

# engine_isolate: the arguments of `run` that keep a client apart from this
# side, and that mount nothing.
engine_isolate ()
{
	echo "--network=none --ipc=private --read-only --cap-drop=all"
	echo "--security-opt=no-new-privileges"
	test "$engine_kind" != podman ||
		echo "--pid=private --uts=private --log-driver=k8s-file"
	test -z "$engine_userns" || echo "--userns=$engine_userns"
	if test "$engine_kind" = docker && test "$(id -u)" -ne 0; then
		# Docker maps no ids: the own ones meet the own files.
		echo "--user=$(id -u):$(id -g)"
	else
		echo "--user=$engine_ids"
	fi
}

# engine_label: what a mount's options need where SELinux is on.
engine_label ()
{
	test ! -e /sys/fs/selinux/enforce || echo :z
}

engine_try ()
{
	# shellcheck disable=SC2046 # arguments without spaces
	"$ENGINE" run --rm --pull=never $(engine_isolate) \
		"$1" --version >/dev/null
}

# engine_limit WHAT: a limit that needs no privilege to set: this process's hard
# one, and at most 4096, since podman's own processes may have less than this.
engine_limit ()
{
	engine_hard=$(sed -n "s/^Max $1 *[^ ]* *\\([^ ]*\\).*/\\1/p" \
		/proc/self/limits)
	case $engine_hard in
	'' | *[!0-9]*) engine_hard=4096 ;;
	esac
	test "$engine_hard" -le 4096 || engine_hard=4096
	echo "$engine_hard"
}

engine_write ()
{
	engine_files=$(engine_limit 'open files')
	engine_processes=$(engine_limit processes)
	cat >"$1" <<-END
	# Written by weir's container/engine.sh: with the settings of this machine
	# podman could not start a container, with these it can. Remove at will.
	[containers]
	default_ulimits = ["nofile=$engine_files:$engine_files",
	  "nproc=$engine_processes:$engine_processes"]
	[engine]
	runtime = "$2"
	END
}

# engine_probe IMAGE: runs `weir --version` in a container as the clients will
# be run. If that fails, the same with crun and with runc and no limit raised
# (crun refuses hybrid cgroups; raising limits needs CAP_SYS_RESOURCE), by a
# private CONTAINERS_CONF, which is exported and kept if it helps.
engine_probe ()
{
	engine_dir=$(engine_private) || return
	if engine_try "$1" 2>"$engine_dir/probe.log"; then
		return 0
	fi
	if test "$engine_kind" = podman; then
		engine_before=${CONTAINERS_CONF:-}
		for engine_runtime in crun runc; do
			command -v $engine_runtime >/dev/null 2>&1 || continue
			engine_write "$engine_dir/containers.conf" \
				$engine_runtime || return
			CONTAINERS_CONF=$engine_dir/containers.conf
			export CONTAINERS_CONF
			engine_try "$1" 2>>"$engine_dir/probe.log" || continue
			engine_say "podman's own settings can't start a" \
				"container here; with $engine_runtime and" \
				"CONTAINERS_CONF=$CONTAINERS_CONF it can"
			return 0
		done
		rm -f "$engine_dir/containers.conf"
		unset CONTAINERS_CONF
		test -z "$engine_before" || {
			CONTAINERS_CONF=$engine_before
			export CONTAINERS_CONF
		}
	fi
	engine_say "$ENGINE can't start a container of $1:"
	sort -u "$engine_dir/probe.log" | sed 's/^/  /' >&2
	return 3
}

# engine_directory DIR MODE-IF-ROOT own|named: makes a folder that a container will
# mount. Where root starts containers their user is somebody else: the folder
# stays root's and that user reaches it as its group, so that a container can
# neither replace nor redirect what the host writes there. Else the client is
# this user.
engine_directory ()
{
	case $1 in
	*:*)
		engine_say "$1: an engine takes no folder with a colon in its name"
		return 2
		;;
	esac
	engine_made=false
	if test ! -d "$1"; then
		mkdir -p "$1" || return
		engine_made=true
	fi
	if test "$(id -u)" -ne 0; then
		if $engine_made; then
			chmod 0700 "$1" || return
		fi
		test -O "$1" && return
		engine_say "$1 is not a folder of this user's (did root use" \
			"it?): as root, remove it, or name another one"
		return 3
	fi
	engine_now=$(stat -c %u:%g "$1") || return
	if $engine_made || test "$3" = own; then
		chown "0:${engine_ids#*:}" "$1" && chmod "$2" "$1"
	elif test "$engine_now" != "0:${engine_ids#*:}"; then
		engine_say "$1 is of $engine_now: the container's user could" \
			"not use it; chown 0:${engine_ids#*:} and chmod $2 it," \
			"or name a folder that is not there yet"
		return 3
	fi
}

# engine_directories: the two that host and container share, in $sockets and
# $output; $here is the folder of the script. Those that the environment names
# are relative to the working directory and are changed only if they are made.
engine_directories ()
{
	engine_own=own
	test -z "${IPC_BENCHMARK_SOCKET_DIR:-}" || engine_own=named
	sockets=${IPC_BENCHMARK_SOCKET_DIR:-$here/sockets}
	engine_directory "$sockets" 0750 $engine_own || return
	engine_own=own
	test -z "${IPC_BENCHMARK_OUTPUT_DIR:-}" || engine_own=named
	output=${IPC_BENCHMARK_OUTPUT_DIR:-$here/output}
	engine_directory "$output" 1775 $engine_own || return
	# Short names where the user is in that folder.
	test "$here" != "$(pwd)" || {
		sockets=${sockets#"$here"/}
		output=${output#"$here"/}
	}
}

# engine_mechanism: MECHANISM, checked, since it becomes part of a name.
engine_mechanism ()
{
	: "${MECHANISM:=uds}" "${CLIENTS:=1}"
	case $MECHANISM in
	'' | -* | *[!A-Za-z0-9_.,-]*)
		engine_say "MECHANISM is uds, shm, pipe or mq, not \"$MECHANISM\""
		return 2
		;;
	esac
	case $CLIENTS in
	[1-9] | [1-9][0-9]) ;;
	*)
		engine_say "CLIENTS is a number from 1 to 99, not \"$CLIENTS\""
		return 2
		;;
	esac
}
