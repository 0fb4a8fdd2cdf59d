#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Streams: a record of every message, live, and nothing dropped; what can't
# be written ends the stream and not the run.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs
TMPDIR=$scratch
export WEIR_PLUGIN_PATH TMPDIR
short='-m pipe --msg-count 300 -D repeat=2 -D warmup=0 -o r.json'

# run CODE ARGUMENT...
run ()
{
	want=$1
	shift
	# shellcheck disable=SC2086 # several words
	exits "$want" "$WEIR" run -q $short "$@"
}

# The lines of s.json are JSON, those of s.csv are CSV; both say the same,
# and of each trial's channels as much as the result.
cat >check.py <<'END'
import collections, csv, json, sys

objects = [json.loads(line) for line in open("s.json")]
with open("s.csv", newline="") as f:
    rows = list(csv.DictReader(f))
text = open("s.csv", newline="").read()
assert text.count("\n") == text.count("\r\n") == len(rows) + 1
assert [{k: "" if v is None else str(v) for k, v in o.items()}
        for o in objects] == rows
seen = collections.defaultdict(list)
for o in objects:
    seen[o["cell"], o["trial"], o["channel"]].append(o)
n = 0
for cell in json.load(open("r.json"))["cells"]:
    names = "one_way_latency_ns", "round_trip_latency_ns"
    mine, other = names if cell["pattern"] == "one_way" else names[::-1]
    for trial in cell["trials"]:
        got = [seen[cell["id"], trial["index"], c]
               for c in range(cell["concurrency"])]
        n += sum(map(len, got))
        assert trial["status"] == "ok", trial["reason"]
        assert sum(map(len, got)) == trial["messages"]
        assert trial["stream"]["records"] == trial["messages"]
        latency = trial["latency_ns"]
        for records in got:
            ids = [r["message_id"] for r in records]
            bits = 8 * min(cell["size_bytes"], 8)
            assert ids == [i % 2 ** bits for i in range(len(ids))]
            times = [r["timestamp_ns"] for r in records]
            assert times == sorted(times)
            for r in records:
                assert r["mechanism"] == cell["transport"]
                assert r["message_size"] == cell["size_bytes"]
                assert r[other] is None
                assert (r[mine] is None) == (latency is None)
        if latency:
            all = [r[mine] for records in got for r in records]
            assert sum(all) == latency["sum"] and len(all) == latency["samples"]
            assert min(all) == latency["min"] and max(all) == latency["max"]
assert n == len(objects) > 0
END

both ()
{
	run 0 --streaming-output-json s.json --streaming-output-csv s.csv \
		"$@" || return
	python3 check.py && holds r.json '.stream.error == null and
		.stream.records == ([.cells[].trials[].messages] | add)'
}

if python3 -c '' 2>/dev/null; then
	ok "round trips and one way" both -m uds,shm,pipe \
		-D matrix.pattern=[round_trip,one_way]
	ok "over threads" both -D matrix.boundary=thread \
		-D matrix.pattern=[round_trip,one_way]
	ok "several channels" both --concurrency 3 \
		-D matrix.pattern=[round_trip,one_way]
	ok "the client begins" both -D initiator=client \
		-D matrix.pattern=[round_trip,one_way]
	ok "messages too small for a time" both --message-size 1,8 \
		-D matrix.pattern=one_way
	ok "nothing between" both -m null \
		-D matrix.pattern=[round_trip,one_way]
	ok "more than a tape holds" both --msg-count 70000 -m shm \
		-D repeat=1 -D matrix.pattern=[round_trip,one_way]
	ok "a name that needs quotes" both -D 'transports.a-b.plugin=pipe' \
		-D matrix.transport=a-b
else
	skip "streams" "no python3 here"
fi

with_clients ()
{
	"$WEIR" client -q "$patient" --ipc-path control &
	client=$!
	exits 0 "$WEIR" host -q -m uds --msg-count 200 -D repeat=2 \
		-D matrix.pattern=[round_trip,one_way] --ipc-path control \
		-o r.json --streaming-output-json s.json || return
	wait "$client" && test "$(wc -l <s.json)" = 800 &&
		holds r.json '.stream.records == 800'
}
ok "of a host and a client" with_clients

none ()
{
	run 0 && holds r.json '.stream == null and
		all(.cells[].trials[]; .stream == null)'
}
ok "without a stream there is none in the results" none

# Where it goes

on_stdout ()
{
	run 0 --streaming-output-csv "$1" &&
		test "$(grep -c ',pipe,' "$scratch/stdout")" = 600 &&
		test "$(wc -l <"$scratch/stdout")" = 601 &&
		says "transport  pattern" "$err"
}
ok "- is standard output, and the table gives way" on_stdout -
ok "/dev/stdout likewise" on_stdout /dev/stdout

piped ()
{
	# shellcheck disable=SC2086 # several words
	"$WEIR" run -q $short --streaming-output-json - 2>err | wc -l >lines
	test "$(cat lines)" -eq 600
}
ok "into a pipe" piped

