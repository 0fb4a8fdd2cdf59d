#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The documents say what the program does, and nothing else.
. "$(dirname "$0")/../tap.sh"
unset WEIR_SILENCE_TIMEOUT

top=$(cd "$top_srcdir" && pwd) || exit 99
docs=$top/docs
weir ()
{
	timeout -k 5 120 "$WEIR" "$@"
}

commands=$(weir --help |
	sed -nE '/^commands:/,/^$/s/^  ([a-z]+) .*/\1/p')
test -n "$commands" || exit 99

# The words that the documents use.
cc ()
{
	# shellcheck disable=SC2086 # CC may hold several words
	${CC:-gcc} "$@"
}

# same WHAT: the lines of the files `program` and `documents` are the same.
same ()
{
	test -s program || { echo "the program says nothing"; return 1; }
	sort -u program >program.sorted
	sort -u documents >documents.sorted
	comm -23 program.sorted documents.sorted |
		sed 's/^/not in the documents: /' >differences
	comm -13 program.sorted documents.sorted |
		sed 's/^/not in the program: /' >>differences
	cat differences
	test ! -s differences
}

# fenced LANGUAGE N FILE: the Nth block ```LANGUAGE of a document.
fenced ()
{
	awk -v fence="\`\`\`$1" -v n="$2" '
		inside && $0 == "```" { inside = 0; next }
		inside { if (wanted) print; next }
		/^```/ { inside = 1; wanted = $0 == fence && ++i == n }' "$3"
}

# ------------------------------------------------------------------
# Flags, settings, options, exit codes

flags ()
{
	grep -oE '(^|[^a-z-])(--[a-z]+(-[a-z]+)*|-[a-zA-Z]($|[^a-zA-Z]))' |
		grep -oE -- '--?[a-zA-Z-]+' | sort -u
}

# --mode stands before the command, so no command's help has it.
same_flags ()
{
	{
		weir --mode=standalone --version >/dev/null && echo --mode
		for command in $commands; do
			weir "$command" --help | sed -n 's/^  //p' | cut -c 1-30
		done | flags
	} >program
	grep -v '^| `NO_COLOR`' "$docs/cli.md" | sed 's/-muds\|-qv//g' |
		flags >documents
	same
}

same_commands ()
{
	echo "$commands" >program
	sed -nE 's/^\| `weir ([a-z]+).*/\1/p' "$docs/cli.md" >documents
	same
}

# settings ARG...: those that the program lists.
settings ()
{
	weir check -m uds "$@" | sed -n '/^settings:/,$p' |
		sed -nE 's/^  ([a-z_.]+) = .*/\1/p'
}

keys_of_the_documents ()
{
	sed -nE 's/^\| `([a-z_]+(\.[a-zA-Z_]+)*)` \|.*/\1/p' "$docs/config.md"
}

same_settings ()
{
	{
		settings
		settings -D count=1 -D warmup_count=1
	} | sed -e 's/^transports\.uds\.plugin$/transports.NAME.plugin/' \
		-e 's/^transports\.uds\..*/transports.NAME.OPTION/' >program
	keys_of_the_documents >documents
	same
}

same_defaults ()
{
	weir check -m uds | grep '# default$' | grep -v '^  transports\.' |
		sed -E 's/^  ([a-z_.]+) = (\[\])?(.*[^ ])? *# default$/\1=\3/
			s/ *$//' >program
	sed -nE 's/^\| `([a-z_.]+)` \| [^|]* \| (`([^`]*)`)? ?\|.*/\1=\3/p' \
		"$docs/config.md" |
		grep -vE '^(matrix\.transport|count|warmup_count)=' >documents
	same
}

flags_name_keys ()
{
	sed -nE '/^\| `-/s/^\| [^|]*\| ([^|]*) \|[^|]*\|$/\1/p' "$docs/cli.md" |
		grep -oE '`[a-z_.]+`' | tr -d '\140' >program
	keys_of_the_documents >documents
	sort -u program | grep -vxF -f documents && return 1
	test -s program
}

same_options ()
{
	weir describe "$1" >described || return
	sed -nE 's/^  ([a-z_]+) = (.*)/\1=\2/p' described |
		sed 's/=""$/=empty/' >program
	sed -nE 's/^\| `([a-z_]+)` \| `?([^`|]*[^`| ])`? *\|.*/\1=\2/p' \
		"$top/plugins/$1/README.md" >documents
	test ! -s program && test ! -s documents || same
}

