/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/tsc.h"

#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>

#include "core/base/clock.h"
#include "core/base/io.h"

#define CALIBRATE_NS (50 * NS_PER_MS)
#define TRIES 64
#define SOURCES \
	"/sys/devices/system/clocksource/clocksource0/available_clocksource"

static bool
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; (text = strstr(text, word)); text += n)
		if (text[-1] == ' ' && strchr(" \n", text[n]))
			return true;
	return false;
}

int
tsc_judge(const char *cpuinfo, const char *sources, struct weir_error *err)
{
	const char *flags = cpuinfo ? strstr(cpuinfo, "\nflags") : NULL;

	if (!flags || !has_word(flags, "constant_tsc") ||
	    !has_word(flags, "nonstop_tsc") || !has_word(flags, "rdtscp"))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "clock = \"tsc\": the time stamp counter "
				      "of this CPU is not invariant "
				      "(/proc/cpuinfo lacks constant_tsc, "
				      "nonstop_tsc or rdtscp): use clock = "
				      "\"monotonic\"");
	if (sources && strncmp(sources, "tsc", 3) != 0 &&
	    !strstr(sources, " tsc"))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "clock = \"tsc\": the kernel has found "
				      "the time stamp counter unfit ("
				      SOURCES " lacks tsc): use clock = "
				      "\"monotonic\"");
	return WEIR_OK;
}

int
tsc_check(struct weir_error *err)
{
#if defined(__x86_64__)
	char cpuinfo[8192], sources[256];
	bool knows = io_read_small("/proc/cpuinfo", cpuinfo,
				   sizeof(cpuinfo)) > 0;
	bool lists = io_read_small(SOURCES, sources, sizeof(sources)) > 0;

	return tsc_judge(knows ? cpuinfo : NULL, lists ? sources : NULL, err);
#else
	struct utsname machine = { .machine = "another architecture" };

	uname(&machine);
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "clock = \"tsc\": weir knows the time stamp "
			      "counter of x86-64, and this is %s: use clock = "
			      "\"monotonic\"", machine.machine);
#endif
}

/* Both clocks, of several looks the one in which they are closest. */
struct pair {
	uint64_t ticks;
	uint64_t ns;
	uint64_t width_ns;
};

static void
look(struct pair *ret_pair)
{
	ret_pair->width_ns = UINT64_MAX;
	for (int i = 0; i < TRIES; i++) {
		uint64_t before_ns = clock_now_ns(), ticks = tsc_ticks();
		uint64_t width_ns = clock_now_ns() - before_ns;

		if (width_ns < ret_pair->width_ns)
			*ret_pair = (struct pair){ ticks,
						   before_ns + width_ns / 2,
						   width_ns };
	}
}

int
tsc_calibrate(struct tsc_scale *ret_scale, struct weir_error *err)
{
	uint64_t until_ns = clock_now_ns() + CALIBRATE_NS;
	struct pair first, last;

	look(&first);
	while (clock_now_ns() < until_ns)
		clock_sleep_until_ns(until_ns);
	look(&last);
	/* A second has 10^6 to 10^11 ticks, or it is no such counter. */
	if (last.ticks - first.ticks < (last.ns - first.ns) / 1000 ||
	    last.ticks - first.ticks > (last.ns - first.ns) * 100)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "clock = \"tsc\": the time stamp counter "
				      "does not go on beside CLOCK_MONOTONIC: "
				      "use clock = \"monotonic\"");
	*ret_scale = (struct tsc_scale){
		.from_ticks = last.ticks,
		.from_ns = last.ns,
		.mult = (uint64_t)(((unsigned __int128)(last.ns - first.ns)
				    << 32) / (last.ticks - first.ticks)),
	};
	return WEIR_OK;
}

void
tsc_off(const struct tsc_scale *scale, struct tsc_off *ret_off)
{
	struct pair now;

	look(&now);
	ret_off->ns = (double)(int64_t)(tsc_ns(scale, now.ticks) - now.ns);
	ret_off->width_ns = (double)now.width_ns;
	ret_off->since_ns = (double)(int64_t)(now.ns - scale->from_ns);
}
