/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport ABI: everything that a plugin needs.
 *
 * A transport is a module (one .so) that exports exactly one symbol,
 *
 *	WEIR_TRANSPORT = { WEIR_TRANSPORT_HEAD, .name = "uds", ... };
 *
 * a const struct weir_transport: what it is called, which options it has,
 * and the operations below. weir loads it with dlopen (bind now, local
 * symbols); services of the host program come in through a const table, so
 * that a module has no undefined symbols but those of libc and of libraries
 * that it names itself.
 *
 * Lifecycle of one channel
 *
 *	 host                                       client
 *	 ----                                       ------
 *	 offer() ── address + descriptors ────────► join()
 *	         (over the control socket)            │
 *	 accept() ◄─────── "joined" ──────────────────┘
 *	   │                                          │
 *	   ├─ send/recv, try_*, loan/borrow, flush ───┤  one thread per side
 *	   │                                          │
 *	 collect()                                  collect()
 *	 close()                                    close()
 *
 * A channel is full duplex: what either side sends, the other side receives,
 * whole and in order, and never the sender itself. Each side uses its channel
 * from one thread at a time; that thread changes only between operations:
 * offer, join, accept, collect and close run on the coordinating thread,
 * messages on a measuring one. (With the pattern connect the measuring thread
 * does all of it.) Several channels of one transport live in a process at the
 * same time, and are made and closed then: a transport keeps no state outside
 * its channels.
 *
 * After a failed offer or join there is no channel, and nothing is left
 * behind: the core does not look at what a failed offer gave, so descriptors
 * that are in it already have to be closed. After any successful one, close()
 * is always called, whatever happened in between.
 *
 * SIGPIPE is ignored by the process that loads the module, on both sides: a
 * write to a pipe or socket whose other end is gone fails with EPIPE.
 *
 * The other side may be hostile. Every index, length and descriptor that
 * comes from it is checked once, where it enters; it can make an operation
 * fail with WEIR_EPROTOCOL, never crash, hang or read out of bounds.
 *
 * ABI changelog (newest first; an addition appends members and raises the
 * minor number, anything else raises the major one)
 *
 *	1.2  2026-11-26  WEIR_CAP_MANY: send_many, recv_many;
 *	                 WEIR_CAP_FIXED_FDS; WEIR_CAP_UNTIL: recv_until
 *	1.1  2026-11-23  WEIR_CAP_UNSEALED
 *	1.0  2026-11-22  first version
 */
#ifndef WEIR_TRANSPORT_H
#define WEIR_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>
#include <weir/option.h>
#include <weir/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_ABI_MAJOR 1u
#define WEIR_ABI_MINOR 2u
#define WEIR_ABI (WEIR_ABI_MAJOR << 16 | WEIR_ABI_MINOR)

/* Largest message of all transports, in bytes. */
#define WEIR_MESSAGE_BYTES_MAX (UINT64_C(16) << 20)

/* ------------------------------------------------------------------ */
/* Capabilities: data, and in agreement with the pointers present.     */

#define WEIR_CAP_TRY UINT64_C(0x1)      /* try_send and try_recv */
#define WEIR_CAP_LOAN UINT64_C(0x2)     /* loan and commit */
#define WEIR_CAP_BORROW UINT64_C(0x4)   /* borrow and release */
#define WEIR_CAP_FLUSH UINT64_C(0x8)    /* flush; send honours MORE */
#define WEIR_CAP_LOOPBACK UINT64_C(0x10) /* no other side: recv returns what
					  * send was given (null) */
#define WEIR_CAP_LOSSY UINT64_C(0x20)   /* may drop messages by design */
#define WEIR_CAP_PATH UINT64_C(0x40)    /* has an option `rendezvous` that
					  * can be "path" */
#define WEIR_CAP_UNSEALED UINT64_C(0x80) /* with that, the sides share memory
					  * that can't be sealed: who truncates
					  * it ends both (SIGBUS). Refused
					  * across a container's boundary,
					  * unless trust_peer is set */
#define WEIR_CAP_MANY UINT64_C(0x100)   /* send_many and recv_many */
#define WEIR_CAP_FIXED_FDS UINT64_C(0x200) /* the operations on messages
					    * neither open nor close
					    * descriptors: they may run where
					    * the thread has a copy of the
					    * table to itself, which makes
					    * each system call cheaper */
#define WEIR_CAP_UNTIL UINT64_C(0x400)  /* recv_until */

/* ------------------------------------------------------------------ */
/* What the core hands in.                                             */

