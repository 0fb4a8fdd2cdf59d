# SPDX-License-Identifier: Apache-2.0
# Modules that the loader has to refuse, or to take in spite of their looks.
# They are never installed; libtool makes a module only where it has an
# -rpath. `unresolved` is what its name says.
test_programs += tests/abi/test_abi
check_LTLIBRARIES += tests/abi/bad_option.la tests/abi/cap_mismatch.la \
	tests/abi/good.la tests/abi/long_struct.la \
	tests/abi/missing_member.la tests/abi/no_symbol.la \
	tests/abi/old_1_0.la tests/abi/oversold.la tests/abi/too_small.la \
	tests/abi/unresolved.la tests/abi/wrong_major.la \
	tests/abi/wrong_name.la
EXTRA_DIST += tests/abi/stub.h
tests_abi_bad_option_la_LDFLAGS = $(TEST_MODULE)
tests_abi_cap_mismatch_la_LDFLAGS = $(TEST_MODULE)
tests_abi_good_la_LDFLAGS = $(TEST_MODULE)
tests_abi_long_struct_la_LDFLAGS = $(TEST_MODULE)
tests_abi_missing_member_la_LDFLAGS = $(TEST_MODULE)
tests_abi_no_symbol_la_LDFLAGS = $(TEST_MODULE)
tests_abi_old_1_0_la_LDFLAGS = $(TEST_MODULE)
tests_abi_oversold_la_LDFLAGS = $(TEST_MODULE)
tests_abi_too_small_la_LDFLAGS = $(TEST_MODULE)
tests_abi_unresolved_la_LDFLAGS = $(TEST_MODULE)
tests_abi_wrong_major_la_LDFLAGS = $(TEST_MODULE)
tests_abi_wrong_name_la_LDFLAGS = $(TEST_MODULE)
