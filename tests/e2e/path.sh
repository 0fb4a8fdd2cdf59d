#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A plugin that is named by its path lies in no folder that is searched: the
# client of every boundary finds it all the same.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs
WEIR_WARMUP=0
export WEIR_PLUGIN_PATH WEIR_WARMUP
mkdir own
cp "$top_builddir/tests/e2e/.libs/ledger.so" own/ledger.so || exit 99

by_path ()
{
	exits 0 "$WEIR" run -q -m "$1" --msg-count 100 -D repeat=1 \
		-D matrix.boundary="$2" -o result.json &&
		cells result.json 1 '.plugin | endswith("ledger.so")' \
			"whole(100)"
}
for boundary in thread process namespace; do
	if test $boundary = namespace && ! new_namespaces all; then
		skip "$boundary: by a path" "$why"
		continue
	fi
	ok "$boundary: by a path from here" by_path ./own/ledger.so $boundary
	ok "$boundary: by a whole path" \
		by_path "$scratch/own/ledger.so" $boundary
done

in_config ()
{
	cat >own.cfg <<-end
		matrix: { transport = ["mine", "uds"]; };
		transports: { mine: { plugin = "$scratch/own/ledger.so"; }; };
		count = 100; repeat = 1;
	end
	exits 0 "$WEIR" run -q own.cfg -o result.json &&
		cells result.json 2 true "whole(100)"
}
ok "a config names one by its path beside one of the search path" in_config

# A colon parts folders from each other: never another module by accident.
with_colon ()
{
	mkdir a:b && cp own/ledger.so a:b/ledger.so &&
		exits 3 "$WEIR" run -q -m ./a:b/ledger.so --msg-count 100 \
			-D repeat=1 -o result.json &&
		says "the path of a plugin may not hold ':'" "$out"
}
ok "a path that can't be passed on is refused" with_colon

plan
