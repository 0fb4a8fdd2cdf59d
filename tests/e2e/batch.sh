#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Batches, what is touched, and messages in place: over every transport, every
# message once, in order and whole.
. "$(dirname "$0")/../tap.sh"

WEIR_PLUGIN_PATH=$top_builddir/plugins/.libs:$top_builddir/tests/e2e/.libs
export WEIR_PLUGIN_PATH

# measure FILE PLUGIN [-D …]: 100 messages are no whole number of batches.
measure ()
{
	file=$1 name=$2
	shift 2
	exits 0 "$WEIR" run -q -m "$name" --msg-count 100 -D repeat=1 \
		-D warmup=0 -D matrix.pattern=[round_trip,one_way] \
		-D matrix.boundary=[thread,process] -o "$file" "$@"
}

batches ()
{
	measure batch.json "$@" -D matrix.batch=[1,7,64] -D verify=full &&
		cells batch.json "$cells" true 'whole(100)' &&
		cells batch.json $((cells / 3)) '.batch == 64' \
			'.latency_ns.samples == 100 or .plugin == "null"'
}

cells=36 sizes=16,1Ki,128Ki
ok "uds stream: batches" batches uds --message-size $sizes
ok "uds seqpacket: batches" batches uds --message-size $sizes \
	-D transports.uds.type=seqpacket
ok "uds dgram: batches" batches uds --message-size $sizes \
	-D transports.uds.type=dgram
ok "shm: batches" batches shm --message-size $sizes
ok "pipe: batches" batches pipe --message-size $sizes
ok "tcp: batches" batches tcp --message-size $sizes
ok "mq: batches" batches mq --message-size 16,1Ki,8Ki
ok "null: batches" batches null --message-size $sizes
cells=12
ok "adaptive: batches" batches shm --message-size 64 \
	-D transports.shm.wait=adaptive
ok "epoll: batches" batches uds --message-size 64 \
	-D transports.uds.wait=epoll

# By weir's own count: a batch and its answer, one by one, were 64 calls.
calls ()
{
	exits 0 "$WEIR" run -q -m "$1" --msg-count 1600 -D repeat=1 \
		-D warmup=0 -D matrix.batch=32 -D "transports.$1.plugin=$2" \
		-D "transports.$1.$3" -o calls.json &&
		cells calls.json 1 true 'all(.counters[];
			.syscalls >= 100 and .syscalls <= 1600)'
}
ok "a stream has fewer system calls by batches" calls stream uds type=stream
ok "so has seqpacket" calls packets uds type=seqpacket
ok "so has dgram" calls packets uds type=dgram
ok "so has a pipe" calls pipe pipe pipe_size=64Ki
ok "so has tcp" calls tcp tcp nodelay=true

touches ()
{
	measure touch.json uds,shm --message-size 9,64,4097 \
		-D matrix.touch=[header,sampled,full] -D matrix.batch=[1,8] &&
		cells touch.json 144 true 'whole(100)' &&
		cells touch.json 48 '.touch == "full"' true &&
		cells touch.json 48 '.touch == "header"' \
			'.id | contains("touch") | not'
}
ok "touch: header, sampled and full" touches

touches_nothing ()
{
	exits 2 "$WEIR" check -m uds -D matrix.touch=none &&
		says "nothing in a message that could be verified" "$err" &&
		measure none.json uds -D matrix.touch=none -D verify=none &&
		cells none.json 4 true 'whole(100)' &&
		cells none.json 2 '.pattern == "one_way"' '.latency_ns == null'
}
ok "touch: nothing" touches_nothing

in_place ()
{
	measure place.json null --message-size 64,1Mi \
		-D matrix.access=[copy,in_place] -D matrix.batch=[1,16] \
		-D matrix.touch=[header,full] &&
		cells place.json 64 true 'whole(100)' &&
		cells place.json 32 '.access == "in_place"' \
			'.id | contains("/access=in_place")'
}
ok "in place, where it is lent" in_place

refused ()
{
	exits 3 "$WEIR" run -q -m uds,null -D matrix.access=in_place \
		--duration 5ms -D repeat=1 -o refused.json &&
		cells refused.json 1 '.transport == "null"' '.status == "ok"' &&
		cells refused.json 1 '.transport == "uds"' \
			'.status == "refused" and
			(.reason | contains("\"uds\"") and
			contains("WEIR_CAP_LOAN"))'
}
ok "in place is refused where nothing is lent" refused

too_large ()
{
	exits 3 "$WEIR" run -q -m pipe --message-size 64,1Mi --duration 5ms \
		-D matrix.batch=128 -D repeat=1 -o large.json &&
		cells large.json 1 '.size_bytes == 64' '.status == "ok"' &&
		cells large.json 1 '.size_bytes == 1048576' \
			'.status == "refused" and
			(.reason | contains("lower batch or size"))'
}
ok "a batch beyond the memory for it is refused" too_large

# faulty WHAT COUNT: in the tenth message that the host sends.
faulty ()
{
	exits 4 "$WEIR" run -q -m faulty --msg-count 100 -D repeat=1 \
		-D warmup=0 -D matrix.pattern=one_way -D matrix.batch=16 \
		-D transports.faulty.at=send -D transports.faulty.side=host \
		-D "transports.faulty.what=$1" -D transports.faulty.after=12 \
		-D transports.faulty.times=1 -D verify=full -o faulty.json &&
		cells faulty.json 1 '.status == "failed"' \
			".integrity.$2 == 1"
}
ok "a message that is dropped from a batch is lost" faulty drop lost
ok "one that comes twice is a duplicate" faulty twice duplicate
ok "one that is damaged is corrupt" faulty damage corrupt

streamed ()
{
	measure stream.json uds,null --message-size 64 -D matrix.batch=16 \
		-D output.streaming_csv=stream.csv &&
		cells stream.json 8 true 'whole(100)' &&
		test "$(wc -l <stream.csv)" = 801
}
ok "a stream holds every message of each batch" streamed

plan