to_fifo ()
{
	mkfifo reader
	exec 3<>reader 4<reader # there before the run is
	wc -l <&4 3>&- >lines &
	run 0 --streaming-output-json reader 3>&- 4<&- || return
	exec 3>&- 4<&-
	wait $! && test "$(cat lines)" -eq 600 && test -p reader
}
ok "a FIFO with a reader" to_fifo

replaced ()
{
	yes old | head -n 10000 >s.json
	run 0 --streaming-output-json s.json && ! grep -q old s.json &&
		run 0 --streaming-output-json a/b/s.json &&
		test "$(wc -l <a/b/s.json)" = 600
}
ok "what was there is replaced, a missing folder made" replaced

by_key ()
{
	run 0 -D output.streaming_csv=key.csv && test -s key.csv
}
ok "by its key" by_key

# A reader of the file sees lines while the run goes on.
has_lines ()
{
	test -s live.json
}
live ()
{
	begin -m pipe --duration 60s -D repeat=1 -D warmup=0 -o r.json \
		--streaming-output-json live.json
	until_true has_lines
	seen=$?
	end INT
	test $seen = 0 && tail -n 1 live.json | jq -e .cell >last &&
		holds r.json ".interrupted and
			.stream.records == $(wc -l <live.json)"
}
ok "live, and whole after an interrupt" live

# What can't be written

unwritable ()
{
	rm -f r.json
	run 1 --streaming-output-json "$1" && says "$2" "$err" &&
		test ! -e r.json
}
ok "a folder is found before the first trial" unwritable . "Is a directory"
mkfifo lonely
ok "a FIFO that nobody reads" unwritable lonely "does anybody read it?"
ok "a file in /proc" unwritable /proc/s.json "cannot open"

dev_full ()
{
	run 1 --streaming-output-json /dev/full --streaming-output-csv s.csv &&
		says "the stream ends: " "$err" &&
		says "No space left on device" "$err" &&
		test "$(wc -l <s.csv)" = 601 &&
		holds r.json '.complete and .cells[0].status == "ok" and
			.cells[0].messages == 600 and (.stream.error |
			contains("No space left on device"))'
}
ok "a full disk ends the stream, and nothing else" dev_full

gone ()
{
	# shellcheck disable=SC2086 # several words
	{ "$WEIR" run -q $short -m null --msg-count 50000 \
		--streaming-output-json - 2>err; echo $? >code; } |
		head -n 1 >first
	test "$(cat code)" = 1 && says "Broken pipe" "$(cat err)" &&
		holds r.json '.complete and .stream.error != null'
}
ok "a reader that goes away" gone

# A reader that begins only when the lane waits for room on its tape: that
# is a memfd of the run, with head, stalls, stalled_ns, waiting in front and
# the tail 128 bytes behind.
cat >late.py <<'END'
import glob, os, select, struct, time

def waits(pid):
    for fd in glob.glob("/proc/%d/fd/*" % pid):
        try:
            if "memfd:weir-tape" not in os.readlink(fd):
                continue
            page = open(fd, "rb").read(136)
        except OSError:
            continue
        head, _, _, waiting = struct.unpack_from("<QQQI", page)
        tail, = struct.unpack_from("<Q", page, 128)
        if waiting and head - tail == 65536:
            return True
    return False

slow = os.open("slow", os.O_RDONLY | os.O_NONBLOCK)
open("ready", "w").close()
end = time.monotonic() + 30
pid = 0
while not (pid and waits(pid)) and time.monotonic() < end:
    select.select([], [], [], 0.01)
    if not pid and os.path.exists("pid"):
        pid = int(open("pid").read() or 0)
os.set_blocking(slow, True)
print(open(slow, "rb").read().count(b"\n"))
END

stalled ()
{
	mkfifo slow
	timeout 60 python3 late.py >lines &
	reader=$!
	until_true test -e ready || return
	"$WEIR" run -q -m null --msg-count 200000 -D repeat=1 -D warmup=0 \
		-D stall_timeout=60s -o r.json --streaming-output-json slow \
		>out 2>&1 &
	host=$!
	echo $host >pid
	wait $host || return
	wait $reader || return
	test "$(cat lines)" = 200000 && holds r.json '.stream.stalls > 0 and
		.stream.stalled_ns > 0 and .stream.records == 200000 and
		any(.warnings[]; contains("the stream did not keep up"))'
}
if python3 -c '' 2>/dev/null; then
	ok "a reader that is late" stalled
fi

twice ()
{
	run 2 --streaming-output-json "$1" --streaming-output-csv "$1" &&
		says "goes to the same file" "$err"
}
ok "two streams into one file" twice s.out
ok "two streams into standard output" twice -
one_file ()
{
	echo old >kept
	ln -sf kept link
	run 2 "$@" && says "are the same file; name another" "$err" &&
		test "$(cat kept)" = old && test ! -e new
}
ok "a stream into the results by another name" \
	one_file -o new --streaming-output-csv ./new
ok "a stream into the results by a link" \
	one_file -o kept --streaming-output-json "$PWD/link"
ok "two streams into one file by two names" \
	one_file -o r.json --streaming-output-json "$PWD/new" \
	--streaming-output-csv .//new
into_results ()
{
	run 2 -o - --streaming-output-json - &&
		says "is also where a stream of messages goes" "$err"
}
ok "stream and results into standard output" into_results

plan
