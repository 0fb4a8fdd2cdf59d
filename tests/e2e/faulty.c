/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport with a fault on demand: messages over a seqpacket socketpair,
 * until one side, at one moment, does one bad thing. A test says which.
 *
 * Calls of send and recv are counted on each side from 0, marks of weir's
 * own included: without a warm-up the host's send 0 is the first message, 1
 * the start mark, 2 … count + 1 the timed messages, then the end mark.
 */
#include "tests/e2e/pair.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTROL_FD 3 /* that weir run gives to its client */
#define DEAF_WAITS 10000 /* each ended early by whoever interrupts */

enum {
	AT_NEVER, AT_OFFER, AT_JOIN, AT_RECV, AT_SEND, AT_COLLECT, AT_CLOSE,
};
/* What happens to this side, then (of send) to the message. */
enum {
	DO_KILL, DO_STOP, DO_PAUSE, DO_INT, DO_TERM, DO_HUP, DO_DOUBLE,
	DO_INSIST, DO_DEAF, DO_BABBLE, DO_REFUSE, DO_FAIL, DO_HANG, DO_DROP,
	DO_TWICE, DO_SWAP, DO_DAMAGE, DO_FORGE, DO_CUT, DO_MUTE,
	DO_EXIT,
};

struct faulty_options {
	uint32_t at;
	uint32_t what;
	uint32_t side; /* WEIR_SIDE_* */
	int64_t after; /* calls that go well before */
	int64_t times;
	const char *once;
	int64_t outlive;
};

static const char *const moments[] = { "never", "offer", "join", "recv",
				       "send", "collect", "close", NULL };
static const char *const faults[] = { "kill", "stop", "pause", "int", "term",
				      "hup", "double", "insist", "deaf",
				      "babble", "refuse", "fail", "hang",
				      "drop", "twice", "swap", "damage",
				      "forge", "cut", "mute", "exit",
				      NULL };
static const char *const sides[] = { "host", "client", NULL };

static const struct weir_option rows[] = {
	{ .name = "at", .type = WEIR_OPTION_CHOICE, .default_text = "never",
	  .help = "the operation in which it happens", .choices = moments,
	  .offset = offsetof(struct faulty_options, at) },
	{ .name = "what", .type = WEIR_OPTION_CHOICE, .default_text = "kill",
	  .help = "what happens", .choices = faults,
	  .offset = offsetof(struct faulty_options, what) },
	{ .name = "side", .type = WEIR_OPTION_CHOICE, .default_text = "client",
	  .help = "to which side", .choices = sides,
	  .offset = offsetof(struct faulty_options, side) },
	{ .name = "after", .type = WEIR_OPTION_INT, .default_text = "0",
	  .help = "calls that go well before", .min = 0, .max = INT64_MAX,
	  .offset = offsetof(struct faulty_options, after) },
	{ .name = "times", .type = WEIR_OPTION_INT, .default_text = "1000G",
	  .help = "calls that go wrong then", .min = 1, .max = INT64_MAX,
	  .offset = offsetof(struct faulty_options, times) },
	{ .name = "once", .type = WEIR_OPTION_STRING, .default_text = "",
	  .help = "a file that the first channel to go wrong makes; the others "
		  "see it and do not", .offset = offsetof(struct faulty_options,
							  once) },
	{ .name = "outlive", .type = WEIR_OPTION_INT, .default_text = "-1",
	  .help = "the host's recv that looks for its message only when the "
		  "client is gone", .min = -1, .max = INT64_MAX,
	  .offset = offsetof(struct faulty_options, outlive) },
};

struct weir_channel {
	const struct weir_setup *setup;
	int fd;
	int turn; /* 0: not known, 1: goes wrong, -1: another one did */
	unsigned char *held; /* DO_SWAP: goes out behind the next one */
	size_t held_bytes;
	int64_t n_sent;
	int64_t n_received;
};

/* True if it is this side's and this operation's turn. */
static int
now(const struct weir_setup *setup, uint32_t at, int64_t calls)
{
	const struct faulty_options *options = setup->options;

	return options->at == at && options->side == setup->side &&
	       calls >= options->after &&
	       calls - options->after < options->times;
}

