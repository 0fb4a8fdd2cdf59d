/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/cases.h"

const struct battery_case *const battery_tables[] = {
	cases_exchange, cases_end,    cases_cancel,   cases_hostile,
	cases_memory,   cases_scarce, cases_optional, cases_many,
	cases_long,     cases_world,  NULL,
};
