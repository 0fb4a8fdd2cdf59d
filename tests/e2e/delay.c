/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport that delays messages by a known law, and keeps a record of how
 * long each one really took: what weir reports can be held against it.
 *
 * Messages travel over a seqpacket socketpair, each with a head: when its
 * send began, and when the operation before it on that end was over. One end,
 * `side`, delays: a message is received when its send began that long ago, or
 * later. The other end sends heads back, so that the initiator of round
 * trips, who delays its answers, gets those of its own.
 *
 * With the clock that weir reads, inside the operations, this is certain of
 * what weir calls the latency of a message, whoever was preempted where:
 *
 *	lower   from the begin of send to the end of recv: within what is timed
 *	upper   from the end of the operation before the send to the begin of
 *	        the one behind the recv: weir's two looks at the clock lie in
 *	        between
 *
 * In an open loop (`due`) both begin at the time that is in the message. The
 * record has a line for each: what was drawn, lower, upper, and the begin of
 * the lower one, in ns. The first message and marks of weir's are in none.
 */
#include "tests/e2e/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/e2e/delays.h"

#define ROOM 65536u     /* messages that a record has place for */
#define BODY_BYTES 1024u /* of a message */

struct delay_options {
	uint32_t law; /* enum delays_law */
	uint32_t side; /* WEIR_SIDE_* */
	uint32_t due;
	int64_t seed;
	const char *record;
};

static const char *const sides[] = { "host", "client", NULL };

static const struct weir_option rows[] = {
	{ .name = "law", .type = WEIR_OPTION_CHOICE, .default_text = "uniform",
	  .help = "the law of the delays", .choices = delays_names,
	  .offset = offsetof(struct delay_options, law) },
	{ .name = "side", .type = WEIR_OPTION_CHOICE, .default_text = "host",
	  .help = "the end that delays, and records", .choices = sides,
	  .offset = offsetof(struct delay_options, side) },
	{ .name = "due", .type = WEIR_OPTION_BOOL, .default_text = "false",
	  .help = "whether latencies count from the time in the message",
	  .offset = offsetof(struct delay_options, due) },
	{ .name = "seed", .type = WEIR_OPTION_INT, .default_text = "1",
	  .help = "of the delays", .min = 0, .max = INT64_MAX,
	  .offset = offsetof(struct delay_options, seed) },
	{ .name = "record", .type = WEIR_OPTION_STRING, .default_text = "",
	  .help = "the file of the record", .offset =
		offsetof(struct delay_options, record) },
};

struct head {
	uint64_t began_ns;
	uint64_t before_ns; /* the end of the operation before */
};

struct packet {
	struct head head;
	unsigned char body[BODY_BYTES];
};

struct line {
	uint64_t drawn_ns, from_ns, before_ns, end_ns, behind_ns;
};

struct weir_channel {
	const struct weir_setup *setup;
	int fd;
	uint64_t ended_ns; /* the last operation */
	struct packet out;
	struct packet in;  /* in_bytes of it, not yet received */
	size_t in_bytes;
	uint64_t drawn_ns; /* its delay */
	uint64_t n_received; /* messages that are no marks */
	bool open; /* the last line lacks its behind_ns */
	size_t n;
	struct line lines[ROOM];
};

static uint64_t
now(const struct weir_channel *c)
{
	return c->setup->services->now_ns();
}

static bool
delays(const struct weir_channel *c)
{
	const struct delay_options *options = c->setup->options;

	return options->side == c->setup->side;
}

static bool
is_mark(const struct weir_channel *c, size_t len)
{
	return len != c->setup->max_message_bytes;
}

/* Every operation begins and ends so. */
static uint64_t
begin(struct weir_channel *c)
{
	uint64_t now_ns = now(c);

	if (c->open)
		c->lines[c->n - 1].behind_ns = now_ns;
	c->open = false;
	return now_ns;
}

static int
end(struct weir_channel *c, int status)
{
	c->ended_ns = now(c);
	return status;
}

static int
make(const struct weir_setup *setup, int fd, struct weir_channel **ret_channel,
     struct weir_error *err)
{
	struct weir_channel *c = calloc(1, sizeof(*c));

	if (!c || setup->max_message_bytes > BODY_BYTES) {
		free(c);
		return weir_error_set(err, WEIR_ETOOBIG,
				      "no memory, or above 1 KiB");
	}
	c->setup = setup;
	c->fd = fd;
	*ret_channel = c;
	return WEIR_OK;
}

static int
delay_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	    struct weir_channel **ret_channel, struct weir_error *err)
{
	return pair_offer(setup, ret_offer, make, ret_channel, err);
}

