/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search against a simulated channel whose knee is known: the share of
 * late messages grows with the fourth power of the rate. Beside it there may
 * be stalls, each one cluster, and probes that something disturbed.
 */
#include "core/stats/search.h"

#include <math.h>

#include "core/base/rand.h"
#include "tests/unit/unit.h"

#define RUNS 200
#define PROBE_S 0.1
#define STALL_S 0.003

struct channel {
	double knee_per_s;
	double ends_per_s;   /* a higher rate is not reached */
	double begins_per_s; /* a lower one is late as a whole */
	double stalls_per_s;
	double disturbed; /* share of probes */
	struct rand rand;
	uint32_t probes;
};

static const struct search_rules rules = {
	.from_per_s = 1000,
	.to_per_s = 10e6,
	.precision = 0.1,
	.share = 0.01,
	.steps = 32,
};

/* A Poisson number, a normal one where that is near enough. */
static uint64_t
draw(struct rand *rand, double mean)
{
	double left = exp(-mean), sum = 0;
	uint64_t n = 0;

	if (mean > 30) {
		for (int i = 0; i < 12; i++)
			sum += rand_double(rand);
		return (uint64_t)fmax(0, mean + (sum - 6) * sqrt(mean));
	}
	for (double p = rand_double(rand); p > left; p *= rand_double(rand))
		n++;
	return n;
}

static void
probe(struct channel *c, double per_s, struct exceed *ret_found)
{
	uint64_t samples[SERIES_PARTS], above[SERIES_PARTS];
	double share = 0.01 * pow(per_s / c->knee_per_s, 4);
	uint64_t n = (uint64_t)(per_s * PROBE_S / SERIES_PARTS) + 1;
	uint64_t stalls = draw(&c->rand, c->stalls_per_s * PROBE_S);
	bool disturbed = rand_double(&c->rand) < c->disturbed;

	for (uint32_t i = 0; i < SERIES_PARTS; i++) {
		bool hit = disturbed && i >= 20 && i < 40;

		samples[i] = n;
		above[i] = hit || per_s < c->begins_per_s ?
				   n :
				   draw(&c->rand, fmin(share, 1) * (double)n);
	}
	while (stalls--)
		above[rand_below(&c->rand, SERIES_PARTS)] +=
			(uint64_t)(per_s * STALL_S);
	for (uint32_t i = 0; i < SERIES_PARTS; i++)
		above[i] = above[i] < samples[i] ? above[i] : samples[i];
	exceed_count(samples, above, SERIES_PARTS, ret_found);
	c->probes++;
}

static void
run(struct channel *c, const struct search_rules *by, struct search *s,
    struct search_result *ret_result)
{
	struct exceed found;
	double per_s;

	search_init(s, by);
	while (search_next(s, &per_s)) {
		probe(c, per_s, &found);
		search_probe(s, &found,
			     !(c->ends_per_s > 0) ||
				     per_s <= c->ends_per_s);
		ck_assert_uint_le(c->probes, by->steps * SEARCH_PROBES);
	}
	ck_assert_uint_le(s->n_steps, by->steps);
	search_result_get(s, ret_result);
}

/* Of RUNS searches, how many come to an interval that has the knee in it, or
 * next to it by the tolerance, and is no wider than told. */
static int
count_right(struct channel c, double knee, double tolerance, double width)
{
	struct search_result r;
	struct search s;
	int right = 0;

	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		rand_init(&c.rand, seed);
		c.probes = 0;
		run(&c, &rules, &s, &r);
		right += r.confirmed &&
			 r.pass_per_s <= knee * (1 + tolerance) &&
			 r.fail_per_s >= knee * (1 - tolerance) &&
			 r.fail_per_s <= r.pass_per_s * width;
	}
	return right;
}

START_TEST(a_knee_is_found)
{
	struct channel c = { .knee_per_s = 150e3 };

	ck_assert_int_eq(count_right(c, 150e3, 0.05, 1.4), RUNS);
}
END_TEST

/* Each stall is 3 ms of late messages, of a second: 0.3 of the 1 % that may
 * be. A probe sees none in nine of ten, and 3 % late messages in the tenth. */
START_TEST(a_stall_is_one_event)
{
	struct channel c = { .knee_per_s = 150e3, .stalls_per_s = 1 };
	double knee = 150e3 * pow(0.7, 0.25);

	ck_assert_int_ge(count_right(c, knee, 0.05, 2), RUNS * 98 / 100);
}
END_TEST

START_TEST(a_disturbed_probe_is_outvoted)
{
	struct channel c = { .knee_per_s = 150e3, .disturbed = 0.03 };

	ck_assert_int_ge(count_right(c, 150e3, 0.05, 2), RUNS * 97 / 100);
}
END_TEST

/* 300 messages in a probe, of which three may be late, tell little: then the
 * interval is a wide one, and still right. */
START_TEST(few_messages_make_it_wide)
{
	struct channel c = { .knee_per_s = 3e3, .disturbed = 0.03 };

	ck_assert_int_ge(count_right(c, 3e3, 0.1, 4), RUNS * 9 / 10);
}
END_TEST

START_TEST(a_rate_that_never_passes)
{
	struct channel c = { .knee_per_s = 1e3, .begins_per_s = 1e9,
			     .ends_per_s = 100e3 };
	struct search_result r;
	struct search s;

	run(&c, &rules, &s, &r);
	ck_assert_double_nan(r.pass_per_s);
	ck_assert_double_eq(r.fail_per_s, 1000);
	ck_assert(!r.confirmed);
	/* The first that is not reached ends it. */
	ck_assert_double_eq(s.steps[s.n_steps - 1].per_s, 128e3);
}
END_TEST

