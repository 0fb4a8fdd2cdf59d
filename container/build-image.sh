#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the image of weir from the tree that this script lies in.
set -u
usage ()
{
	cat <<'END'
usage: build-image.sh [options]

Builds the image from the tree around this script (a clone, or the unpacked
tarball of `make dist`), unless it has been built from the same tree already.

  --engine NAME   podman or docker            (ENGINE; podman)
  --image NAME    name of the image           (IMAGE; localhost/weir:latest)
  --base IMAGE    a Debian or Ubuntu image to build on
  --offline       make the base of the distribution's packages by mmdebstrap,
                  from the package sources of this machine
  --force         build it again, nothing from the cache
  -h, --help      this text

Without --base and --offline: the base that --offline made before, else
debian:bookworm-slim from the engine's registries, else as --offline.

Nothing is installed; what is missing is said. Exit codes: 0 the image is
there; 1 building it failed; 2 usage; 3 this machine lacks something.
END
}
here=$(cd "$(dirname "$0")" && pwd) || exit 1
tree=${here%/*}
own_base=localhost/weir-base:latest
far_base=debian:bookworm-slim
base='' offline=false force=false
# shellcheck source=container/engine.sh
. "$here/engine.sh"

wrong ()
{
	engine_say "$1"
	usage >&2
	exit 2
}

while test $# -gt 0; do
	case $1 in
	--engine | --image | --base)
		test $# -ge 2 && test -n "$2" || wrong "$1 needs a value"
		case $1 in
		--engine) ENGINE=$2 ;;
		--image) IMAGE=$2 ;;
		--base) base=$2 ;;
		esac
		shift
		;;
	--engine=*) ENGINE=${1#*=} ;;
	--image=*) IMAGE=${1#*=} ;;
	--base=*) base=${1#*=} ;;
	--offline) offline=true ;;
	--force) force=true ;;
	-h | --help)
		usage
		exit 0
		;;
	*) wrong "what is \"$1\"?" ;;
	esac
	shift
done
test -z "$base" || ! $offline ||
	wrong "--base and --offline exclude each other"

engine_setup || exit
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-image.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

has_image ()
{
	"$ENGINE" image inspect "$1" >/dev/null 2>&1
}

# What the image is made of, and nothing else of the tree: the context of the
# build, and what decides whether it is built again.
gather ()
(
	mkdir "$work/context" && cd "$tree" && {
		printf '%s\n' autogen.sh configure.ac Makefile.am weir.pc.in \
			container/Containerfile &&
			find core include plugins -type f -name '*.[ch]' &&
			find plugins tests -type f -name '*.mk'
	} >"$work/files" && LC_ALL=C sort -o "$work/files" "$work/files" &&
		tar -cf "$work/context.tar" --owner=0 --group=0 \
			-T "$work/files" &&
		tar -C "$work/context" -xf "$work/context.tar"
)

tree_hash ()
(
	cd "$work/context" && {
		echo "base $base" &&
			while read -r file; do
				sha256sum "$file" || exit
			done <"$work/files"
	} | sha256sum | cut -d ' ' -f 1
)

# The sources of this machine's own distribution, as apt knows them.
sources ()
{
	# shellcheck disable=SC1091
	ID=$(. /etc/os-release && echo "${ID:-}")
	case $ID in
	debian) origin=Debian ;;
	ubuntu) origin=Ubuntu ;;
	*) return 1 ;;
	esac
	# shellcheck disable=SC2016 # apt's own placeholders
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Identifier: Packages' "Origin: $origin" |
		awk '!seen[$0]++ { print "deb", $0 }' >"$work/sources.list"
	test -s "$work/sources.list"
}

make_base ()
{
	command -v mmdebstrap >/dev/null 2>&1 || {
		engine_say "mmdebstrap is missing, which makes a base without" \
			"a registry: install it, or name an image with --base"
		return 3
	}
	sources || {
		engine_say "this machine has no package sources of Debian or" \
			"Ubuntu (apt-get update?): name an image with --base"
		return 3
	}
	# shellcheck disable=SC1091
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	proxy=$(apt-config dump --format '%f "%v";%n' Acquire::http::Proxy)
	engine_say "making $own_base of $suite's packages"
	mmdebstrap --quiet --variant=minbase ${proxy:+"--aptopt=$proxy"} \
		--aptopt='Acquire::Retries "3"' "$suite" "$work/base.tar" \
		"$work/sources.list" >"$work/log" 2>&1 &&
		"$ENGINE" import "$work/base.tar" "$own_base" \
			>"$work/log" 2>&1 && return
	engine_say "making it failed:"
	tail -n 20 "$work/log" | sed 's/^/  /' >&2
	return 1
}

# A registry that can't be reached shall not hold it up for long.
pull ()
{
	has_image "$far_base" && return
	engine_say "pulling $far_base"
	timeout 120 "$ENGINE" pull -q "$far_base" >"$work/log" 2>&1 &&
		return
	engine_say "$far_base can't be had here ($(tail -n 1 "$work/log"))"
	return 1
}

choose_base ()
{
	test -z "$base" || return 0
	if has_image "$own_base" && ! $force; then
		base=$own_base
	elif ! $offline && pull; then
		base=$far_base
	else
		make_base || return
		base=$own_base
	fi
}

build ()
{
	set -- --file "$work/context/container/Containerfile" \
		--tag "$IMAGE" --build-arg "BASE_IMAGE=$base" \
		--build-arg "WEIR_TREE=$hash" --label "weir.tree=$hash" \
		"$work/context"
	! $force || set -- --no-cache "$@"
	# chroot: no runtime takes part, so that it works where none does yet.
	test "$engine_kind" != podman ||
		set -- --isolation=chroot --pull=never "$@"
	engine_say "building $IMAGE on $base"
	if "$ENGINE" build "$@" >"$work/log" 2>&1; then
		test "$(tree_of "$IMAGE")" = "$hash" && return
		echo "its label weir.tree is not that of this build" >>"$work/log"
	fi
	engine_say "building $IMAGE failed:"
	tail -n 40 "$work/log" | sed 's/^/  /' >&2
	return 1
}

# What earlier trees left: the image that had the name, and their build stage
# (newest first, so that no child is in the way; those that are in use, by this
# build's cache too, can't be removed).
tidy ()
{
	test -z "$before" || test "$before" = "$(image_id)" ||
		"$ENGINE" image rm "$before" >/dev/null 2>&1
	for id in $("$ENGINE" images --all --quiet --no-trunc \
		--filter label=weir.stage=build); do
		test "$(tree_of "$id")" = "$hash" ||
			"$ENGINE" image rm "$id" >/dev/null 2>&1
	done
	return 0
}

image_id ()
{
	"$ENGINE" image inspect --format '{{.Id}}' "$IMAGE" \
		2>/dev/null
}

tree_of ()
{
	"$ENGINE" image inspect \
		--format '{{index .Config.Labels "weir.tree"}}' "$1" 2>/dev/null
}

gather || exit 1
hash=$(tree_hash) || exit 1
before=$(image_id)
if ! $force && test "$(tree_of "$IMAGE")" = "$hash"; then
	engine_say "$IMAGE is of this tree already"
else
	choose_base || exit
	build || exit
	tidy
fi
test "$engine_kind" != podman || engine_probe "$IMAGE" || exit
if test -n "${CONTAINERS_CONF:-}"; then
	engine_say "for weir run in this shell:" \
		"export CONTAINERS_CONF=$CONTAINERS_CONF"
fi