static int
delay_join(const struct weir_setup *setup, struct weir_offer *offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	return pair_join(setup, offer, make, ret_channel, err);
}

static int
put(struct weir_channel *c, const void *buf, size_t len, int flags)
{
	uint64_t began_ns = begin(c);

	if (delays(c) || c->setup->side == WEIR_SIDE_HOST)
		c->out.head = (struct head){ began_ns, c->ended_ns };
	memcpy(c->out.body, buf, len);
	return end(c, pair_send(c->setup, c->fd, &c->out,
				sizeof(c->out.head) + len, flags));
}

static int
delay_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	(void)flags;
	return put(c, buf, len, 0);
}

static int
delay_try_send(struct weir_channel *c, const void *buf, size_t len,
	       uint32_t flags)
{
	(void)flags;
	return put(c, buf, len, MSG_DONTWAIT);
}

/* Makes sure that there is a message in hand. */
static int
fetch(struct weir_channel *c, int flags)
{
	const struct delay_options *options = c->setup->options;
	size_t n = 0;
	int status;

	if (c->in_bytes)
		return WEIR_OK;
	status = pair_recv(c->setup, c->fd, &c->in, sizeof(c->in), &n, flags);
	if (status)
		return status;
	if (n <= sizeof(c->in.head))
		return WEIR_EPROTOCOL;
	c->in_bytes = n - sizeof(c->in.head);
	c->drawn_ns = 0;
	if (delays(c) && !is_mark(c, c->in_bytes))
		c->drawn_ns = delays_draw((int)options->law,
					  (uint64_t)options->seed,
					  c->n_received);
	return WEIR_OK;
}

static bool
is_due(const struct weir_channel *c)
{
	return !delays(c) || now(c) - c->in.head.began_ns >= c->drawn_ns;
}

static void
note(struct weir_channel *c)
{
	const struct delay_options *options = c->setup->options;
	struct line *line = &c->lines[c->n];
	uint64_t due_ns;

	if (c->n_received++ == 0 || c->n == ROOM)
		return;
	*line = (struct line){ .drawn_ns = c->drawn_ns,
			       .from_ns = c->in.head.began_ns,
			       .before_ns = c->in.head.before_ns };
	if (options->due) {
		memcpy(&due_ns, c->in.body + 8, sizeof(due_ns));
		line->from_ns = line->before_ns = due_ns;
	}
	c->open = true;
	c->n++;
}

static int
take(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	if (c->in_bytes > cap)
		return end(c, WEIR_EPROTOCOL);
	memcpy(buf, c->in.body, c->in_bytes);
	*ret_len = c->in_bytes;
	c->in_bytes = 0;
	if (!delays(c))
		c->out.head = c->in.head;
	else if (!is_mark(c, *ret_len))
		note(c);
	end(c, WEIR_OK);
	if (c->open)
		c->lines[c->n - 1].end_ns = c->ended_ns;
	return WEIR_OK;
}

static int
delay_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	int status;

	begin(c);
	status = fetch(c, 0);
	if (status)
		return end(c, status);
	while (!is_due(c)) {
		if (weir_canceled(c->setup))
			return end(c, WEIR_ECANCELED);
	}
	return take(c, buf, cap, ret_len);
}

static int
delay_try_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	int status;

	begin(c);
	status = fetch(c, MSG_DONTWAIT);
	if (status == WEIR_OK && !is_due(c))
		status = WEIR_EAGAIN;
	return status ? end(c, status) : take(c, buf, cap, ret_len);
}

static void
write_record(const struct weir_channel *c, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		abort();
	for (size_t i = 0; i < c->n; i++) {
		const struct line *l = &c->lines[i];

		fprintf(file, "%llu %llu %llu %llu\n",
			(unsigned long long)l->drawn_ns,
			(unsigned long long)(l->end_ns - l->from_ns),
			(unsigned long long)(l->behind_ns - l->before_ns),
			(unsigned long long)l->from_ns);
	}
	if (fclose(file) != 0)
		abort();
}

static void
delay_close(struct weir_channel *c)
{
	const struct delay_options *options;

	if (!c)
		return;
	options = c->setup->options;
	if (delays(c) && *options->record)
		write_record(c, options->record);
	close(c->fd);
	free(c);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "delay",
	.summary = "a transport that delays by a known law, for tests",
	.capabilities = WEIR_CAP_TRY,
	WEIR_TRANSPORT_OPTIONS(rows, struct delay_options),
	.offer = delay_offer,
	.join = delay_join,
	.send = delay_send,
	.recv = delay_recv,
	.try_send = delay_try_send,
	.try_recv = delay_try_recv,
	.close = delay_close,
};
