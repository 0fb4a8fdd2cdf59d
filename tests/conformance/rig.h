/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rig that a case is built on: a host side and a client side that meet as
 * they do in life. Offers and descriptors cross a Unix socket (the control
 * socket of the case), the client joins, the host accepts, both go.
 *
 * Checks do not return where they fail: they report and end the process, and
 * the battery clears up. So a case is a straight line.
 */
#ifndef TESTS_CONFORMANCE_RIG_H
#define TESTS_CONFORMANCE_RIG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <weir/transport.h>

struct plugin;
struct rig_pair;

/* What a case is run with. */
struct rig {
	const struct plugin *plugin;
	const void *options;
	const char *directory;
	uint64_t parameter; /* of the case */
	uint32_t mode;      /* BATTERY_THREAD … */
	bool plain;         /* the options are the defaults */
	int report_fd;
};

#define RIG_FAILED 'F'
#define RIG_SKIPPED 'S'
#define RIG_REMARK 'R'

_Noreturn void rig_fail(const struct rig *rig, const char *fmt, ...)
	WEIR_PRINTF(2, 3);
_Noreturn void rig_skip(const struct rig *rig, const char *fmt, ...)
	WEIR_PRINTF(2, 3);
void rig_remark(const struct rig *rig, const char *fmt, ...)
	WEIR_PRINTF(2, 3);

#define rig_check(rig, condition, ...)                                  \
	do {                                                            \
		if (!(condition))                                       \
			rig_fail((rig), __VA_ARGS__);                   \
	} while (0)

/* One end of one channel. */
struct rig_end {
	const struct rig *rig;
	const struct weir_transport *ops;
	struct weir_setup setup;
	struct weir_error fault;
	uint32_t cancel;
	struct weir_channel *channel;
};

#define RIG_CHANNELS_MAX 2u

struct rig_side {
	const struct rig *rig;
	struct rig_end end[RIG_CHANNELS_MAX];
	unsigned n_ends;
	int control;
	uint64_t parameter; /* for the client function */
};

typedef void rig_client(struct rig_side *side);

/* Zero-initialise, set rig, client and what differs from the defaults, and
 * open. */
struct rig_pair {
	struct rig *rig;
	rig_client *client; /* runs when both sides are ready */
	uint64_t max_bytes; /* 4096 */
	bool or_less; /* 4096 where the transport refuses max_bytes; read it
		       * after rig_open */
	unsigned n_channels; /* 1 */
	bool early; /* the client begins before the host accepts */
	uint64_t parameter; /* for the client function */
	/* In the new process. Where it goes to another world, join may say in
	 * a sentence that it can't work there: the case is left out. */
	void (*enter)(const struct rig_pair *pair);

	struct rig_side host;
	struct rig_side other;
	pthread_t thread;
	pid_t pid;
	bool joined; /* the client is over */
};

/* How long the case may wait for the other side by the control socket. */
#define RIG_PATIENCE_NS (UINT64_C(20) * 1000000000)
/* What a transport gets to notice something: cancel, the peer's end. The
 * contract says 100 ms; the rest is for machines with other work to do. */
#define RIG_NOTICE_NS UINT64_C(1000000000)

/* Prepares an end, so that offer or join can be called. */
void rig_end_init(struct rig_end *end, const struct rig *rig, uint32_t side,
		  uint64_t max_bytes);
void rig_offer_init(struct weir_offer *offer);
void rig_offer_close(struct weir_offer *offer); /* the descriptors left */

/* offer, with its result checked: skips the case where the transport says in
 * a sentence that it can't (a size, a combination of options). */
void rig_offer(struct rig_end *end, struct weir_offer *ret_offer);

void rig_open(struct rig_pair *pair);
/* Closes the host's ends, then waits for the client's end. */
void rig_close(struct rig_pair *pair);
/* The client has closed its ends and ended well when this returns. */
void rig_join_client(struct rig_pair *pair);
/* The client is killed, and gone when this returns (processes only). */
void rig_kill_client(struct rig_pair *pair);
void rig_close_end(struct rig_end *end);

/* One byte to the other side's rig_await. */
void rig_tell(struct rig_side *side, char word);
void rig_await(struct rig_side *side, char word);
/* The same with 0 … 9. */
void rig_tell_number(struct rig_side *side, unsigned n);
unsigned rig_await_number(struct rig_side *side);

/* send and recv that must succeed; messages from rig_fill(seed). */
void rig_send(struct rig_end *end, size_t len, uint32_t seed);
void rig_receive(struct rig_end *end, size_t len, uint32_t seed);

/* Sends to one who does not listen, from the seeds 0 … n - 1: as much as the
 * channel has room for where it can tell. Returns how many messages that is. */
unsigned rig_speak(struct rig_end *end, size_t len, unsigned n);

/* The status must be that one, with a sentence in the fault if a failure. */
void rig_expect(const struct rig_end *end, int status, int expected,
		const char *what);

void rig_fill(unsigned char *buf, size_t len, uint32_t seed);
bool rig_matches(const unsigned char *buf, size_t len, uint32_t seed);
/* A size in 1 … max, the same for the same i on both sides. */
size_t rig_some_size(uint32_t i, size_t max);
void *rig_buffer(const struct rig *rig, size_t len);

/* Clients that many cases share. */
rig_client rig_client_echo;  /* sends back, until the host has closed */
rig_client rig_client_idle;  /* awaits 'q' */
rig_client rig_client_long;  /* sends 4096 bytes, then the same */

#endif
