/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport that does one thing wrong, chosen by an option: what the
 * battery has to find. The rest of it is tests/abi/good.c.
 */
#include <weir/transport.h>

#undef WEIR_TRANSPORT
#define WEIR_TRANSPORT static const struct weir_transport base
#include "tests/abi/good.c"
#undef WEIR_TRANSPORT
#define WEIR_TRANSPORT WEIR_EXPORT_ const struct weir_transport weir_transport

#include <fcntl.h>
#include <time.h>

enum faulty_kind {
	FAULTY_NONE,
	FAULTY_CORRUPT,
	FAULTY_CLAMP,
	FAULTY_OWN,
	FAULTY_LEAK,
	FAULTY_LITTER,
	FAULTY_INHERIT,
	FAULTY_CRASH,
	FAULTY_SLOW,
	FAULTY_MUTE,
	FAULTY_GULLIBLE,
	FAULTY_VAGUE,
	FAULTY_FRAGILE,
	FAULTY_IMPATIENT,
	FAULTY_SPILL,
	FAULTY_NEGATIVE,
	FAULTY_HASTY,
};

static const char *const faulty_choices[] = {
	[FAULTY_NONE] = "none",
	[FAULTY_CORRUPT] = "corrupt",
	[FAULTY_CLAMP] = "clamp",
	[FAULTY_OWN] = "own",
	[FAULTY_LEAK] = "leak",
	[FAULTY_LITTER] = "litter",
	[FAULTY_INHERIT] = "inherit",
	[FAULTY_CRASH] = "crash",
	[FAULTY_SLOW] = "slow",
	[FAULTY_MUTE] = "mute",
	[FAULTY_GULLIBLE] = "gullible",
	[FAULTY_VAGUE] = "vague",
	[FAULTY_FRAGILE] = "fragile",
	[FAULTY_IMPATIENT] = "impatient",
	[FAULTY_SPILL] = "spill",
	[FAULTY_NEGATIVE] = "negative",
	[FAULTY_HASTY] = "hasty",
	NULL,
};

struct faulty_options {
	uint32_t fault;
};

static const struct weir_option faulty_rows[] = {
	{
		.name = "fault",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "none",
		.choices = faulty_choices,
		.help = "what it does wrong",
		.offset = offsetof(struct faulty_options, fault),
	},
};

static int
faulty_is(const struct weir_setup *setup, enum faulty_kind kind)
{
	const struct faulty_options *options = setup->options;

	return options->fault == (uint32_t)kind;
}

static int
faulty_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	     struct weir_channel **ret_channel, struct weir_error *err)
{
	int spare = -1;
	int status;

	if (faulty_is(setup, FAULTY_VAGUE) && setup->max_message_bytes > 4096)
		return weir_error_set(err, WEIR_ETOOBIG, "that is too much");
	if (faulty_is(setup, FAULTY_SPILL))
		spare = open("/dev/null", O_CLOEXEC);
	status = base.offer(setup, ret_offer, ret_channel, err);
	if (status != WEIR_OK)
		return status;
	if (spare >= 0)
		close(spare);
	if (faulty_is(setup, FAULTY_LEAK) && open("/dev/null", O_CLOEXEC) < 0)
		return weir_error_errno(err, "no fault");
	if (faulty_is(setup, FAULTY_INHERIT))
		fcntl((*ret_channel)->fd, F_SETFD, 0);
	if (faulty_is(setup, FAULTY_LITTER)) {
		int folder = open(setup->directory, O_DIRECTORY | O_CLOEXEC);
		int fd = openat(folder, "litter", O_CREAT | O_CLOEXEC, 0600);

		close(fd);
		close(folder);
	}
	return status;
}

static int
faulty_join(const struct weir_setup *setup, struct weir_offer *offer,
	    struct weir_channel **ret_channel, struct weir_error *err)
{
	int status;

	if (!faulty_is(setup, FAULTY_GULLIBLE))
		return base.join(setup, offer, ret_channel, err);
	status = good_open(setup, offer->fds[0], ret_channel, err);
	offer->fds[0] = -1;
	return status;
}

/* In the one process of a case with threads, whether the host has accepted. */
static uint32_t faulty_accepted;

static int
faulty_accept(struct weir_channel *channel, uint64_t deadline_ns,
	      struct weir_error *err)
{
	(void)channel;
	(void)deadline_ns;
	(void)err;
	__atomic_store_n(&faulty_accepted, 1, __ATOMIC_RELAXED);
	return WEIR_OK;
}

static int
faulty_send(struct weir_channel *channel, const void *buf, size_t len,
	    uint32_t flags)
{
	if (faulty_is(channel->setup, FAULTY_CLAMP) && len > 4095)
		len = 4095;
	return base.send(channel, buf, len, flags);
}

static int
faulty_recv(struct weir_channel *channel, void *buf, size_t cap,
	    size_t *ret_len)
{
	const struct weir_setup *setup = channel->setup;
	struct timespec long_time = { .tv_sec = 1, .tv_nsec = 200000000 };
	struct pollfd p = { .fd = channel->fd, .events = POLLIN };
	int status;

	if (faulty_is(setup, FAULTY_CRASH))
		abort();
	if (faulty_is(setup, FAULTY_OWN)) {
		*ret_len = 64; /* as if it had read its own request */
		return WEIR_OK;
	}
	if (faulty_is(setup, FAULTY_HASTY) &&
	    !__atomic_load_n(&faulty_accepted, __ATOMIC_RELAXED))
		return good_fail(channel, WEIR_EPEER, "nobody is there");
	if (faulty_is(setup, FAULTY_IMPATIENT) && poll(&p, 1, -1) < 0)
		return good_fail(channel, WEIR_ESYSTEM, "interrupted");
	status = base.recv(channel, buf, cap, ret_len);
	if (status == WEIR_OK && faulty_is(setup, FAULTY_CORRUPT))
		((unsigned char *)buf)[*ret_len - 1] ^= 1;
	if (status == WEIR_ECANCELED && faulty_is(setup, FAULTY_SLOW)) {
		while (clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time,
				       &long_time) == EINTR)
			;
	}
	if (faulty_is(setup, FAULTY_MUTE))
		setup->fault->text[0] = '\0';
	return status;
}

static void
faulty_collect(const struct weir_channel *channel,
	       struct weir_counters *ret_counters)
{
	if (faulty_is(channel->setup, FAULTY_NEGATIVE))
		weir_counters_add(ret_counters, "stalls", (uint64_t)-1);
}

static void
faulty_close(struct weir_channel *channel)
{
	if (channel && faulty_is(channel->setup, FAULTY_FRAGILE))
		abort();
	base.close(channel);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "faulty",
	.summary = "a transport that is not as it should be",
	WEIR_TRANSPORT_OPTIONS(faulty_rows, struct faulty_options),
	.offer = faulty_offer,
	.join = faulty_join,
	.accept = faulty_accept,
	.send = faulty_send,
	.recv = faulty_recv,
	.collect = faulty_collect,
	.close = faulty_close,
};
