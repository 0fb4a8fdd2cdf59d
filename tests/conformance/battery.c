/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/battery.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/leak.h"
#include "tests/conformance/rig.h"

#define BATTERY_CASE_NS (60 * NS_PER_S) /* then it hangs */
#define BATTERY_HUNG_MAX 3u
#define BATTERY_SAID_BYTES 8192
#define BATTERY_CHOICES_MAX 16
#define BATTERY_COMBINATIONS_MAX 256

/* With other than the default options a case runs in one mode: as in life, or
 * where a sanitizer sees both sides at once (and need not fork twice). */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BATTERY_PREFERRED BATTERY_THREAD
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BATTERY_PREFERRED BATTERY_THREAD
#endif
#ifndef BATTERY_PREFERRED
#define BATTERY_PREFERRED BATTERY_PROCESS
#endif

/* One combination of choices of the plugin's options. */
struct battery_variant {
	const struct weir_option *row[BATTERY_CHOICES_MAX];
	uint32_t value[BATTERY_CHOICES_MAX];
	uint32_t standard[BATTERY_CHOICES_MAX]; /* the default */
	uint32_t n_values[BATTERY_CHOICES_MAX];
	size_t n;
	unsigned n_changed; /* how many are not the default */
	unsigned n_hung;    /* cases so far */
	void *options;
	struct text label; /* "uds stream block fd" */
};

/* One run of one case. */
struct battery_run {
	struct rig rig;
	const struct battery_case *what;
	char directory[256];
	char said[BATTERY_SAID_BYTES]; /* lines of rig_report */
	size_t n_said;
	bool hung;
	int wait_status;
	int stray_signal; /* that killed another process of the case */
};

/* The process of the case: does not return. */
static _Noreturn void
battery_child(struct battery_run *run)
{
	struct rlimit no_core = { 0, 0 };
	struct leak_fds before;
	char leaked[512];

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGPIPE, SIG_IGN); /* as in the program */
	interrupt_install();
	leak_take_fds(&before);
	run->what->run(&run->rig);
	leak_new_fd(&before, 0, leaked, sizeof(leaked));
	rig_check(&run->rig, !leaked[0], "descriptor %s is left open",
		  leaked);
	exit(EXIT_SUCCESS);
}

/* Gathers what the case says, until all of its processes have ended. */
static void
battery_listen(struct battery_run *run, int fd)
{
	uint64_t deadline = clock_deadline_ns(BATTERY_CASE_NS);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		size_t room = sizeof(run->said) - 1 - run->n_said;
		char surplus[256];
		ssize_t n;
		int rc = poll(&p, 1, clock_poll_timeout_ms(deadline));

		if (rc == 0) {
			run->hung = true;
			return;
		}
		if (rc < 0 && errno == EINTR)
			continue;
		n = read(fd, room ? run->said + run->n_said : surplus,
			 room ? room : sizeof(surplus));
		if (n <= 0)
			return;
		if (room)
			run->n_said += (size_t)n;
	}
}

/* Ends what is left of the case: its own process and those it made, who have
 * become children of this one. */
static void
battery_reap(struct battery_run *run, pid_t pid)
{
	int status;
	pid_t got;

	if (run->hung)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &run->wait_status, 0) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	while ((got = waitpid(-pid, &status, 0)) > 0 || errno == EINTR) {
		if (got > 0 && WIFSIGNALED(status) &&
		    WTERMSIG(status) != SIGKILL)
			run->stray_signal = WTERMSIG(status);
	}
}

/* The first line that is of one of the kinds, kind included, or NULL. Ends it
 * by a NUL. */
static char *
battery_said(struct battery_run *run, const char *kinds)
{
	char *line = run->said;

	while (*line) {
		char *end = strchrnul(line, '\n');

		if (strchr(kinds, *line)) {
			*end = '\0';
			return line;
		}
		line = *end ? end + 1 : end;
	}
	return NULL;
}

/* The names that are left in the directory of the case; removes them. */
static void
battery_sweep(const struct battery_run *run, struct text *ret_names)
{
	struct strings names = { 0 };
	struct text path = { 0 };

	leak_list_entries(run->directory, &names);
	for (size_t i = 0; i < names.n; i++) {
		text_addf(ret_names, " %s", names.at[i]);
		text_addf(&path, "%s/%s", run->directory, names.at[i]);
		remove(text_get(&path));
		text_fini(&path);
	}
	strings_fini(&names);
	rmdir(run->directory);
}

/* What the case said of itself comes first, as it knows most; of several
 * processes, the first. */
