/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport that keeps a ledger of what weir gives it and takes from it,
 * to hold against what weir says. Messages go over a seqpacket socketpair.
 * `wiring` makes it wrong in ways that a transport can be wrong without
 * noticing; `slow` makes it slow to set up and to tear down.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/transport.h>

enum { WIRING_STRAIGHT, WIRING_SHARED, WIRING_ALONE };

struct ledger_options {
	uint64_t slow_ns;
	uint32_t wiring;
};

static const char *const wirings[] = { "straight", "shared", "alone", NULL };

static const struct weir_option rows[] = {
	{ .name = "slow",
	  .type = WEIR_OPTION_DURATION,
	  .default_text = "0s",
	  .help = "how long join and close take",
	  .max = 10000000000,
	  .offset = offsetof(struct ledger_options, slow_ns) },
	{ .name = "wiring",
	  .type = WEIR_OPTION_CHOICE,
	  .default_text = "straight",
	  .help = "straight (as it should be), shared (one queue serves both "
		  "directions) or alone (each side reads what it wrote)",
	  .choices = wirings,
	  .offset = offsetof(struct ledger_options, wiring) },
};

struct weir_channel {
	const struct weir_setup *setup;
	int out, in; /* the same, but for a wrong wiring */
	uint64_t n_sends, n_receives;
	uint64_t longest_send, longest_receive;
};

static void
be_slow(const struct weir_setup *setup)
{
	const struct ledger_options *options = setup->options;

	if (options->slow_ns)
		poll(NULL, 0, (int)(options->slow_ns / 1000000));
}

static int
make(const struct weir_setup *setup, int out, int in,
     struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *channel = calloc(1, sizeof(*channel));

	if (!channel || out < 0 || in < 0) {
		weir_error_errno(err, "no ledger");
		free(channel);
		if (out >= 0)
			close(out);
		if (in >= 0)
			close(in);
		return WEIR_ESYSTEM;
	}
	channel->setup = setup;
	channel->out = out;
	channel->in = in;
	*ret_channel = channel;
	return WEIR_OK;
}

static int
copy(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static int
alone(const struct weir_setup *setup, struct weir_channel **ret_channel,
      struct weir_error *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return weir_error_errno(err, "no socketpair");
	return make(setup, fds[0], fds[1], ret_channel, err);
}

static int
ledger_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	     struct weir_channel **ret_channel, struct weir_error *err)
{
	const struct ledger_options *options = setup->options;
	int fds[2], status;

	if (options->wiring == WIRING_ALONE)
		return alone(setup, ret_channel, err);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return weir_error_errno(err, "no socketpair");
	ret_offer->fds[0] = fds[1];
	ret_offer->n_fds = 1;
	if (options->wiring == WIRING_SHARED) {
		status = make(setup, fds[0], copy(fds[1]), ret_channel, err);
		ret_offer->fds[1] = status ? -1 : copy(fds[0]);
		ret_offer->n_fds = 2;
	} else {
		status = make(setup, fds[0], copy(fds[0]), ret_channel, err);
	}
	if (status) {
		close(fds[1]);
		ret_offer->n_fds = 0;
	}
	return status;
}

static int
ledger_join(const struct weir_setup *setup, struct weir_offer *offer,
	    struct weir_channel **ret_channel, struct weir_error *err)
{
	const struct ledger_options *options = setup->options;

	be_slow(setup);
	switch (options->wiring) {
	case WIRING_ALONE:
		return alone(setup, ret_channel, err);
	case WIRING_SHARED:
		return make(setup, copy(offer->fds[1]), copy(offer->fds[0]),
			    ret_channel, err);
	default:
		return make(setup, copy(offer->fds[0]), copy(offer->fds[0]),
			    ret_channel, err);
	}
}

/* Whatever came of a call that may have been interrupted. */
static int
outcome(struct weir_channel *channel, ssize_t n)
{
	if (n > 0)
		return WEIR_OK;
	if (n < 0 && errno == EINTR)
		return weir_canceled(channel->setup) ? WEIR_ECANCELED :
						       WEIR_EAGAIN;
	if (n < 0 && errno != EPIPE && errno != ECONNRESET)
		return weir_error_errno(channel->setup->fault,
					"the ledger's socket failed");
	return weir_error_set(channel->setup->fault, WEIR_EPEER,
			      "the other side has closed the channel");
}

static int
ledger_send(struct weir_channel *channel, const void *buf, size_t len,
	    uint32_t flags)
{
	int status;

	(void)flags;
	do
		status = outcome(channel,
				 send(channel->out, buf, len, MSG_NOSIGNAL));
	while (status == WEIR_EAGAIN);
	channel->n_sends += status == WEIR_OK;
	if (len > channel->longest_send)
		channel->longest_send = len;
	return status;
}

static int
ledger_recv(struct weir_channel *channel, void *buf, size_t cap,
	    size_t *ret_len)
{
	ssize_t n;
	int status;

	do {
		n = recv(channel->in, buf, cap, 0);
		status = outcome(channel, n);
	} while (status == WEIR_EAGAIN);
	if (status)
		return status;
	*ret_len = (size_t)n;
	channel->n_receives++;
	if (*ret_len > channel->longest_receive)
		channel->longest_receive = *ret_len;
	return WEIR_OK;
}

static void
ledger_collect(const struct weir_channel *channel,
	       struct weir_counters *ret_counters)
{
	weir_counters_add(ret_counters, "sends", channel->n_sends);
	weir_counters_add(ret_counters, "receives", channel->n_receives);
	weir_counters_add(ret_counters, "longest_send_bytes",
			  channel->longest_send);
	weir_counters_add(ret_counters, "longest_receive_bytes",
			  channel->longest_receive);
}

static void
ledger_close(struct weir_channel *channel)
{
	if (!channel)
		return;
	be_slow(channel->setup);
	close(channel->out);
	close(channel->in);
	free(channel);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "ledger",
	.summary = "a transport that counts what it is given, for tests",
	WEIR_TRANSPORT_OPTIONS(rows, struct ledger_options),
	.offer = ledger_offer,
	.join = ledger_join,
	.send = ledger_send,
	.recv = ledger_recv,
	.collect = ledger_collect,
	.close = ledger_close,
};
