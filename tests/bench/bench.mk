# SPDX-License-Identifier: Apache-2.0
# weir beside bare loops: `make bench` measures, `make check` only proves that
# it works.
test_programs += tests/bench/test_ratio
tests_bench_test_ratio_SOURCES = tests/bench/ratio.c tests/bench/ratio.h \
	tests/bench/test_ratio.c
