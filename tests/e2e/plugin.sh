#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A transport out of the tree: one file, built with what `make install` gives
# and pkg-config, runs under the installed program as any other.
. "$(dirname "$0")/../tap.sh"

TMPDIR=$scratch
export TMPDIR
root=$scratch/root

if ! test -f "$top_builddir/Makefile"; then
	skip "a transport out of the tree" \
		"there is no Makefile to install from"
	plan
	exit
fi

# below PATTERN: the one installed file of that path.
below ()
{
	find "$root" -path "*/$1" -type f
}

installs ()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
		make -C "$top_builddir" install DESTDIR="$root" || return
	for file in bin/weir pkgconfig/weir.pc include/weir/transport.h \
		weir/uds.so weir/shm.so weir/pipe.so weir/null.so; do
		test -n "$(below $file)" && continue
		echo "$file is not installed"
		return 1
	done
}
ok "make install into a folder of its own" installs

WEIR=$(below bin/weir)
folder=$(dirname "$(below weir/uds.so)")
WEIR_PLUGIN_PATH=$folder:$scratch
export WEIR_PLUGIN_PATH

# What is compiled in is where it would be, were this folder the root.
finds_its_own ()
{
	exits 0 "$WEIR" describe uds && says "file: $folder/uds.so" "$out" &&
		exits 0 "$WEIR" run -m uds,shm,pipe --msg-count 100 \
			-D repeat=1 -o result.json
	test "$code" = 0 || return
	WEIR_PLUGIN_PATH='' exits 3 "$WEIR" describe zither &&
		says "${folder#"$root"}" "$err"
}
ok "the installed program runs the installed modules" finds_its_own

# weir_config QUESTION: pkg-config that knows of the installed weir only.
weir_config ()
{
	PKG_CONFIG_PATH='' PKG_CONFIG_SYSROOT_DIR=$root \
		PKG_CONFIG_LIBDIR=$(dirname "$(below weir.pc)") \
		"${PKG_CONFIG:-pkg-config}" "$1" weir
}

says_where ()
{
	test "$(weir_config --variable=plugindir)" = "${folder#"$root"}" ||
		test "$(weir_config --variable=plugindir)" = "$folder"
}
ok "pkg-config tells where modules belong" says_where

# In a folder with nothing else, so that no header of the tree is near.
builds ()
{
	cp "$top_srcdir/tests/e2e/tiny.c" . || return
	flags=$(weir_config --cflags) || return
	echo "$flags"
	# shellcheck disable=SC2086 # several words each
	${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -D_GNU_SOURCE -Wall \
		-Wextra -Werror -pedantic -O2 -fvisibility=hidden -shared \
		-fPIC -Wl,-z,defs $flags -o tiny.so tiny.c
}
ok "a transport builds with the installed header and pkg-config" builds

described ()
{
	exits 0 "$WEIR" describe tiny && says "tiny: a test's own" "$out" &&
		says "file: $scratch/tiny.so" "$out" &&
		says "sndbuf = 64Ki" "$out" &&
		says "size in bytes, 4Ki … 1Mi" "$out"
}
ok "weir describe shows it" described

listed ()
{
	exits 0 "$WEIR" list && says "tiny       a test's own" "$out" &&
		says "uds " "$out"
}
ok "weir list shows it beside the others" listed

carries ()
{
	exits 0 "$WEIR" run -m tiny --msg-count 1000 -D repeat=1 \
		-D matrix.pattern="[round_trip,one_way]" \
		-D matrix.boundary="[thread,process]" --message-size 1,64,4Ki \
		--concurrency 1,3 -D verify=full -o result.json &&
		holds result.json '.complete and (.cells | length) == 24' &&
		holds result.json 'all(.cells[]; .status == "ok" and
			.messages == 1000 * .concurrency and
			.counters.host.tiny_messages > 1000 and
			.counters.client.tiny_messages > 1000)'
}
ok "it carries both patterns over both boundaries" carries

in_config ()
{
	cat >tiny.cfg <<-'end'
		matrix: { transport = "mine"; };
		transports: { mine: { plugin = "tiny";
			sndbuf = ["8Ki", "128Ki"]; }; };
		count = 100; repeat = 1;
	end
	exits 0 "$WEIR" run tiny.cfg -o result.json &&
		holds result.json '[.cells[].options.sndbuf] == [8192, 131072]'
}
ok "its option is a matrix like any other" in_config

too_large ()
{
	exits 3 "$WEIR" run -m tiny --message-size 1Mi -o result.json &&
		says "larger than sndbuf, which is 65536" "$out" &&
		exits 2 "$WEIR" run -m tiny -D transports.tiny.sndbuf=1 &&
		says '"1" is out of range, which is 4Ki … 1Mi' "$err"
}
ok "its limits are named" too_large

plan
