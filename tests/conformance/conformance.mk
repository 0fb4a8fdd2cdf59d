# SPDX-License-Identifier: Apache-2.0
# The battery that every module built has to pass, and a module with faults
# that it has to find.
test_programs += tests/conformance/battery tests/conformance/test_battery
check_LTLIBRARIES += tests/conformance/faulty.la
tests_conformance_faulty_la_LDFLAGS = $(TEST_MODULE)
conformance = tests/conformance/battery.c tests/conformance/battery.h \
	tests/conformance/cases.c tests/conformance/cases.h \
	tests/conformance/cases_cancel.c tests/conformance/cases_end.c \
	tests/conformance/cases_exchange.c \
	tests/conformance/cases_hostile.c tests/conformance/cases_long.c \
	tests/conformance/cases_many.c tests/conformance/cases_memory.c \
	tests/conformance/cases_optional.c tests/conformance/cases_scarce.c \
	tests/conformance/cases_world.c tests/conformance/interrupt.c \
	tests/conformance/interrupt.h tests/conformance/leak.c \
	tests/conformance/leak.h tests/conformance/rig.c \
	tests/conformance/rig.h
tests_conformance_battery_SOURCES = $(conformance) \
	tests/conformance/main.c
tests_conformance_test_battery_SOURCES = $(conformance) \
	tests/conformance/test_battery.c
