#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tests in real containers, as CI runs them: tests/container/*.sh and the
# boundary's own, tests/e2e/container.sh, as root and at the same time as an
# ordinary user, who is created and removed. Prints TAP; it fails where
# containers can't be run. Needs root, Debian or Ubuntu, and a tree that is
# built. What is installed stays, and so does root's image, which is not built
# again while the tree is the same.
#
#	container/ci.sh [TEST...]	scripts many ...; default: all
set -u
tree=$(cd "$(dirname "$0")/.." && pwd) || exit 1
test "$(id -u)" -eq 0 || exec sudo -n "$0" "$@"
tests=("$@")
test $# -gt 0 || mapfile -t tests < <(
	echo container
	find "$tree/tests/container" -name '*.sh' -perm -u+x -printf '%f\n' |
		sed 's/\.sh$//' | sort)
user='' users=''

bail ()
{
	echo "Bail out! $*"
	exit 1
}

# What rootless podman leaves running belongs to that user alone.
clean ()
{
	local uid
	test -z "$users" || kill "$users" 2>/dev/null
	if test -n "$user" && uid=$(id -u "$user"); then
		while pgrep -u "$user" >/dev/null; do
			pkill -KILL -u "$user"
		done
		userdel "$user"
		# Its runtime folders, whatever XDG_RUNTIME_DIR and TMPDIR say.
		rm -rf "/tmp/containers-user-$uid" "/tmp/podman-run-$uid"
	fi 2>/dev/null
	rm -rf "$work"
}

packages ()
{
	local missing=() package
	command -v apt-get >/dev/null || bail "apt-get is missing"
	for package in podman crun runc uidmap fuse-overlayfs catatonit \
		mmdebstrap podman-compose python3-yaml jq procps; do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null |
			grep -qx installed || missing+=("$package")
	done
	test ${#missing[@]} -gt 0 || return 0
	echo "# installing ${missing[*]}"
	{
		apt-get -q -o Acquire::Retries=3 update &&
			DEBIAN_FRONTEND=noninteractive apt-get -q -y \
				-o Acquire::Retries=3 install \
				--no-install-recommends "${missing[@]}"
	} >"$work/log" 2>&1 || {
		sed 's/^/# /' "$work/log"
		bail "can't install ${missing[*]}"
	}
}

add_user ()
{
	user=weir-ci-$$
	useradd --create-home --home-dir "$work/home" --shell /bin/sh \
		"$user" || bail "can't create an ordinary user"
	grep -q "^$user:" /etc/subuid || usermod --add-subuids \
		2000000-2065535 --add-subgids 2000000-2065535 "$user" ||
		bail "can't give $user subordinate ids"
}

# A copy of the tree for one of the two, with what was built and without how.
copy_tree ()
{
	mkdir -p "$work/$1/tmp" "$work/$1/tree" &&
		tar -C "$tree" --exclude=./.git --exclude='*.o' \
			--exclude='*.lo' --exclude='*.a' --exclude=.deps \
			--exclude=./container/sockets \
			--exclude=./container/output -cf - . |
		tar -C "$work/$1/tree" -xf - &&
		chown -R "$2" "$work/$1"
}

# as ROLE COMMAND...: in its tree, with an environment of its own.
as ()
{
	local role=$1 set=()
	shift
	test "$role" = root || set=(setpriv --reuid "$user" --regid "$user"
		--init-groups)
	local home=/root
	test "$role" = root || home=$work/home
	(cd "$work/$role/tree" &&
		exec env -i PATH="$PATH" HOME="$home" LANG=C.UTF-8 \
			TMPDIR="$work/$role/tmp" WEIR="$work/$role/tree/weir" \
			TEST_CONTAINERS=required \
			${http_proxy:+"http_proxy=$http_proxy"} \
			"${set[@]}" timeout -k 10 1500 "$@") </dev/null
}

# Unless it is told otherwise, an ordinary user's podman 4 copies the whole image
# for each container (vfs). It need not where the kernel lets that user mount an
# overlay (since Linux 5.11, and on a file system that can be its upper one).
store_overlays ()
{
	local folder=$work/home/.config/containers
	as user sh -c 'cd ../tmp && mkdir lower upper work &&
		unshare --user --map-root-user --mount mount -t overlay -o \
			userxattr,lowerdir=lower,upperdir=upper,workdir=work \
			overlay lower' >"$work/log" 2>&1 || {
		sed 's/^/# no overlays for the ordinary user: /' "$work/log"
		return
	}
	as user mkdir -p "$folder" &&
		printf '[storage]\ndriver = "overlay"\n' \
			>"$folder/storage.conf" || bail "can't write in $folder"
}

# case_of STATUS NAME LOG: a case of this script's own, without a number.
case_of ()
{
	if test "$1" -eq 0; then
		echo "ok - $2"
		return
	fi
	echo "not ok - $2"
	sed 's/^/# /' "$3"
}

# The lines of a test, likewise.
pass_on ()
{
	local line planned=no
	while IFS= read -r line; do
		case $line in
		'ok '* | 'not ok '*) echo "${line%%ok *}ok - $1: ${line#*ok * - }" ;;
		1..*) planned=yes ;;
		*) echo "$line" ;;
		esac
	done
	echo "did not end" >"$log"
	test $planned = yes || case_of 1 "$1 runs to its end" "$log"
}

# battery ROLE: build the image, then every test.
battery ()
{
	local role=$1 test log=$work/$1.log
	as "$role" container/build-image.sh --offline >"$log" 2>&1
	case_of $? "$role: container/build-image.sh --offline" "$log"
	as "$role" container/build-image.sh --offline >"$log" 2>&1 &&
		grep -q 'is of this tree already' "$log"
	case_of $? "$role: it is not built again" "$log"
	for test in "${tests[@]}"; do
		local folder=container
		test "$test" != container || folder=e2e
		pass_on "$role: $test" < <(as "$role" \
			"tests/$folder/$test.sh" 2>&1)
	done
}

# number: numbers the cases as they come, plans them, and fails if one has.
number ()
{
	local line n_cases=0 n_failed=0
	while IFS= read -r line; do
		case $line in
		'ok - '* | 'not ok - '*)
			n_cases=$((n_cases + 1))
			test "${line#ok}" != "$line" ||
				n_failed=$((n_failed + 1))
			line="${line%%ok - *}ok $n_cases - ${line#*ok - }"
			;;
		esac
		echo "$line"
	done
	echo "1..$n_cases"
	test $n_failed -eq 0
}

# Short: the sockets of podman lie under it.
work=$(mktemp -d /tmp/wci.XXXXXX) && chmod 0755 "$work" || exit 1
trap clean EXIT
trap 'exit 1' HUP INT TERM
test -x "$tree/weir" || bail "there is no weir in $tree: build it first"
packages
add_user
copy_tree root root && copy_tree user "$user:" || bail "can't copy the tree"
store_overlays
battery user >"$work/user.tap" &
users=$!
{
	battery root
	tail --pid="$users" -f /dev/null
	cat "$work/user.tap"
} | number
