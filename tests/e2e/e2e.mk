# SPDX-License-Identifier: Apache-2.0
# Modules that make things go wrong, or see that they don't; `ends` runs a
# command as from a terminal, `visitor` comes to a control socket, `ranks`
# judges by the record of `delay`; `tiny` a test builds out of the tree.
check_PROGRAMS += tests/e2e/ends tests/e2e/ranks tests/e2e/visitor
check_LTLIBRARIES += tests/e2e/allocs.la tests/e2e/delay.la \
	tests/e2e/early.la tests/e2e/faulty.la tests/e2e/ledger.la \
	tests/e2e/lossy.la tests/e2e/witness.la
EXTRA_DIST += tests/e2e/tiny.c
tests_e2e_allocs_la_LDFLAGS = $(TEST_MODULE)
tests_e2e_delay_la_LDFLAGS = $(TEST_MODULE)
tests_e2e_delay_la_SOURCES = tests/e2e/delay.c tests/e2e/delays.h \
	tests/e2e/pair.h
tests_e2e_ranks_SOURCES = tests/e2e/ranks.c tests/e2e/delays.h
tests_e2e_ranks_LDADD = $(LIBM)
tests_e2e_early_la_LDFLAGS = $(TEST_MODULE)
tests_e2e_faulty_la_LDFLAGS = $(TEST_MODULE)
tests_e2e_faulty_la_SOURCES = tests/e2e/faulty.c tests/e2e/pair.h
tests_e2e_ledger_la_LDFLAGS = $(TEST_MODULE)
tests_e2e_lossy_la_LDFLAGS = $(TEST_MODULE)
tests_e2e_lossy_la_SOURCES = tests/e2e/lossy.c tests/e2e/pair.h
tests_e2e_witness_la_LDFLAGS = $(TEST_MODULE)