START_TEST(a_low_rate_may_be_slow)
{
	struct channel c = { .knee_per_s = 150e3, .begins_per_s = 5e3 };

	ck_assert_int_ge(count_right(c, 150e3, 0.05, 1.4), RUNS * 98 / 100);
}
END_TEST

START_TEST(what_fails_below_is_told)
{
	struct channel c = { .knee_per_s = 150e3, .begins_per_s = 5e3 };
	struct search_result r;
	struct search s;

	rand_init(&c.rand, 1);
	run(&c, &rules, &s, &r);
	ck_assert_double_eq(r.below_per_s, 4000);
	/* The last probe is one at the rate that was found. */
	ck_assert_double_eq(s.steps[s.n_steps - 1].per_s, r.pass_per_s);
}
END_TEST

START_TEST(the_ceiling_is_no_failure)
{
	struct search_rules low = rules;
	struct channel c = { .knee_per_s = 1e9 };
	struct search_result r;
	struct search s;

	low.to_per_s = 50e3;
	run(&c, &low, &s, &r);
	ck_assert_double_eq(r.pass_per_s, 50e3);
	ck_assert_double_nan(r.fail_per_s);
	ck_assert(r.confirmed && !r.narrow && !r.open);
	ck_assert_double_nan(r.below_per_s);
}
END_TEST

START_TEST(what_is_not_reached_fails)
{
	struct channel c = { .knee_per_s = 1e9, .ends_per_s = 100e3 };
	struct search_result r;
	struct search s;

	run(&c, &rules, &s, &r);
	ck_assert(r.pass_per_s <= 100e3 && r.fail_per_s > 100e3);
	ck_assert(r.confirmed && r.narrow && r.unreached);
}
END_TEST

START_TEST(steps_are_an_end)
{
	struct channel c = { .knee_per_s = 150e3 };
	struct search_rules few = rules;
	struct search_result r;
	struct search s;

	for (few.steps = 2; few.steps <= 16; few.steps++) {
		rand_init(&c.rand, few.steps);
		c.probes = 0;
		run(&c, &few, &s, &r);
		ck_assert(!(r.pass_per_s > 160e3));
		ck_assert(!r.narrow || s.n_steps >= 12);
		/* The last step is kept for the retest. */
		ck_assert(r.confirmed);
	}
}
END_TEST

/* Three disturbed probes in a row end the ramp too early: the retest of its
 * end tells, and the search goes on upwards. */
START_TEST(a_wrong_end_is_taken_back)
{
	struct exceed late = { .samples = 10000, .above = 9000 };
	struct exceed good = { .samples = 10000 };
	struct search_result r;
	struct search s;
	double per_s;
	int bad = 3;

	search_init(&s, &rules);
	while (search_next(&s, &per_s))
		search_probe(&s, per_s > 50e3 || (per_s > 7e3 && bad-- > 0) ?
					 &late : &good, true);
	search_result_get(&s, &r);
	ck_assert(r.pass_per_s <= 50e3 && r.fail_per_s > 50e3);
	ck_assert(r.confirmed && r.narrow);
}
END_TEST

/* And a pass by luck is taken back likewise. */
START_TEST(a_wrong_pass_is_taken_back)
{
	struct exceed late = { .samples = 10000, .above = 9000 };
	struct exceed good = { .samples = 10000 };
	struct search_result r;
	struct search s;
	double per_s;
	bool lucky = true;

	search_init(&s, &rules);
	while (search_next(&s, &per_s)) {
		bool passes = per_s < 7e3 || (lucky && per_s == 8e3);

		lucky &= per_s != 8e3;
		search_probe(&s, passes ? &good : &late, true);
	}
	search_result_get(&s, &r);
	ck_assert(r.pass_per_s < 7e3 && r.fail_per_s >= 7e3);
	ck_assert(r.confirmed && r.narrow);
}
END_TEST

/* What is cut short keeps its probes, and no step without any. */
START_TEST(a_cut_keeps_what_was_tried)
{
	struct exceed good = { .samples = 10000 };
	struct search s;
	double per_s;

	search_init(&s, &rules);
	ck_assert(search_next(&s, &per_s));
	search_cut(&s);
	ck_assert_uint_eq(s.n_steps, 0);
	ck_assert(!search_next(&s, &per_s));

	search_init(&s, &rules);
	ck_assert(search_next(&s, &per_s));
	search_probe(&s, &good, true);
	ck_assert(search_next(&s, &per_s));
	ck_assert_uint_eq(s.n_steps, 2);
	search_cut(&s);
	ck_assert_uint_eq(s.n_steps, 1);
	ck_assert(s.steps[0].answer == SEARCH_PASS);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("stats/search");
	TCase *c = tcase_create("search");

	tcase_add_test(c, a_knee_is_found);
	tcase_add_test(c, a_stall_is_one_event);
	tcase_add_test(c, a_disturbed_probe_is_outvoted);
	tcase_add_test(c, few_messages_make_it_wide);
	tcase_add_test(c, a_rate_that_never_passes);
	tcase_add_test(c, a_low_rate_may_be_slow);
	tcase_add_test(c, what_fails_below_is_told);
	tcase_add_test(c, the_ceiling_is_no_failure);
	tcase_add_test(c, what_is_not_reached_fails);
	tcase_add_test(c, steps_are_an_end);
	tcase_add_test(c, a_wrong_end_is_taken_back);
	tcase_add_test(c, a_wrong_pass_is_taken_back);
	tcase_add_test(c, a_cut_keeps_what_was_tried);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