/* The same for a channel, of which at most one may go wrong. */
static int
channel_now(struct weir_channel *channel, uint32_t at, int64_t calls)
{
	const struct faulty_options *options = channel->setup->options;
	int fd;

	if (!now(channel->setup, at, calls))
		return 0;
	if (channel->turn == 0 && *options->once) {
		fd = open(options->once, O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		channel->turn = fd >= 0 ? 1 : -1;
		if (fd >= 0)
			close(fd);
	}
	return channel->turn >= 0;
}

static void
wait_for_cancel(const struct weir_setup *setup)
{
	while (!weir_canceled(setup))
		poll(NULL, 0, 10);
}

static int
die_or_fail(const struct weir_setup *setup, struct weir_error *err)
{
	const struct faulty_options *options = setup->options;

	switch (options->what) {
	case DO_KILL:
		raise(SIGKILL);
		break;
	case DO_STOP:
		raise(SIGSTOP);
		break;
	case DO_INSIST: /* Ctrl-C again and again, heard or not */
		for (int i = 0; i < DEAF_WAITS; i++) {
			kill(getpid(), SIGINT);
			poll(NULL, 0, 100);
		}
		break;
	case DO_BABBLE: /* on a client's control connection, then fail */
		if (write(CONTROL_FD, "HTTP/1.0", 8) != 8)
			raise(SIGKILL);
		break;
	case DO_DEAF: /* Ctrl-C, and no ear for the cancel that follows */
		kill(getpid(), SIGINT);
		for (int i = 0; i < DEAF_WAITS; i++)
			poll(NULL, 0, 100);
		break;
	case DO_REFUSE:
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "a refusal was asked for");
	case DO_EXIT: /* as if all were well */
		exit(0);
	case DO_MUTE: /* with what is no status */
		return 9999;
	case DO_HANG: /* until the core ends it */
		wait_for_cancel(setup);
		return weir_error_set(err, WEIR_ECANCELED, "canceled");
	default:
		break;
	}
	return weir_error_set(err, WEIR_ESYSTEM, "a fault was asked for");
}

/* True after a signal to the program. A message waits for the cancel that
 * comes of it, lest the others are done before that. */
static int
sent_signal(const struct weir_setup *setup, int number, int twice)
{
	const struct faulty_options *options = setup->options;
	struct sigaction is;

	if (sigaction(number, NULL, &is) != 0)
		return 0;
	/* Twice to this thread: two that can't become one. */
	if (twice ? raise(number) || raise(number) : kill(getpid(), number))
		return 0;
	if ((options->at == AT_RECV || options->at == AT_SEND) &&
	    is.sa_handler != SIG_IGN)
		wait_for_cancel(setup);
	return 1;
}

/* True if it was a signal to the program: the transport itself goes on. */
static int
signal_only(const struct weir_setup *setup)
{
	const struct faulty_options *options = setup->options;

	switch (options->what) {
	case DO_PAUSE: /* until somebody continues it */
		return !raise(SIGSTOP);
	case DO_INT:
		return sent_signal(setup, SIGINT, 0);
	case DO_TERM:
		return sent_signal(setup, SIGTERM, 0);
	case DO_HUP:
		return sent_signal(setup, SIGHUP, 0);
	case DO_DOUBLE:
		return sent_signal(setup, SIGTERM, 1);
	default:
		return 0;
	}
}

static int
make(const struct weir_setup *setup, int fd, struct weir_channel **ret_channel,
     struct weir_error *err)
{
	struct weir_channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return weir_error_errno(err, "no memory for a channel");
	channel->setup = setup;
	channel->fd = fd;
	*ret_channel = channel;
	return WEIR_OK;
}

static int
faulty_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	     struct weir_channel **ret_channel, struct weir_error *err)
{
	if (now(setup, AT_OFFER, 0) && !signal_only(setup))
		return die_or_fail(setup, err);
	return pair_offer(setup, ret_offer, make, ret_channel, err);
}

static int
faulty_join(const struct weir_setup *setup, struct weir_offer *offer,
	    struct weir_channel **ret_channel, struct weir_error *err)
{
	if (now(setup, AT_JOIN, 0))
		return die_or_fail(setup, err);
	return pair_join(setup, offer, make, ret_channel, err);
}