static int
battery_judge(struct battery_run *run, struct text *ret_text)
{
	const char kinds[] = { RIG_FAILED, RIG_SKIPPED, '\0' };
	const char remark[] = { RIG_REMARK, '\0' };
	const char *line = battery_said(run, kinds);
	struct text left = { 0 };
	int outcome = BATTERY_FAILED;

	battery_sweep(run, &left);
	if (line) {
		text_add(ret_text, line + 1);
		if (*line == RIG_SKIPPED)
			outcome = BATTERY_SKIPPED;
		else if (run->stray_signal)
			text_addf(ret_text, "; a process died of signal %d "
				  "(%s)", run->stray_signal,
				  strsignal(run->stray_signal));
	} else if (run->hung) {
		text_addf(ret_text, "hangs: no end within %llu s",
			  (unsigned long long)(BATTERY_CASE_NS / NS_PER_S));
	} else if (WIFSIGNALED(run->wait_status)) {
		text_addf(ret_text, "died of signal %d (%s)",
			  WTERMSIG(run->wait_status),
			  strsignal(WTERMSIG(run->wait_status)));
	} else if (WEXITSTATUS(run->wait_status) != 0) {
		text_addf(ret_text, "ended with status %d, see standard error",
			  WEXITSTATUS(run->wait_status));
	} else if (left.len > 0) {
		text_addf(ret_text, "left behind in its directory:%s",
			  text_get(&left));
	} else {
		outcome = BATTERY_PASSED;
		line = battery_said(run, remark);
		text_add(ret_text, line ? line + 1 : "");
	}
	text_fini(&left);
	return outcome;
}

static int
battery_run_case(struct battery_run *run, struct text *ret_text,
		 int *ret_outcome, struct weir_error *err)
{
	const char *tmp = getenv("TMPDIR");
	int fds[2];
	pid_t pid;

	snprintf(run->directory, sizeof(run->directory), "%s/weir-case-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	if (!mkdtemp(run->directory))
		return weir_error_errno(err, "can't make the directory %s",
					run->directory);
	if (pipe2(fds, O_CLOEXEC) < 0) {
		rmdir(run->directory);
		return weir_error_errno(err, "can't make a pipe");
	}
	run->rig.directory = run->directory;
	run->rig.report_fd = fds[1];
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		battery_child(run);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		rmdir(run->directory);
		return weir_error_errno(err, "can't fork");
	}
	setpgid(pid, pid); /* whoever is first */
	battery_listen(run, fds[0]);
	close(fds[0]);
	battery_reap(run, pid);
	*ret_outcome = battery_judge(run, ret_text);
	return WEIR_OK;
}

static const char *
battery_mode_name(uint32_t mode)
{
	switch (mode) {
	case BATTERY_THREAD:
		return "threads";
	case BATTERY_PROCESS:
		return "processes";
	case BATTERY_LATE:
		return "late fork";
	default:
		return "?";
	}
}

/* Why a case does not apply to this plugin, or an empty text. */
static void
battery_hole(const struct plugin *plugin, const struct battery_case *what,
	     struct text *ret_text)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} names[] = {
		{ WEIR_CAP_TRY, "WEIR_CAP_TRY" },
		{ WEIR_CAP_LOAN, "WEIR_CAP_LOAN" },
		{ WEIR_CAP_BORROW, "WEIR_CAP_BORROW" },
		{ WEIR_CAP_FLUSH, "WEIR_CAP_FLUSH" },
		{ WEIR_CAP_MANY, "WEIR_CAP_MANY" },
		{ WEIR_CAP_FIXED_FDS, "WEIR_CAP_FIXED_FDS" },
		{ WEIR_CAP_UNTIL, "WEIR_CAP_UNTIL" },
		{ WEIR_CAP_LOOPBACK, "WEIR_CAP_LOOPBACK" },
		{ WEIR_CAP_PATH, "WEIR_CAP_PATH" },
	};
	uint64_t missing = what->needs & ~plugin->ops.capabilities;

	if ((plugin->ops.capabilities & WEIR_CAP_LOOPBACK) &&
	    !(what->flags & BATTERY_LOOPBACK))
		text_add(ret_text, "a loopback has no other side");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (missing & names[i].bit)
			text_addf(ret_text, "%s%s", ret_text->len ? ", " :
				  "no ", names[i].name);
	}
}

