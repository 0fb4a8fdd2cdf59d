/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors run out, at each step of offer and join: they fail with a
 * sentence, and nothing stays. */
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <weir/transport.h>

#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/leak.h"
#include "tests/conformance/rig.h"

#define SCARCE_MAX 64u /* more than any transport opens */

/* The soft limit of descriptors becomes `most`. Returns what it was. */
static rlim_t
scarce_limit(const struct rig *rig, rlim_t most)
{
	struct rlimit limit;
	rlim_t before;

	rig_check(rig, getrlimit(RLIMIT_NOFILE, &limit) == 0,
		  "can't read the limit of descriptors");
	before = limit.rlim_cur;
	limit.rlim_cur = most;
	rig_check(rig, setrlimit(RLIMIT_NOFILE, &limit) == 0,
		  "can't set the limit of descriptors to %llu",
		  (unsigned long long)most);
	return before;
}

/* The limit that leaves none free. */
static rlim_t
scarce_none(const struct rig *rig)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	rig_check(rig, fd >= 0, "can't find a free descriptor");
	close(fd);
	return (rlim_t)fd;
}

/* Either it worked, or it says why not. */
static void
scarce_check(const struct rig_end *end, int status,
	     const struct weir_error *err, const char *what)
{
	rig_check(end->rig, status == WEIR_OK || err->text[0],
		  "%s fails with \"%s\" and no sentence where descriptors run "
		  "out", what, weir_status_text(status));
	rig_check(end->rig, (status == WEIR_OK) == (end->channel != NULL),
		  "%s gives \"%s\" and %s channel where descriptors run out",
		  what, weir_status_text(status), end->channel ? "a" : "no");
}

static void
scarce_nothing_stays(const struct rig *rig, const struct leak_fds *before,
		     const char *what)
{
	char leaked[512];

	leak_new_fd(before, 0, leaked, sizeof(leaked));
	rig_check(rig, !leaked[0], "descriptor %s is left open by %s that "
		  "failed where descriptors run out", leaked, what);
	rig_check(rig, leak_count_entries(rig->directory, "") == 0,
		  "%s that failed where descriptors run out leaves a file",
		  what);
}

static int
scarce_try_offer(struct rig *rig, rlim_t n_free)
{
	rlim_t before_limit = scarce_limit(rig, scarce_none(rig) + n_free);
	struct weir_error err = { 0 };
	struct weir_offer offer;
	struct rig_end end;
	int status;

	rig_end_init(&end, rig, WEIR_SIDE_HOST, 4096);
	rig_offer_init(&offer);
	status = end.ops->offer(&end.setup, &offer, &end.channel, &err);
	scarce_limit(rig, before_limit);
	scarce_check(&end, status, &err, "offer");
	if (status != WEIR_OK)
		return status;
	rig_offer_close(&offer);
	rig_close_end(&end);
	return status;
}

static int
scarce_try_join(struct rig *rig, rlim_t n_free)
{
	struct weir_error err = { 0 };
	struct weir_offer offer;
	struct rig_end host;
	struct rig_end end;
	rlim_t before_limit;
	int status;

	rig_end_init(&host, rig, WEIR_SIDE_HOST, 4096);
	rig_end_init(&end, rig, WEIR_SIDE_CLIENT, 4096);
	rig_offer(&host, &offer);
	before_limit = scarce_limit(rig, scarce_none(rig) + n_free);
	status = end.ops->join(&end.setup, &offer, &end.channel, &err);
	scarce_limit(rig, before_limit);
	scarce_check(&end, status, &err, "join");
	rig_offer_close(&offer);
	if (status == WEIR_OK)
		rig_close_end(&end);
	rig_close_end(&host);
	return status;
}

/* With one descriptor more each time, until it succeeds. */
static void
scarce_each(struct rig *rig, int (*try)(struct rig *rig, rlim_t n_free),
	    const char *what)
{
	struct leak_fds before;
	int status = WEIR_ESYSTEM;

	leak_take_fds(&before);
	for (unsigned n = 0; n < SCARCE_MAX && status != WEIR_OK; n++) {
		status = try(rig, n);
		scarce_nothing_stays(rig, &before, what);
	}
}

static void
scarce_offer(struct rig *rig)
{
	scarce_each(rig, scarce_try_offer, "an offer");
}

static void
scarce_join(struct rig *rig)
{
	scarce_each(rig, scarce_try_join, "a join");
}

#define CASE(text, function)                                       \
	{                                                          \
		.name = text, .run = function, .modes = BATTERY_THREAD, \
	}

const struct battery_case cases_scarce[] = {
	CASE("offer where descriptors run out", scarce_offer),
	CASE("join where descriptors run out", scarce_join),
	{ 0 },
};
