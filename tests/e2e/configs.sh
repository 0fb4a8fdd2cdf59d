#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every config that comes with weir runs as it is, only faster.
. "$(dirname "$0")/../tap.sh"

configs=$(cd "$top_srcdir/configs" && pwd)

# A config that spins needs a CPU for each side; on one, such cells are
# refused, and the exit code says so.
code=0
good='.status == "ok"'
if test "$(nproc)" -lt 2; then
	code=3
	good='.status == "ok" or .options.wait == "spin"'
fi

runs ()
{
	exits 0 "$WEIR" check "$configs/$1.cfg" || return
	exits "$2" "$WEIR" run -q "$configs/$1.cfg" -D duration=20ms \
		-D warmup=5ms -D repeat=1 -D search.from=100k \
		-D search.steps=2 -D output.directory=out || return
	result=out/$(sed -n 's/^\tjson = "\(.*\)";/\1/p' "$configs/$1.cfg")
	holds "$result" ".name == \"$1\" and .complete" &&
		cells "$result" "$3" true "($good) and .messages >= 0" &&
		cells "$result" "$3" true \
			'.status == "refused" or .search or (intact and .messages > 0)'
}

# The number of cells is what the comment at the file's top promises.
promised ()
{
	sed -n 's/^#.* \([0-9]*\) cells.*/\1/p' "$configs/$1.cfg"
}

for file in "$configs"/*.cfg; do
	config=$(basename "$file" .cfg)
	# It needs a container engine: see container.sh.
	test "$config" != boundaries || continue
	# What of it there is, is the machine's to say: see placement.sh.
	test "$config" != placement || continue
	n=$(promised "$config")
	spins=0
	grep -q '^[^#]*"spin"' "$file" && spins=$code
	ok "$config.cfg runs, ${n:-0} cells" runs "$config" "$spins" "$n"
done

eighteen ()
{
	test "$(promised quickstart)" = 18
}
ok "quickstart.cfg has 18 cells" eighteen

plan