#define WEIR_LOG_ERROR 0
#define WEIR_LOG_WARN 1
#define WEIR_LOG_INFO 2
#define WEIR_LOG_DEBUG 3
#define WEIR_LOG_TRACE 4

/*
 * Services of the host program. Lives as long as the module is loaded.
 * Every function may be called from any thread.
 */
struct weir_services {
	uint32_t abi;  /* WEIR_ABI of the core */
	uint32_t size; /* sizeof(struct weir_services) in the core */

	/* Writes one line to the log at a WEIR_LOG_* level. Preserves errno.
	 * Never from send, recv and the like, but to say that they fail. */
	void (*log)(int level, const char *fmt, ...) WEIR_PRINTF(2, 3);

	/* The clock of this run, in ns: CLOCK_MONOTONIC, or, where the run asks
	 * for another (clock = "tsc"), one on the same scale. */
	uint64_t (*now_ns)(void);
};

#define WEIR_SIDE_HOST 0u
#define WEIR_SIDE_CLIENT 1u

/*
 * What a channel is made from; borrowed by offer and join, and valid until
 * close returns (a channel may keep the pointer).
 */
struct weir_setup {
	uint32_t size;          /* sizeof(struct weir_setup) in the core */
	uint32_t side;          /* WEIR_SIDE_HOST or WEIR_SIDE_CLIENT */
	uint32_t channel_index; /* 0 … n_channels - 1, the same on both sides */
	uint32_t n_channels;    /* channels of this trial */

	/* No message will be longer; 1 … WEIR_MESSAGE_BYTES_MAX. A transport
	 * that can't carry it fails offer with WEIR_ETOOBIG and a sentence
	 * that names the limit; it never clamps. */
	uint64_t max_message_bytes;

	/* The options struct of the plugin, filled and checked. */
	const void *options;

	const struct weir_services *services;

	/* Becomes non-zero when the channel must end; see weir_canceled(). */
	const uint32_t *cancel;

	/* Where send, recv and the other operations without an error
	 * parameter write the sentence for their failure. */
	struct weir_error *fault;

	/* A directory, private to this run, that both sides see (perhaps
	 * under different names); NULL where there is none. An address that
	 * does not begin with '/' is relative to it. */
	const char *directory;
};

/*
 * True when the run has been told to end. A transport tests this whenever
 * it has waited, spun for a while, or been interrupted (EINTR), so that
 * every operation returns WEIR_ECANCELED within 100 ms. The core interrupts
 * blocked system calls by a signal, repeatedly until the thread is back;
 * a plugin never blocks signals. Any thread; one load, no order.
 */
static inline int
weir_canceled(const struct weir_setup *setup)
{
	return __atomic_load_n(setup->cancel, __ATOMIC_RELAXED) != 0;
}

#define WEIR_OFFER_ADDRESS_BYTES 256
#define WEIR_OFFER_FDS_MAX 16

/* What offer gives and join takes. Zeroed by the core, fds all -1. */
struct weir_offer {
	uint32_t size; /* sizeof(struct weir_offer) in the core */
	uint32_t n_fds;
	int32_t fds[WEIR_OFFER_FDS_MAX];
	/* Printable, NUL-terminated, may be empty. On the client it comes
	 * from the other side: check it. */
	char address[WEIR_OFFER_ADDRESS_BYTES];
};

/* ------------------------------------------------------------------ */
/* Counters: what a transport can tell about its own work.             */

#define WEIR_COUNTER_NAME_BYTES 32
#define WEIR_COUNTERS_MAX 32

/*
 * Counted since the channel was made, warm-up and all. Over channels and
 * trials weir adds them up; of a name that ends in _bytes the largest stays.
 * Names in use, where they apply: syscalls, wakeups (wake-up calls made),
 * sleeps (times it went to sleep), spins (rounds of a spin loop), stalls
 * (send found no room), partial_sends, partial_receives, canceled,
 * sndbuf_bytes, rcvbuf_bytes, pipe_bytes, ring_bytes (sizes granted),
 * queue_depth (messages).
 */
struct weir_counter {
	char name[WEIR_COUNTER_NAME_BYTES]; /* lower case, '_', unit suffix */
	uint64_t value;
};

struct weir_counters {
	uint32_t size; /* sizeof(struct weir_counters) in the core */
	uint32_t n;
	struct weir_counter at[WEIR_COUNTERS_MAX];
};

/* Appends a counter; beyond WEIR_COUNTERS_MAX it is left out. The name is
 * copied, and cut where it is too long. For collect, on its thread. */
