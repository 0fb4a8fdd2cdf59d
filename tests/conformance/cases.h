/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of cases, one from each cases_*.c, gathered in cases.c. */
#ifndef TESTS_CONFORMANCE_CASES_H
#define TESTS_CONFORMANCE_CASES_H

#include "tests/conformance/battery.h"

extern const struct battery_case cases_exchange[];
extern const struct battery_case cases_end[];
extern const struct battery_case cases_cancel[];
extern const struct battery_case cases_hostile[];
extern const struct battery_case cases_long[];
extern const struct battery_case cases_many[];
extern const struct battery_case cases_memory[];
extern const struct battery_case cases_optional[];
extern const struct battery_case cases_scarce[];
extern const struct battery_case cases_world[];

#endif