/* Runs a case in one mode and reports it. */
static int
battery_one(const struct battery_plan *plan,
	    struct battery_variant *variant, const struct battery_case *what,
	    uint32_t mode, struct weir_error *err)
{
	struct battery_run run = {
		.what = what,
		.rig = {
			.plugin = plan->plugin,
			.options = variant->options,
			.parameter = what->parameter,
			.mode = mode,
			.plain = variant->n_changed == 0,
		},
	};
	struct text name = { 0 };
	struct text said = { 0 };
	int outcome = BATTERY_SKIPPED;
	int status = WEIR_OK;

	text_addf(&name, "%s: %s, %s", text_get(&variant->label), what->name,
		  battery_mode_name(mode));
	if (plan->only && !strstr(text_get(&name), plan->only))
		goto done;
	battery_hole(plan->plugin, what, &said);
	if (said.len == 0)
		status = battery_run_case(&run, &said, &outcome, err);
	else if (variant->n_changed > 0 && !plan->thorough)
		goto done; /* said once, with the defaults */
	if (status == WEIR_OK)
		plan->report(plan->context, outcome, text_get(&name),
			     text_get(&said));
	if (run.hung && ++variant->n_hung == BATTERY_HUNG_MAX)
		status = weir_error_set(err, WEIR_ETIMEOUT,
					"%u cases of %s hung: the rest is left "
					"out", variant->n_hung,
					plan->plugin->name);
done:
	text_fini(&name);
	text_fini(&said);
	return status;
}

/* In which modes a case runs with this variant. */
static uint32_t
battery_modes(const struct battery_plan *plan,
	      const struct battery_variant *variant,
	      const struct battery_case *what)
{
	if (plan->thorough || variant->n_changed == 0)
		return what->modes;
	if (variant->n_changed > 1 && !(what->flags & BATTERY_CHOICES))
		return 0;
	return what->modes & BATTERY_PREFERRED ? BATTERY_PREFERRED
					       : what->modes & -what->modes;
}

static int
battery_run_variant(const struct battery_plan *plan,
		    struct battery_variant *variant, struct weir_error *err)
{
	for (size_t t = 0; battery_tables[t]; t++) {
		const struct battery_case *what = battery_tables[t];

		for (; what->name; what++) {
			uint32_t modes = battery_modes(plan, variant, what);

			for (uint32_t mode = 1; mode <= BATTERY_LATE;
			     mode <<= 1) {
				int status = WEIR_OK;

				if (modes & mode)
					status = battery_one(plan, variant,
							     what, mode, err);
				if (status != WEIR_OK)
					return status;
			}
		}
	}
	return WEIR_OK;
}

/* The rows that are choices, with their defaults. */
static int
battery_variant_init(const struct plugin *plugin,
		     struct battery_variant *variant, struct weir_error *err)
{
	const struct option_table *table = &plugin->options;
	int status;

	memset(variant, 0, sizeof(*variant));
	variant->options = calloc(1, table->struct_bytes + 1);
	if (!variant->options)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for options");
	status = option_defaults(table, variant->options, err);
	if (status != WEIR_OK) {
		free(variant->options);
		return status;
	}
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct weir_option *row = &table->rows[i];
		size_t at = variant->n;

		if (row->type != WEIR_OPTION_CHOICE ||
		    at == BATTERY_CHOICES_MAX)
			continue;
		variant->row[at] = row;
		memcpy(&variant->standard[at],
		       (const char *)variant->options + row->offset,
		       sizeof(uint32_t));
		while (row->choices[variant->n_values[at]])
			variant->n_values[at]++;
		variant->n++;
	}
	return WEIR_OK;
}

/* Writes the choices into the options. */
static void
battery_variant_apply(const struct plugin *plugin,
		      struct battery_variant *variant)
{
	text_fini(&variant->label);
	text_add(&variant->label, plugin->name);
	variant->n_changed = 0;
	for (size_t i = 0; i < variant->n; i++) {
		const struct weir_option *row = variant->row[i];

		memcpy((char *)variant->options + row->offset,
		       &variant->value[i], sizeof(uint32_t));
		text_addf(&variant->label, " %s",
			  row->choices[variant->value[i]]);
		if (variant->value[i] != variant->standard[i])
			variant->n_changed++;
	}
}

/* The next combination; false after the last. Counts from the defaults, so
 * that they come first. */
static bool
battery_variant_next(struct battery_variant *variant)
{
	for (size_t i = 0; i < variant->n; i++) {
		variant->value[i] = (variant->value[i] + 1) %
				    variant->n_values[i];
		if (variant->value[i] != variant->standard[i])
			return true;
	}
	return false;
}

int
battery_run(const struct battery_plan *plan, struct weir_error *err)
{
	struct battery_variant variant;
	unsigned n = 0;
	int status = battery_variant_init(plan->plugin, &variant, err);

	if (status != WEIR_OK)
		return status;
	/* So that what a case leaves running can be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	memcpy(variant.value, variant.standard, sizeof(variant.value));
	do {
		battery_variant_apply(plan->plugin, &variant);
		status = battery_run_variant(plan, &variant, err);
	} while (status == WEIR_OK && ++n < BATTERY_COMBINATIONS_MAX &&
		 battery_variant_next(&variant));
	option_fini(&plan->plugin->options, variant.options);
	free(variant.options);
	text_fini(&variant.label);
	return status;
}
