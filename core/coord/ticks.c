/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/ticks.h"

#include <math.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"

#define OFF_SHARE 0.001
#define OFF_NS 10e3

int
ticks_fill(const struct plan_run *run, struct message_setup *setup,
	   struct weir_error *err)
{
	int status;

	setup->clock = run->clock;
	if (run->clock != PLAN_CLOCK_TSC)
		return WEIR_OK;
	if (!setup->comparable_clocks)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "clock = \"tsc\": one calibration serves "
				      "both sides, and they are not of one "
				      "boot, time namespace and clock source: "
				      "use clock = \"monotonic\"");
	status = tsc_check(err);
	return status ? status : tsc_calibrate(&setup->tsc, err);
}

int
ticks_services(const struct message_setup *setup,
	       const struct weir_services **ret_services,
	       struct weir_error *err)
{
	int status;

	if (setup->clock != PLAN_CLOCK_TSC) {
		*ret_services = plugin_services();
		return WEIR_OK;
	}
	status = tsc_check(err);
	if (status == WEIR_OK)
		*ret_services = plugin_services_tsc(&setup->tsc);
	return status;
}

int
ticks_check(const struct tsc_scale *scale, struct weir_error *err)
{
	struct tsc_off off;
	double most_ns;

	if (!scale->mult)
		return WEIR_OK;
	tsc_off(scale, &off);
	most_ns = OFF_NS + OFF_SHARE * fabs(off.since_ns) + off.width_ns;
	if (fabs(off.ns) <= most_ns)
		return WEIR_OK;
	return weir_error_set(err, WEIR_ESYSTEM,
			      "the time stamp counter went %.1f us away from "
			      "CLOCK_MONOTONIC in %.3f s, so that it is no "
			      "clock here: use clock = \"monotonic\"",
			      off.ns / 1e3, off.since_ns / 1e9);
}

void
ticks_begin_facts(const struct plan_run *run, struct facts *facts,
		  struct tsc_scale *ret_scale)
{
	const struct weir_services *services;
	struct clock_facts clock;

	*ret_scale = (struct tsc_scale){ 0 };
	facts_add_text(facts, "clock", plan_clock_names[run->clock]);
	if (run->clock != PLAN_CLOCK_TSC || tsc_check(NULL) ||
	    tsc_calibrate(ret_scale, NULL))
		return;
	services = plugin_services_tsc(ret_scale);
	clock_measure(services->now_ns, &clock);
	facts_add_number(facts, "tsc_hz", round(tsc_hz(ret_scale)));
	facts_add_number(facts, "tsc_cost_ns", clock.cost_ns);
	facts_add_number(facts, "tsc_resolution_ns",
			 (double)clock.resolution_ns);
}

void
ticks_end_facts(const struct tsc_scale *scale, struct facts *facts)
{
	struct tsc_off off;

	if (!scale->mult)
		return;
	tsc_off(scale, &off);
	if (off.since_ns > 0)
		facts_add_number(facts, "tsc_off_ppm",
				 off.ns / off.since_ns * 1e6);
}
