/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/result/utf8.h"

#define ERASE "\r\033[K"

/* Best effort: a terminal that takes no line does not end a run. */
static void
put(const struct text *t)
{
	ssize_t n = write(STDERR_FILENO, text_get(t), t->len);

	(void)n;
}

/* Room for text on a line: all columns but the last, where some terminals
 * would wrap. */
static size_t
line_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 2)
		return 79;
	return size.ws_col - 1u;
}

/* Cuts a text to that many code points. */
static void
cut(struct text *t, size_t width)
{
	size_t at = 0, n = 0;

	if (!t->len)
		return;
	for (; t->at[at]; at++)
		if (((unsigned char)t->at[at] & 0xc0) != 0x80 && n++ == width)
			break;
	t->at[at] = '\0';
	t->len = at;
}

/* What is left if the rest goes as the trials so far did. */
static uint64_t
left_s(const struct output_progress *p, size_t done)
{
	double each = (double)(clock_now_ns() - p->started_ns) / (double)done;

	return (uint64_t)(each * (double)(p->n_trials - done) / 1e9 + 0.5);
}

static void
add_left(struct text *t, uint64_t s)
{
	if (s >= 3600)
		text_addf(t, "%u h %u min", (unsigned int)(s / 3600),
			  (unsigned int)(s / 60 % 60));
	else if (s >= 60)
		text_addf(t, "%u min %u s", (unsigned int)(s / 60),
			  (unsigned int)(s % 60));
	else
		text_addf(t, "%u s", (unsigned int)s);
	text_add(t, " left");
}

void
output_progress_start(struct output_progress *p, bool quiet, size_t n_trials)
{
	p->on = !quiet && isatty(STDERR_FILENO);
	p->n_trials = n_trials;
	p->started_ns = clock_now_ns();
}

/* In the place of what is there, printable and cut to the line. */
static void
show(struct text *line, const char *what)
{
	struct text all = { 0 };

	utf8_add_printable(line, what);
	cut(line, line_width());
	text_addf(&all, ERASE "%s", text_get(line));
	put(&all);
	text_fini(&all);
}

void
output_progress_wait(struct output_progress *p, bool quiet, const char *what)
{
	struct text line = { 0 };

	output_progress_start(p, quiet, 0);
	if (!p->on)
		return;
	text_add(&line, "waiting for ");
	show(&line, what);
	text_fini(&line);
}

void
output_progress_step(struct output_progress *p, size_t done, const char *what)
{
	struct text line = { 0 };

	if (!p->on)
		return;
	text_addf(&line, "trial %zu of %zu · ", done + 1, p->n_trials);
	if (done && done <= p->n_trials) {
		add_left(&line, left_s(p, done));
		text_add(&line, " · ");
	}
	show(&line, what);
	text_fini(&line);
}

void
output_progress_end(struct output_progress *p)
{
	struct text erase = { 0 };

	if (!p->on)
		return;
	p->on = false;
	text_add(&erase, ERASE);
	put(&erase);
	text_fini(&erase);
}