static inline void
weir_counters_add(struct weir_counters *counters, const char *name,
		  uint64_t value)
{
	struct weir_counter *c;

	if (counters->n >= WEIR_COUNTERS_MAX)
		return;
	c = &counters->at[counters->n++];
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->value = value;
}

/* ------------------------------------------------------------------ */
/* The operations.                                                     */

/* Flag of send and commit: another message follows at once, so publication
 * may be put off. A message without it, and flush, publish everything; a
 * lone message never waits. Without WEIR_CAP_FLUSH it has no effect. */
#define WEIR_SEND_MORE 0x1u

/* The most messages of one send_many or recv_many. */
#define WEIR_MANY_MAX 1024u

/* One end of a channel: defined by the plugin, opaque to the core. */
struct weir_channel;

struct weir_transport {
	uint32_t abi;  /* WEIR_ABI that the plugin was compiled with */
	uint32_t size; /* sizeof(struct weir_transport), likewise */

	const char *name;      /* as in a config; equal to the file name */
	const char *summary;   /* one line for `weir list` */
	uint64_t capabilities; /* WEIR_CAP_* */

	/* The option table (NULL if none) and the size of the struct that it
	 * fills. option_bytes is sizeof(struct weir_option). */
	const struct weir_option *options;
	uint32_t n_options;
	uint32_t option_bytes;
	uint64_t options_struct_bytes;

	/*
	 * Host: creates the endpoint; does not wait for the other side. On
	 * success *ret_channel is the new channel (the core closes it) and
	 * *ret_offer holds the address and up to 16 descriptors for the
	 * client; those descriptors now belong to the core, which closes them
	 * once they are sent: they are copies, or ends that the host does not
	 * need.
	 * Errors: EINVALID (options that exclude each other), EUNAVAILABLE,
	 * ETOOBIG, ENOMEMORY, ESYSTEM.
	 */
	int (*offer)(const struct weir_setup *setup,
		     struct weir_offer *ret_offer,
		     struct weir_channel **ret_channel, struct weir_error *err);

	/*
	 * Client: attaches to an offer. Called on the coordinating thread;
	 * may not depend on the host's accept having run; nor may the
	 * client's recv, which comes before it at times and then waits, as the
	 * host has not closed. (Its first send comes after.) A descriptor that
	 * the channel keeps is replaced by -1 in the offer; the core closes
	 * the others. Checks everything in the offer.
	 * Errors: as offer, and EPROTOCOL, EPEER.
	 */
	int (*join)(const struct weir_setup *setup, struct weir_offer *offer,
		    struct weir_channel **ret_channel, struct weir_error *err);

	/*
	 * Host, optional: completes the channel after the client has joined.
	 * Coordinating thread; waits until deadline_ns (CLOCK_MONOTONIC) at
	 * most. Errors: ETIMEOUT, ECANCELED, EPEER, ESYSTEM.
	 */
	int (*accept)(struct weir_channel *channel, uint64_t deadline_ns,
		      struct weir_error *err);

	/*
	 * Both sides: sends one whole message of len bytes (1 …
	 * max_message_bytes) from buf (borrowed for the call); waits for room
	 * by the strategy that the options chose. `flags`: WEIR_SEND_*. A send
	 * that was canceled or failed ends the channel: only close may follow.
	 * Errors: ECANCELED, EPEER, EPROTOCOL, ETOOBIG (no bytes at all, too),
	 * ESYSTEM.
	 */
	int (*send)(struct weir_channel *channel, const void *buf, size_t len,
		    uint32_t flags);

	/*
	 * Both sides: waits for one whole message, puts it into buf (cap bytes,
	 * borrowed for the call) and sets *ret_len. A message longer than cap
	 * is EPROTOCOL. Errors as send; EPEER when the other side has closed
	 * and everything it sent was received.
	 */
	int (*recv)(struct weir_channel *channel, void *buf, size_t cap,
		    size_t *ret_len);

	/*
	 * Optional (WEIR_CAP_TRY): the same without waiting; EAGAIN, without a
	 * sentence, where they would have to. A try_send that returned EAGAIN
	 * may have taken a part of the message: the next send or try_send on
	 * this channel must be given the same message. Likewise try_recv keeps
	 * a part that it has read inside the channel or in buf, and the next
	 * recv or try_recv must be given the same buf.
	 */
	int (*try_send)(struct weir_channel *channel, const void *buf,
			size_t len, uint32_t flags);
	int (*try_recv)(struct weir_channel *channel, void *buf, size_t cap,
			size_t *ret_len);

