/* SPDX-License-Identifier: Apache-2.0 */
#include "core/launch/background.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/launch/guard.h"

#define START_NS (10 * NS_PER_S)
#define END_NS (5 * NS_PER_S)

struct background {
	pid_t guard;
	int alive; /* our end of the pipe: closed, the guard goes to work */
	int notes; /* what the guard says */
	char *command;
};

static char **
make_argv(const struct strings *words)
{
	char **argv = calloc(words->n + 1, sizeof(*argv));

	if (argv)
		memcpy(argv, words->at, words->n * sizeof(*argv));
	return argv;
}

/* The next note, waiting until the deadline; false where there is none. */
static bool
hear(int notes, uint64_t deadline_ns, struct guard_note *ret_note)
{
	struct pollfd fd = { .fd = notes, .events = POLLIN };
	int ready;

	do
		ready = poll(&fd, 1, clock_poll_timeout_ms(deadline_ns));
	while (ready < 0 && errno == EINTR);
	return ready > 0 &&
	       read(notes, ret_note, sizeof(*ret_note)) == sizeof(*ret_note);
}

/* True once the guard has ended: it alone has the other end. */
static bool
await_end(int notes, uint64_t deadline_ns)
{
	struct pollfd fd = { .fd = notes, .events = POLLIN };
	struct guard_note note;

	for (;;) {
		int ready = poll(&fd, 1, clock_poll_timeout_ms(deadline_ns));

		if (ready == 0)
			return false;
		if (ready > 0 && read(notes, &note, sizeof(note)) <= 0)
			return true;
	}
}

static void
say_how(const struct guard_note *note, char ret_how[BACKGROUND_HOW_BYTES])
{
	int status = note->value;

	if (WIFSIGNALED(status))
		snprintf(ret_how, BACKGROUND_HOW_BYTES,
			 "it was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(ret_how, BACKGROUND_HOW_BYTES,
			 "it ended with exit code %d", WEXITSTATUS(status));
}

void
background_end(struct background *background,
	       char ret_how[BACKGROUND_HOW_BYTES])
{
	struct guard_note note;

	ret_how[0] = '\0';
	if (!background)
		return;
	if (hear(background->notes, 0, &note) && note.kind == GUARD_ENDED)
		say_how(&note, ret_how);
	close(background->alive);
	if (!await_end(background->notes, clock_deadline_ns(END_NS))) {
		log_warn("what runs beside the trial (\"%s\") can't be ended",
			 background->command);
		kill(background->guard, SIGKILL);
	}
	while (waitpid(background->guard, NULL, 0) < 0 && errno == EINTR)
		;
	close(background->notes);
	free(background->command);
	free(background);
}

/* What came of the exec. */
static int
await_start(const struct background *background, const char *program,
	    struct weir_error *err)
{
	struct guard_note note = { .kind = GUARD_FAILED, .value = EPIPE };

	if (!hear(background->notes, clock_deadline_ns(START_NS), &note))
		note = (struct guard_note){ GUARD_FAILED, ETIMEDOUT };
	if (note.kind == GUARD_STARTED)
		return WEIR_OK;
	errno = note.value;
	weir_error_errno(err, "the background command \"%.100s\" can't be "
			 "run", program);
	if (err && (note.value == ENOENT || note.value == EACCES))
		err->status = WEIR_EUNAVAILABLE;
	return note.value == ENOENT || note.value == EACCES ?
		       WEIR_EUNAVAILABLE : WEIR_ESYSTEM;
}

/* Forks the guard; the pipes are made. */
static int
fork_guard(struct background *background, char *const *argv, int alive_end,
	   int notes_end, struct weir_error *err)
{
	background->guard = fork();
	if (background->guard == 0)
		guard_main(argv, alive_end, notes_end,
			   log_level >= WEIR_LOG_INFO);
	if (background->guard < 0)
		return weir_error_errno(err, "a process can't be made");
	return WEIR_OK;
}

static int
start(struct background *background, char *const *argv,
      struct weir_error *err)
{
	int alive[2] = { -1, -1 }, notes[2] = { -1, -1 }, status;
	char how[BACKGROUND_HOW_BYTES];

	if (pipe2(alive, O_CLOEXEC) != 0 || pipe2(notes, O_CLOEXEC) != 0)
		status = weir_error_errno(err, "a pipe can't be made");
	else
		status = fork_guard(background, argv, alive[0], notes[1], err);
	background->alive = alive[1];
	background->notes = notes[0];
	if (alive[0] >= 0)
		close(alive[0]);
	if (notes[1] >= 0)
		close(notes[1]);
	if (status) {
		if (alive[1] >= 0)
			close(alive[1]);
		if (notes[0] >= 0)
			close(notes[0]);
		free(background->command);
		free(background);
		return status;
	}
	status = await_start(background, argv[0], err);
	if (status)
		background_end(background, how);
	return status;
}

int
background_start(const char *command, struct background **ret_background,
		 struct weir_error *err)
{
	struct background *background;
	struct strings words = { 0 };
	cleanup_free char **argv = NULL;
	int status;

	*ret_background = NULL;
	if (!command || strcmp(command, "none") == 0)
		return WEIR_OK;
	status = words_split(command, &words, err);
	if (status) {
		strings_fini(&words);
		return status;
	}
	argv = make_argv(&words);
	background = calloc(1, sizeof(*background));
	if (background)
		background->command = strdup(command);
	if (!argv || !background || !background->command) {
		free(background);
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory for a background command");
	} else {
		status = start(background, argv, err);
		if (status == WEIR_OK)
			*ret_background = background;
	}
	strings_fini(&words);
	return status;
}