same_exit_codes ()
{
	weir --help | sed -n '/^exit codes/,$p' |
		grep -oE '[0-9]+  [a-z]+( [a-z]+)*' | sed 's/  / /' >program
	sed -nE 's/^\| ([0-9]+) \| ([^|:;]*[^|:; ]).*/\1 \2/p' "$1" >documents
	same
}

ok "docs/cli.md has every command, and no other" same_commands
ok "docs/cli.md has every flag, and no other" same_flags
ok "docs/cli.md: the keys behind the flags are keys" flags_name_keys
ok "docs/cli.md has every exit code" same_exit_codes "$docs/cli.md"
ok "README.md has every exit code" same_exit_codes "$top/README.md"
ok "docs/config.md has every setting, and no other" same_settings
ok "docs/config.md has the defaults" same_defaults
for makefile in "$top"/plugins/*/plugin.mk; do
	name=$(basename "${makefile%/*}")
	ok "plugins/$name/README.md has every option and its default" \
		same_options "$name"
done

# ------------------------------------------------------------------
# Examples

example ()
{
	fenced '' 1 "$1" >example.cfg
	exits 0 "$WEIR" check example.cfg
}

plugin_builds ()
{
	command -v pkg-config || return
	mkdir -p pkgconfig
	sed -e "s|@includedir@|$top/include|" -e 's|@VERSION@|1|' \
		-e 's|@[a-z_]*@|/nowhere|' "$top/weir.pc.in" >pkgconfig/weir.pc
	PKG_CONFIG_PATH=$PWD/pkgconfig
	export PKG_CONFIG_PATH
	fenced c 1 "$docs/plugins.md" >pair.c
	fenced sh 1 "$docs/plugins.md" | sed 's/^cc /cc -Wall -Wextra -Werror /' \
		>build.sh
	. ./build.sh
}

# commands N: the Nth sh block, each of its lines a success.
commands ()
{
	fenced sh "$1" "$docs/plugins.md" >commands.sh
	test -s commands.sh || return
	(set -e && . ./commands.sh)
}

ok "README.md: the config is one" example "$top/README.md"
ok "docs/config.md: the config is one" example "$docs/config.md"
ok "docs/plugins.md: the transport compiles, by its command" plugin_builds
ok "docs/plugins.md: the transport is found and runs" commands 2
WEIR_PLUGIN_PATH=$PWD
WEIR_REPEAT=1 WEIR_DURATION=100ms
export WEIR_PLUGIN_PATH WEIR_REPEAT WEIR_DURATION
ok "docs/plugins.md: the transport passes its test" commands 3
unset WEIR_PLUGIN_PATH WEIR_REPEAT WEIR_DURATION

# ------------------------------------------------------------------
# Places

links ()
{
	grep -oE '\]\([^)#]+\)' "$1" | sed 's/^](//;s/)$//' |
		grep -v '^https\?:' | while read -r link; do
		test -e "$(dirname "$1")/$link" || echo "no $link"
	done >missing
	cat missing
	test ! -s missing
}

# What stands in `` and begins with a folder of the tree.
paths ()
{
	grep -oE '`(core|plugins|include|tests|docs|configs)/[^` ]*`' "$1" |
		tr -d '\140' | grep -vE 'NAME|plugins/pair' |
		while read -r path; do
		ls -d "$top"/$path >/dev/null 2>&1 || echo "no $path"
	done >missing
	cat missing
	test ! -s missing
}

same_ranks ()
{
	sed -n "s/^ranks='\(.*\)'/\1/p" "$top/tests/lint/layers.sh" |
		tr ' ' '\n' | nl >program
	sed -nE '/^## Folders/,/^## The threads/s/^\| `([a-z]+)\/` .*/\1/p' \
		"$docs/architecture.md" | nl >documents
	same
}

# A blank line in a table makes text of what follows it.
tables ()
{
	awk '
		/^```/ { fenced = !fenced }
		fenced { next }
		/^\|/ && !inside { head = FNR ": " $0 }
		/^\|/ && inside == 1 && !/^\|[ :|-]+$/ { print head }
		!/^\|/ && inside == 1 { print head }
		{ inside = /^\|/ ? inside + 1 : 0 }' "$1" >broken
	cat broken
	test ! -s broken
}

for file in "$top"/README.md "$docs"/*.md; do
	ok "${file#"$top"/}: each table has a head" tables "$file"
	ok "${file#"$top"/}: links lead somewhere" links "$file"
	ok "${file#"$top"/}: paths are there" paths "$file"
done
ok "docs/architecture.md: the ranks are those of the lint" same_ranks
plan