	/* Optional (WEIR_CAP_FLUSH): publishes everything sent with MORE.
	 * Errors as send. */
	int (*flush)(struct weir_channel *channel);

	/*
	 * Optional (WEIR_CAP_LOAN): loan gives len bytes of the channel's own
	 * memory to write a message into, waiting like send; it is borrowed
	 * until commit, which sends it (the same buf; len may have shrunk).
	 * One loan at a time; commit is always called. A transport that has
	 * no piece of memory of that length fails loan with WEIR_ETOOBIG and a
	 * sentence that names the limit. Errors as send.
	 */
	int (*loan)(struct weir_channel *channel, size_t len, void **ret_buf);
	int (*commit)(struct weir_channel *channel, void *buf, size_t len,
		      uint32_t flags);

	/*
	 * Optional (WEIR_CAP_BORROW): borrow waits like recv and gives the
	 * next message in place; the bytes may be changed by the other side at
	 * any time, so they are read once. release gives the room back (the
	 * same buf, which is the channel's again). One borrow at a time;
	 * release is always called. Errors as recv.
	 */
	int (*borrow)(struct weir_channel *channel, const void **ret_buf,
		      size_t *ret_len);
	int (*release)(struct weir_channel *channel, const void *buf);

	/*
	 * Optional: appends the counters of this end (zeroed by the core
	 * before), and changes none: called again, it says the same. Does not
	 * fail. Coordinating thread, between the last message and close.
	 */
	void (*collect)(const struct weir_channel *channel,
			struct weir_counters *ret_counters);

	/*
	 * Frees the channel (NULL is allowed) and everything that it made in
	 * any namespace: descriptors, mappings, files. Does not wait, does
	 * not fail. Coordinating thread, once. Either side may close first, or
	 * be dead.
	 */
	void (*close)(struct weir_channel *channel);

	/* ---- since 1.2 ---- */

	/*
	 * Optional (WEIR_CAP_MANY): sends n messages (1 … WEIR_MANY_MAX) of
	 * len bytes each, which begin stride bytes apart from buf on: like n
	 * sends of which all but the last have MORE, in as few publications or
	 * system calls as there can be. Returns when all are sent. Errors as
	 * send; some of them may then have been sent.
	 */
	int (*send_many)(struct weir_channel *channel, const void *buf,
			 size_t stride, size_t len, size_t n);

	/*
	 * Likewise: waits for one message like recv, and takes with it those
	 * behind it that are there already, n at most, in as few steps as there
	 * can be, into places of cap bytes (<= stride) that begin stride bytes
	 * apart.
	 * Sets *ret_n, and ret_lens[i] for each (n of them, the caller's).
	 * Goes together with recv and try_recv in any order. Errors as recv.
	 */
	int (*recv_many)(struct weir_channel *channel, void *buf,
			 size_t stride, size_t cap, size_t n, size_t *ret_lens,
			 size_t *ret_n);

	/*
	 * Optional (WEIR_CAP_UNTIL): recv that waits until deadline_ns (of
	 * services->now_ns) at most, then returns EAGAIN, as try_recv does and
	 * with the same consequence; a deadline that has passed makes it
	 * try_recv. It waits by the strategy that the options chose: where recv
	 * may sleep, this does. Best within a few us of the deadline, and never
	 * before it.
	 */
	int (*recv_until)(struct weir_channel *channel, void *buf, size_t cap,
			  size_t *ret_len, uint64_t deadline_ns);
};

/* The one symbol that a module exports. */
#if defined(__GNUC__)
#define WEIR_EXPORT_ __attribute__((visibility("default"), used))
#else
#define WEIR_EXPORT_
#endif

#define WEIR_TRANSPORT_SYMBOL "weir_transport"
extern const struct weir_transport weir_transport;
#define WEIR_TRANSPORT WEIR_EXPORT_ const struct weir_transport weir_transport

/* The first two members, which the core believes before it reads more. */
#define WEIR_TRANSPORT_HEAD \
	.abi = WEIR_ABI, .size = (uint32_t)sizeof(struct weir_transport)

/* The members that describe an option table: an array of rows and the
 * struct that it fills. */
#define WEIR_TRANSPORT_OPTIONS(rows, type)                              \
	.options = (rows),                                              \
	.n_options = (uint32_t)(sizeof(rows) / sizeof((rows)[0])),      \
	.option_bytes = (uint32_t)sizeof(struct weir_option),           \
	.options_struct_bytes = sizeof(type)

#ifdef __cplusplus
}
#endif

#endif
