# SPDX-License-Identifier: Apache-2.0
# weir beside bare loops: `make bench` measures, `make check` only proves that
# it works.
check_PROGRAMS += tests/bench/bench tests/bench/compare_eval
test_programs += tests/bench/test_ratio
test_scripts += tests/bench/compare_works.sh tests/bench/works.sh
EXTRA_DIST += tests/bench/README.md tests/bench/compare_eval.sh
tests_bench_compare_eval_SOURCES = tests/bench/compare_eval.c
tests_bench_test_ratio_SOURCES = tests/bench/ratio.c tests/bench/ratio.h \
	tests/bench/test_ratio.c
tests_bench_bench_SOURCES = \
	tests/bench/bench.h \
	tests/bench/canary.c \
	tests/bench/canary.h \
	tests/bench/floor.c \
	tests/bench/harness.c \
	tests/bench/harness.h \
	tests/bench/line.c \
	tests/bench/line.h \
	tests/bench/loop.h \
	tests/bench/main.c \
	tests/bench/mq.c \
	tests/bench/pair.c \
	tests/bench/peers.c \
	tests/bench/peers.h \
	tests/bench/pipe.c \
	tests/bench/ratio.c \
	tests/bench/ratio.h \
	tests/bench/report.c \
	tests/bench/report.h \
	tests/bench/ring.c \
	tests/bench/slot.c \
	tests/bench/socket.c \
	tests/bench/table.c \
	tests/bench/weir.c \
	tests/bench/weir.h

# BENCH="uds pipe" chooses lines, BENCH_FLAGS="-n 20" says how.
bench: all tests/bench/bench
	@mkdir -p output
	./tests/bench/bench -w ./weir -o output/bench.json $(BENCH_FLAGS) \
		$(BENCH)
