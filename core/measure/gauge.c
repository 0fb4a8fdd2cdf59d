/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/gauge.h"

#include <math.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/clock.h"
#include "core/base/sealed.h"

#define PAGE_BYTES 4096u
#define BURSTS 10
#define BURST_NS (100 * NS_PER_US)
#define BOUNCES 16 /* between two looks at the clock */
#define EXCHANGES 32
#define PATIENCE_NS (1000 * NS_PER_MS) /* of the leader, for the exchange */
#define DISTANCE_NS (100 * NS_PER_MS)  /* and the rest */
#define FOLLOWER_NS (1500 * NS_PER_MS)
#define LOOK_EVERY 4096u /* spins between two looks at the deadline */

/* The ball: number of the meeting, what it asks for, and a count that is odd
 * on its way to the follower and even on its way back. */
#define MEETING_SHIFT 32
#define ASK_STAMP (UINT64_C(1) << 31)
#define THE_END (UINT64_C(1) << 30)
#define GONE (UINT64_C(1) << 63) /* of page->here */

_Static_assert(sizeof(struct gauge_page) <= PAGE_BYTES, "it is one page");

int
gauge_class(double distance_ns)
{
	double edge_ns = GAUGE_LOWEST_NS;
	int class = 0;

	if (!(distance_ns > 0))
		return GAUGE_UNCLEAR;
	while (class < GAUGE_UNCLEAR - 1 && distance_ns >= edge_ns) {
		edge_ns *= 2;
		class++;
	}
	return class;
}

double
gauge_class_low_ns(int class)
{
	if (class == GAUGE_UNCLEAR)
		return NAN;
	return class ? ldexp(GAUGE_LOWEST_NS, class - 1) : 0;
}

double
gauge_class_high_ns(int class)
{
	if (class == GAUGE_UNCLEAR)
		return NAN;
	return class == GAUGE_UNCLEAR - 1 ? INFINITY :
					    ldexp(GAUGE_LOWEST_NS, class);
}

int
gauge_open(int fd, struct gauge *ret_gauge, struct weir_error *err)
{
	size_t bytes;
	void *at;
	int status = sealed_map(fd, PAGE_BYTES, PAGE_BYTES, &at, &bytes, err);

	if (status)
		return status;
	memset(ret_gauge, 0, sizeof(*ret_gauge));
	ret_gauge->page = at;
	ret_gauge->bytes = bytes;
	ret_gauge->mode = GAUGE_SPIN;
	return WEIR_OK;
}

int
gauge_create(struct gauge *ret_gauge, int *ret_fd, struct weir_error *err)
{
	int status = sealed_create("weir-gauge", PAGE_BYTES, ret_fd, err);

	return status ? status : gauge_open(*ret_fd, ret_gauge, err);
}

void
gauge_close(struct gauge *gauge)
{
	if (gauge->page)
		munmap(gauge->page, gauge->bytes);
	memset(gauge, 0, sizeof(*gauge));
}

/* One meeting of one side. */
struct meeting {
	struct gauge_page *page;
	uint64_t (*now_ns)(void);
	const uint32_t *cancel;
	uint64_t deadline_ns;
	uint64_t base; /* number of the meeting, shifted */
	uint64_t ball; /* as it was last seen or sent */
	bool yields;
};

/* Out of line: whether to go on waiting; *spins is counted up. */
static bool
wait_on(const struct meeting *m, uint32_t *spins)
{
	if (m->yields)
		sched_yield();
	if (++*spins % (m->yields ? 64 : LOOK_EVERY))
		return true;
	return !__atomic_load_n(m->cancel, __ATOMIC_RELAXED) &&
	       clock_now_ns() < m->deadline_ns;
}

/* ---- the leader ---- */

/* Throws the ball and waits until it is back; false: it does not come. */
static bool
bounce(struct meeting *m, uint64_t ask)
{
	uint64_t *ball = &m->page->ball, due;
	uint32_t spins = 0;

	m->ball = ((m->ball + 1) & ~ASK_STAMP) | ask;
	due = m->ball + 1;
	__atomic_store_n(ball, m->ball, __ATOMIC_RELEASE);
	while (__atomic_load_n(ball, __ATOMIC_ACQUIRE) != due) {
		if (!wait_on(m, &spins))
			return false;
	}
	m->ball = due;
	return true;
}

/* No qsort(), which may go to the allocator. */
static void
sort_in(double *sorted, int n, double value)
{
	for (; n > 0 && sorted[n - 1] > value; n--)
		sorted[n] = sorted[n - 1];
	sorted[n] = value;
}

static bool
measure_distance(struct meeting *m, double *ret_ns)
{
	double burst_ns[BURSTS];

	for (int b = 0; b < BURSTS; b++) {
		uint64_t started_ns = clock_now_ns(), now, n = 0;

		do {
			for (int i = 0; i < BOUNCES; i++) {
				if (!bounce(m, 0))
					return false;
			}
			n += BOUNCES;
			now = clock_now_ns();
		} while (now - started_ns < BURST_NS);
		sort_in(burst_ns, b, (double)(now - started_ns) / (double)n);
	}
	*ret_ns = (burst_ns[BURSTS / 2 - 1] + burst_ns[BURSTS / 2]) / 2;
	return true;
}