static int
plain_send(const struct weir_channel *channel, const void *buf, size_t len)
{
	return pair_send(channel->setup, channel->fd, buf, len, 0);
}

/* Keeps a copy of the message until the next one has gone. */
static int
hold(struct weir_channel *channel, const void *buf, size_t len)
{
	channel->held = malloc(len);
	if (!channel->held)
		return weir_error_errno(channel->setup->fault, "no memory");
	memcpy(channel->held, buf, len);
	channel->held_bytes = len;
	return WEIR_OK;
}

static int
release_held(struct weir_channel *channel)
{
	unsigned char *held = channel->held;
	int status;

	if (!held)
		return WEIR_OK;
	channel->held = NULL;
	status = plain_send(channel, held, channel->held_bytes);
	free(held);
	return status;
}

/* Sends it with one bit changed: in its last byte or in its sequence. */
static int
send_damaged(struct weir_channel *channel, const void *buf, size_t len,
	     size_t at)
{
	unsigned char *copy = malloc(len);
	int status;

	if (!copy)
		return weir_error_errno(channel->setup->fault, "no memory");
	memcpy(copy, buf, len);
	copy[at] ^= 0x40;
	status = plain_send(channel, copy, len);
	free(copy);
	return status;
}

static int
send_wrong(struct weir_channel *channel, const void *buf, size_t len)
{
	const struct faulty_options *options = channel->setup->options;
	int status;

	switch (options->what) {
	case DO_DROP:
		return WEIR_OK;
	case DO_TWICE:
		status = plain_send(channel, buf, len);
		return status ? status : plain_send(channel, buf, len);
	case DO_SWAP:
		return hold(channel, buf, len);
	case DO_DAMAGE:
		return send_damaged(channel, buf, len, len - 1);
	case DO_FORGE:
		return send_damaged(channel, buf, len, 0);
	case DO_CUT:
		return plain_send(channel, buf, len - 1);
	default:
		return die_or_fail(channel->setup, channel->setup->fault);
	}
}

static int
faulty_send(struct weir_channel *channel, const void *buf, size_t len,
	    uint32_t flags)
{
	int status;

	(void)flags;
	if (channel_now(channel, AT_SEND, channel->n_sent++) &&
	    !signal_only(channel->setup))
		return send_wrong(channel, buf, len);
	status = plain_send(channel, buf, len);
	return status ? status : release_held(channel);
}

/* A host whose thread is not let run before the client is dead, and noticed
 * so. */
static void
outlive(const struct weir_channel *channel)
{
	struct pollfd peer = { .fd = channel->fd };

	while (!weir_canceled(channel->setup) && !(peer.revents & POLLHUP))
		poll(&peer, 1, 100);
	poll(NULL, 0, 20);
}

static int
faulty_recv(struct weir_channel *channel, void *buf, size_t cap,
	    size_t *ret_len)
{
	const struct faulty_options *options = channel->setup->options;

	if (options->outlive == channel->n_received &&
	    channel->setup->side == WEIR_SIDE_HOST)
		outlive(channel);
	if (channel_now(channel, AT_RECV, channel->n_received++) &&
	    !signal_only(channel->setup))
		return die_or_fail(channel->setup, channel->setup->fault);
	return pair_recv(channel->setup, channel->fd, buf, cap, ret_len, 0);
}

static void
faulty_collect(const struct weir_channel *channel,
	       struct weir_counters *ret_counters)
{
	if (now(channel->setup, AT_COLLECT, 0) && !signal_only(channel->setup))
		die_or_fail(channel->setup, NULL);
	weir_counters_add(ret_counters, "calls",
			  (uint64_t)(channel->n_sent + channel->n_received));
}

static void
faulty_close(struct weir_channel *channel)
{
	if (!channel)
		return;
	if (now(channel->setup, AT_CLOSE, 0))
		signal_only(channel->setup);
	free(channel->held);
	close(channel->fd);
	free(channel);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "faulty",
	.summary = "a transport with a fault on demand, for tests",
	WEIR_TRANSPORT_OPTIONS(rows, struct faulty_options),
	.offer = faulty_offer,
	.join = faulty_join,
	.send = faulty_send,
	.recv = faulty_recv,
	.collect = faulty_collect,
	.close = faulty_close,
};
