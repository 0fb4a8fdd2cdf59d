#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may include whom: a folder of core/ includes itself and those before it
# in this list, a plugin the public headers and plugins/common/.
. "$(dirname "$0")/lint.sh"

ranks='base option config stats plugin measure result coord launch output run cli'

# includes FOLDER...: "includer included" with the quotes or brackets.
includes ()
{
	sources "$@" | xargs awk '
		/^[ \t]*#[ \t]*include/ {
			sub(/^[ \t]*#[ \t]*include[ \t]*/, "")
			sub(/[ \t].*/, "")
			print FILENAME, $0
		}'
}

# only HEADERS FOLDERS: who includes <HEADERS> outside FOLDERS (both regular
# expressions).
only ()
{
	includes core plugins include |
		grep -E " [<\"](.*/)?($1)[>\"]\$" | grep -vE "^($2)"
}

rule "core/ includes down the ranks only" "$(
	includes core | awk -v ranks="$ranks" '
		BEGIN {
			n = split(ranks, name, " ")
			for (i = 1; i <= n; i++)
				rank[name[i]] = i
			rank["main.c"] = n + 1
		}
		$2 !~ /^"core\// { next }
		{
			split($1, from, "/")
			split($2, to, "/")
			if (!(from[2] in rank) || !(to[2] in rank))
				print $0 ": a folder without a rank"
			else if (rank[from[2]] < rank[to[2]])
				print $0 ": up the ranks"
		}')"
rule "core/ includes by whole path, and never a plugin" "$(
	includes core | grep ' "' | grep -vE ' "(core/.*|config\.h)"$')"
# Its own headers a plugin may name by their file alone, so that its folder
# can be built elsewhere.
rule "a plugin includes public headers and plugins/common/ only" "$(
	includes plugins | awk '
		{ split($1, own, "/") }
		$2 ~ /^"plugins\/common\// { next }
		index($2, "\"plugins/" own[2] "/") == 1 { next }
		$2 ~ /^"[^\/]+"$/ && own[2] != "common" { next }
		$2 ~ /^"/ || $2 ~ /^<(core|plugins)\// { print }')"
rule "public headers include libc and each other only" "$(
	includes include |
		grep -vE ' <(weir/[a-z]+|errno|stdarg|stddef|stdint|stdio|string)\.h>$')"
rule "only config/ knows libconfig" "$(only 'libconfig\.h' core/config/)"
rule "only result/ and coord/ know cJSON" "$(
	only 'cJSON\.h' 'core/(result|coord)/')"
rule "only plugin/ knows dlfcn" "$(only 'dlfcn\.h' core/plugin/)"
rule "only stats/ knows zlib" "$(only 'zlib\.h' core/stats/)"
rule "host and client of coord/ never include each other" "$(
	includes core/coord | grep -E \
		'/host[^/ ]* "core/coord/client|/client[^/ ]* "core/coord/host')"
rule "a source includes its own header first" "$(
	includes core plugins | awk '
		$1 !~ /\.c$/ || $2 == "\"config.h\"" || seen[$1]++ { next }
		{
			own = name = $1
			sub(/c$/, "h", own)
			sub(/.*\//, "", name)
			sub(/c$/, "h", name)
			if ($2 != "\"" own "\"" && $2 != "\"" name "\"" &&
			    (getline line < own) >= 0)
				print $1 ": " own " first"
			close(own)
		}')"
plan
