#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the program says, to the letter. Each golden/*.txt is a session:
#
#	$ command		run in an empty folder, the modules of the build
#	| line			of its standard output
#	! line			of its standard error
#	= code			that it exits with
#
# GOLDEN_UPDATE=1 in the environment writes the sessions anew.
. "$(dirname "$0")/../tap.sh"
unset NO_COLOR GOLDEN_MISSING

golden=$tests/cli/golden
version=$("$WEIR" --version | sed 's/^weir //')
test -n "$version" || exit 99

weir ()
{
	timeout -k 5 60 "$WEIR" "$@"
}

# Stream $1 of the last command, each line behind the mark $2: without what
# differs from machine to machine.
marked ()
{
	sed -e "s|$scratch|SCRATCH|g" -e "s|weir $version|weir VERSION|g" \
		-e 's|no file \([a-z.]*\) in [^;]*;|no file \1 in FOLDERS;|' \
		-e 's|^file: .*/|file: FOLDER/|' -e "s/^/$2 /;s/ \$//" \
		"$scratch/$1"
}

# session_run COMMAND: runs it, and shows it as a session does.
session_run ()
{
	printf '$ %s\n' "$1"
	(eval "$1") >"$scratch/stdout" 2>"$scratch/stderr" </dev/null
	code=$?
	marked stdout '|'
	marked stderr '!'
	echo "= $code"
}

# block FILE N: the Nth command of a session with what belongs to it.
block ()
{
	awk -v n="$2" '/^\$ / { i++ } i == n && /^[$|!=]/' "$1"
}

same ()
{
	diff "$scratch/expected" "$scratch/found"
}

# session FILE: a case for each of its commands.
session ()
{
	mkdir "$scratch/folder" && cd "$scratch/folder" || exit 99
	n=0
	while IFS= read -r line <&3; do
		case $line in
		'$ '*)
			n=$((n + 1))
			session_run "${line#??}" >"$scratch/found"
			cat "$scratch/found" >>"$scratch/updated"
			block "$1" $n >"$scratch/expected"
			ok "$(printf '%s' "${line#??}" | tr -d '\\#')" same
			;;
		[!\|\!=]* | '')
			printf '%s\n' "$line" >>"$scratch/updated"
			;;
		esac
	done 3<"$1"
	cd "$scratch" || exit 99
	rm -r "$scratch/folder"
	test -z "${GOLDEN_UPDATE:-}" || cp "$scratch/updated" "$1"
	rm "$scratch/updated"
}

# narrow COMMAND...: no line of its output is longer than 80 columns. A
# character is a byte that does not continue one (UTF-8).
narrow ()
{
	"$@" 2>/dev/null | LC_ALL=C awk '
		{ gsub(/[\200-\277]/, "") }
		length($0) > 80 { print length($0) " columns: " $0; bad = 1 }
		END { exit bad || NR == 0 }'
}

one_screen ()
{
	lines=$(weir | wc -l)
	test "$lines" -gt 1 && test "$lines" -le 24
}

for file in "$golden"/*.txt; do
	session "$file"
done
ok "weir alone fits a screen: lines" one_screen
ok "weir alone fits a screen: columns" narrow weir
for command in $(weir --help |
	sed -nE '/^commands:/,/^$/s/^  ([a-z]+) .*/\1/p'); do
	ok "weir $command --help fits 80 columns" narrow weir $command --help
done
for config in "$top_srcdir"/configs/*.cfg; do
	ok "weir check configs/${config##*/}" \
		exits 0 "$WEIR" check "$config"
done
plan
