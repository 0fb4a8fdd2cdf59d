#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the compiled files define and leave open.
. "$(dirname "$0")/lint.sh"

build=${top_builddir:-.}
NM=${NM:-nm}

modules ()
{
	for makefile in plugins/*/plugin.mk; do
		echo "$build/plugins/.libs/$(basename "${makefile%/*}").so"
	done
}

# objects: of core/, in the build folder, as paths relative to it.
objects ()
{
	(cd "$build" && find core -path '*/.libs/*.o' | sort)
}

rule "a module exports weir_transport and nothing else" "$(
	modules | while read -r module; do
		names=$($NM -D --defined-only "$module" 2>&1 |
			awk '{ print $NF }')
		test "$names" = weir_transport || echo "$module:" $names
	done)"

# libc, libm and ld.so give their symbols versions; a library that a module
# names may not, and the linker has found those (-z defs).
what="a module's open symbols are those of libc"
if test -n "${SANITIZERS:-}"; then
	skip "$what" "built with $SANITIZERS"
else
	rule "$what" "$(
		modules | while read -r module; do
			$NM -D --undefined-only "$module" 2>&1 | awk -v m="$module" '
				$1 != "w" && $NF !~ /@GLIBC_/ { print m ": " $0 }'
		done)"
fi

# hist_record in hist.c, histogram_encode in histogram_codec.c, plan_keys in
# keys.c beside plan.h, n_commands in command.c: a symbol begins with the
# first word of its file, or with its folder or a header of it.
rule "a symbol of core/ begins with the name of its module" "$(
	{
		allowed prefix | sed 's/^/allowed /'
		sources core | grep '\.h$' | sed 's/^/header /'
		objects | while read -r object; do
			$NM --defined-only -g "$build/$object" 2>&1 |
				awk -v object="$object" '{ print object, $NF }'
		done
	} | awk '
		{
			n = split($2, part, "/")
			folder = part[n - 1]
			stem = part[n]
			sub(/[_.].*/, "", stem)
		}
		$1 == "allowed" { names[$2] = $3; next }
		$1 == "header" { names[folder] = names[folder] " " stem; next }
		$2 ~ /^(_|\.)/ { next }
		{
			file = $1
			sub(/\/\.libs/, "", file)
			sub(/o$/, "c", file)
			n = split(file, part, "/")
			stem = part[n]
			sub(/[_.].*/, "", stem)
			folder = part[n - 1]
			symbol = $2
			sub(/^n_/, "", symbol)
			n = split(stem " " folder " " names[folder] " " \
				names[file], name, " ")
			for (i = 1; i <= n; i++)
				if (index(symbol, name[i]) == 1)
					next
			print file ": " $2
		}')"
what="core/ has no writable data but what is allowed"
if test -n "${SANITIZERS:-}"; then
	skip "$what" "built with $SANITIZERS"
else
	# .data.rel.ro is const, once the program is loaded.
	rule "$what" "$(
		objects | while read -r object; do
			$NM --defined-only -f sysv "$build/$object" 2>&1 |
				awk -F'[ \t]*[|][ \t]*' -v object="$object" '
				$3 ~ /^[bBdDcC]$/ && $7 !~ /^\.data\.rel\.ro/ {
					sub(/\/\.libs/, "", object)
					sub(/o$/, "c", object)
					sub(/\.[0-9]+$/, "", $1)
					print object ":" $1
				}'
		done | { allowed global | sed 's/^/allowed /'; cat; } | awk '
			$1 == "allowed" { may[$2] = 1; next }
			!($1 in may)')"
fi
plan
