/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/tsc.h"

#include <string.h>

#include "core/base/clock.h"
#include "tests/unit/unit.h"

#define FIT \
	"model name\t: x\n" \
	"flags\t\t: fpu tsc rdtscp constant_tsc nonstop_tsc\n"

static struct weir_error err;

START_TEST(a_good_counter_is_fit)
{
	ck_assert_int_eq(tsc_judge(FIT, "tsc kvm-clock \n", &err), WEIR_OK);
	ck_assert_int_eq(tsc_judge(FIT, "kvm-clock tsc acpi_pm \n", &err),
			 WEIR_OK);
	ck_assert_int_eq(tsc_judge(FIT, NULL, &err), WEIR_OK);
}
END_TEST

static const char *const unfit[] = {
	"flags\t\t: fpu\n",
	"x\nflags\t\t: fpu tsc rdtscp constant_tsc\n",
	"x\nflags\t\t: fpu tsc rdtscp nonstop_tsc\n",
	"x\nflags\t\t: fpu tsc constant_tsc nonstop_tsc\n",
	"x\nflags\t\t: rdtscp constant_tscx nonstop_tsc_s3\n",
	"",
	NULL,
};

START_TEST(another_one_is_refused)
{
	ck_assert_int_eq(tsc_judge(unfit[_i], "tsc", &err), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "is not invariant"));
	ck_assert_ptr_nonnull(strstr(err.text, "use clock = \"monotonic\""));
}
END_TEST

START_TEST(so_is_what_the_kernel_does_not_trust)
{
	ck_assert_int_eq(tsc_judge(FIT, "kvm-clock acpi_pm \n", &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "available_clocksource lacks"));
}
END_TEST

/* 2.5 GHz. */
START_TEST(ticks_become_ns)
{
	const struct tsc_scale scale = { 1000000, 7000,
					 UINT64_C(4) << 32 };

	ck_assert_uint_eq(tsc_ns(&scale, 1000000), 7000);
	ck_assert_uint_eq(tsc_ns(&scale, 1000001), 7004);
	ck_assert_uint_eq(tsc_ns(&scale, 999999), 6996);
	ck_assert_uint_eq(tsc_ns(&scale, 1000000 + (UINT64_C(1) << 50)),
			  7000 + (UINT64_C(4) << 50));
	ck_assert_double_eq_tol(tsc_hz(&scale), 250e6, 1);
}
END_TEST

/* As far as the machine has one. Both bounds of when it was read hold
 * whatever comes in between. */
START_TEST(it_is_on_the_scale_of_the_clock)
{
	struct tsc_scale scale;
	struct tsc_off off;

	if (tsc_check(&err) != WEIR_OK) {
		ck_assert_int_ne(err.text[0], '\0');
		return;
	}
	ck_assert_int_eq(tsc_calibrate(&scale, &err), WEIR_OK);
	tsc_off(&scale, &off);
	ck_assert_double_ge(off.since_ns, 0);
	ck_assert_double_le(off.ns, 1e5 + off.since_ns / 100 + off.width_ns);
	ck_assert_double_ge(off.ns, -1e5 - off.since_ns / 100 - off.width_ns);
	for (int i = 0; i < 1000; i++) {
		uint64_t ticks = tsc_ticks();

		ck_assert_uint_ge(tsc_ticks(), ticks);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/tsc");
	TCase *t = tcase_create("tsc");

	tcase_add_test(t, a_good_counter_is_fit);
	tcase_add_loop_test(t, another_one_is_refused, 0,
			    sizeof(unfit) / sizeof(unfit[0]));
	tcase_add_test(t, so_is_what_the_kernel_does_not_trust);
	tcase_add_test(t, ticks_become_ns);
	tcase_add_test(t, it_is_on_the_scale_of_the_clock);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