/* The other clock less this one lies from `low` to `high` in every exchange;
 * so does it in all of them together. A single one will do. */
static bool
exchange(struct meeting *m, struct gauge_look *look)
{
	int64_t low = INT64_MIN, high = INT64_MAX;
	bool all = true;

	for (int i = 0; i < EXCHANGES; i++) {
		uint64_t before_ns = m->now_ns(), after_ns, theirs_ns;

		all = bounce(m, ASK_STAMP);
		if (!all && i == 0)
			return false;
		if (!all)
			break;
		after_ns = m->now_ns();
		theirs_ns = __atomic_load_n(&m->page->stamp_ns,
					    __ATOMIC_RELAXED);
		look->steps += 2;
		look->backward += (int64_t)(theirs_ns - before_ns) < 0;
		look->backward += (int64_t)(after_ns - theirs_ns) < 0;
		if ((int64_t)(theirs_ns - after_ns) > low)
			low = (int64_t)(theirs_ns - after_ns);
		if ((int64_t)(theirs_ns - before_ns) < high)
			high = (int64_t)(theirs_ns - before_ns);
	}
	look->exchanged = true;
	look->disagreed = low > 0 || high < 0;
	if (!look->disagreed)
		look->error_ns = (uint64_t)(-low > high ? -low : high);
	return all;
}

static bool
wait_for_follower(const struct meeting *m, uint64_t number)
{
	uint32_t spins = 0;
	uint64_t here;

	for (;;) {
		here = __atomic_load_n(&m->page->here, __ATOMIC_ACQUIRE);
		if (here == number)
			return true;
		if (here == (number | GONE) || !wait_on(m, &spins))
			return false;
	}
}

static void
lead(struct meeting *m, uint64_t number, struct gauge_look *look)
{
	double ns = NAN;

	m->ball = m->base;
	if (wait_for_follower(m, number) && exchange(m, look) && !m->yields) {
		m->deadline_ns = clock_deadline_ns(DISTANCE_NS);
		if (measure_distance(m, &ns))
			look->distance_ns = ns;
	}
	__atomic_store_n(&m->page->distance_ps,
			 look->distance_ns > 0 ?
				 (uint64_t)(look->distance_ns * 1e3) : 0,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&m->page->ball, m->base | THE_END, __ATOMIC_RELEASE);
}

/* ---- the follower ---- */

/* Waits for the next throw of this meeting; false: there is none. */
static bool
await_throw(struct meeting *m)
{
	uint32_t spins = 0;
	uint64_t ball;

	for (;;) {
		ball = __atomic_load_n(&m->page->ball, __ATOMIC_ACQUIRE);
		if (ball != m->ball && ball >> MEETING_SHIFT ==
					       m->base >> MEETING_SHIFT)
			break;
		if (ball >> MEETING_SHIFT > m->base >> MEETING_SHIFT ||
		    !wait_on(m, &spins))
			return false;
	}
	m->ball = ball;
	return !(ball & THE_END);
}

/* A leader that throws on and on is left at the deadline. */
static void
follow(struct meeting *m, uint64_t number, struct gauge_look *look)
{
	uint64_t distance_ps, throws = 0;

	__atomic_store_n(&m->page->here, number, __ATOMIC_RELEASE);
	while (await_throw(m)) {
		if (m->ball & ASK_STAMP)
			__atomic_store_n(&m->page->stamp_ns, m->now_ns(),
					 __ATOMIC_RELAXED);
		__atomic_store_n(&m->page->ball, ++m->ball, __ATOMIC_RELEASE);
		if (++throws % LOOK_EVERY == 0 &&
		    clock_now_ns() >= m->deadline_ns)
			break;
	}
	__atomic_store_n(&m->page->here, number | GONE, __ATOMIC_RELEASE);
	if (m->ball != (m->base | THE_END))
		return;
	distance_ps = __atomic_load_n(&m->page->distance_ps,
				      __ATOMIC_RELAXED);
	if (distance_ps && !m->yields)
		look->distance_ns = (double)distance_ps / 1e3;
}

void
gauge_meet(struct gauge *gauge, bool leads, uint64_t (*now_ns)(void),
	   const uint32_t *cancel, struct gauge_look *ret_look)
{
	struct meeting m = {
		.page = gauge->page,
		.now_ns = now_ns,
		.cancel = cancel,
		.deadline_ns = clock_deadline_ns(leads ? PATIENCE_NS :
							 FOLLOWER_NS),
		.base = ++gauge->meeting << MEETING_SHIFT,
		.yields = gauge->mode == GAUGE_YIELD,
	};

	memset(ret_look, 0, sizeof(*ret_look));
	ret_look->distance_ns = NAN;
	if (leads)
		lead(&m, gauge->meeting, ret_look);
	else
		follow(&m, gauge->meeting, ret_look);
}
