/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/battery.h"
#include "tests/conformance/leak.h"

#define RIG_LINE_BYTES 2048
#define RIG_MAX_BYTES 4096
#define RIG_SURELY_CARRIED 4096 /* no transport may refuse that size */

/* One write, so that lines of several processes do not mix. */
WEIR_PRINTF(3, 0) static void
rig_report(const struct rig *rig, char kind, const char *fmt, va_list ap)
{
	char line[RIG_LINE_BYTES];
	size_t n;

	line[0] = kind;
	vsnprintf(line + 1, sizeof(line) - 2, fmt, ap);
	for (n = 1; line[n]; n++) {
		if (line[n] == '\n')
			line[n] = ' ';
	}
	line[n++] = '\n';
	if (write(rig->report_fd, line, n) != (ssize_t)n)
		_exit(EXIT_FAILURE);
}

_Noreturn void
rig_fail(const struct rig *rig, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	rig_report(rig, RIG_FAILED, fmt, ap);
	va_end(ap);
	_exit(EXIT_FAILURE);
}

_Noreturn void
rig_skip(const struct rig *rig, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	rig_report(rig, RIG_SKIPPED, fmt, ap);
	va_end(ap);
	_exit(EXIT_FAILURE);
}

void
rig_remark(const struct rig *rig, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	rig_report(rig, RIG_REMARK, fmt, ap);
	va_end(ap);
}

/* The content of a message, eight bytes at a time: checked byte by byte, it
 * would be most of what a case costs under ThreadSanitizer. */
static uint64_t
rig_word(uint32_t seed, size_t at)
{
	uint64_t word = ((uint64_t)seed << 32 | (at + 1)) *
			UINT64_C(0x9e3779b97f4a7c15);

	return word ^ word >> 32; /* so that each byte depends on both */
}

void
rig_fill(unsigned char *buf, size_t len, uint32_t seed)
{
	size_t at = 0;
	uint64_t word;

	for (; len - at >= sizeof(word); at += sizeof(word)) {
		word = rig_word(seed, at);
		memcpy(buf + at, &word, sizeof(word));
	}
	word = rig_word(seed, at);
	memcpy(buf + at, &word, len - at);
}

bool
rig_matches(const unsigned char *buf, size_t len, uint32_t seed)
{
	size_t at = 0;
	uint64_t word;

	for (; len - at >= sizeof(word); at += sizeof(word)) {
		uint64_t got;

		memcpy(&got, buf + at, sizeof(got));
		if (got != rig_word(seed, at))
			return false;
	}
	word = rig_word(seed, at);
	return memcmp(buf + at, &word, len - at) == 0;
}

/* Most are small, some are as large as can be. */
size_t
rig_some_size(uint32_t i, size_t max)
{
	uint32_t x = (i + 1) * UINT32_C(2654435761);

	if (x >> 29 != 0 && max > 256)
		max = 256;
	return 1 + x % max;
}

void *
rig_buffer(const struct rig *rig, size_t len)
{
	void *buf = malloc(len ? len : 1);

	rig_check(rig, buf, "no memory for a buffer of %zu bytes", len);
	return buf;
}

void
rig_end_init(struct rig_end *end, const struct rig *rig, uint32_t side,
	     uint64_t max_bytes)
{
	memset(end, 0, sizeof(*end));
	end->rig = rig;
	end->ops = &rig->plugin->ops;
	end->setup = (struct weir_setup){
		.size = (uint32_t)sizeof(end->setup),
		.side = side,
		.n_channels = 1,
		.max_message_bytes = max_bytes,
		.options = rig->options,
		.services = plugin_services(),
		.cancel = &end->cancel,
		.fault = &end->fault,
		.directory = rig->directory,
	};
}

void
rig_offer_init(struct weir_offer *offer)
{
	memset(offer, 0, sizeof(*offer));
	offer->size = (uint32_t)sizeof(*offer);
	for (unsigned i = 0; i < WEIR_OFFER_FDS_MAX; i++)
		offer->fds[i] = -1;
}

void
rig_offer_close(struct weir_offer *offer)
{
	for (unsigned i = 0; i < WEIR_OFFER_FDS_MAX; i++) {
		if (offer->fds[i] >= 0)
			close(offer->fds[i]);
		offer->fds[i] = -1;
	}
}

/* A failed offer: may the case be left out for it? */
static _Noreturn void
rig_refused(const struct rig_end *end, int status,
	    const struct weir_error *err)
{
	const struct rig *rig = end->rig;
	uint64_t max = end->setup.max_message_bytes;

	rig_check(rig, err->text[0], "offer fails with \"%s\" and no sentence",
		  weir_status_text(status));
	rig_check(rig, !end->channel, "offer fails and leaves a channel");
	if (status == WEIR_ETOOBIG) {
		rig_check(rig, max > RIG_SURELY_CARRIED,
			  "offer refuses messages of %llu bytes: %s",
			  (unsigned long long)max, err->text);
		rig_check(rig, strpbrk(err->text, "0123456789"),
			  "the refusal of a size does not name the limit: %s",
			  err->text);
		rig_skip(rig, "refused: %s", err->text);
	}
	if ((status == WEIR_EINVALID || status == WEIR_EUNAVAILABLE) &&
	    !rig->plain)
		rig_skip(rig, "%s", err->text);
	rig_fail(rig, "offer fails with \"%s\": %s", weir_status_text(status),
		 err->text);
}

void
rig_offer(struct rig_end *end, struct weir_offer *ret_offer)
{
	const struct rig *rig = end->rig;
	struct weir_error err = { 0 };
	int status;

	rig_offer_init(ret_offer);
	status = end->ops->offer(&end->setup, ret_offer, &end->channel, &err);
	if (status != WEIR_OK)
		rig_refused(end, status, &err);
	rig_check(rig, end->channel, "offer succeeds and gives no channel");
	rig_check(rig, ret_offer->n_fds <= WEIR_OFFER_FDS_MAX,
		  "offer gives %u descriptors", ret_offer->n_fds);
	for (unsigned i = 0; i < WEIR_OFFER_FDS_MAX; i++)
		rig_check(rig, (ret_offer->fds[i] >= 0) ==
			  (i < ret_offer->n_fds),
			  "offer gives n_fds = %u and fds[%u] = %d",
			  ret_offer->n_fds, i, ret_offer->fds[i]);
	rig_check(rig, strnlen(ret_offer->address, WEIR_OFFER_ADDRESS_BYTES) <
		  WEIR_OFFER_ADDRESS_BYTES, "the address has no end");
	for (const char *c = ret_offer->address; *c; c++)
		rig_check(rig, *c > ' ' && *c < 127,
			  "the address is not printable");
}

union rig_ancillary {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * WEIR_OFFER_FDS_MAX)];
};

static void
rig_send_offer(struct rig_side *side, struct weir_offer *offer)
{
	union rig_ancillary ancillary;
	size_t fds_bytes = sizeof(int) * offer->n_fds;
	struct iovec iov = { offer, sizeof(*offer) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	memset(&ancillary, 0, sizeof(ancillary));
	if (offer->n_fds > 0) {
		struct cmsghdr *header;

		message.msg_control = &ancillary;
		message.msg_controllen = CMSG_SPACE(fds_bytes);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fds_bytes);
		memcpy(CMSG_DATA(header), offer->fds, fds_bytes);
	}
	rig_check(side->rig,
		  sendmsg(side->control, &message, MSG_NOSIGNAL) ==
			  (ssize_t)sizeof(*offer),
		  "can't hand over an offer: %s", strerror(errno));
	rig_offer_close(offer);
}

static void
rig_wait_control(const struct rig_side *side, char word)
{
	uint64_t deadline = clock_deadline_ns(RIG_PATIENCE_NS);
	struct pollfd p = { .fd = side->control, .events = POLLIN };
	int rc;

	do {
		rc = poll(&p, 1, clock_poll_timeout_ms(deadline));
	} while (rc < 0 && errno == EINTR);
	rig_check(side->rig, rc > 0,
		  "the %s waits in vain for the other side's '%c'",
		  side->end[0].setup.side == WEIR_SIDE_HOST ? "host"
							    : "client",
		  word);
}

static void
rig_receive_offer(struct rig_side *side, struct weir_offer *ret_offer)
{
	union rig_ancillary ancillary;
	struct iovec iov = { ret_offer, sizeof(*ret_offer) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	struct cmsghdr *header;

	rig_wait_control(side, 'o');
	rig_check(side->rig,
		  recvmsg(side->control, &message, MSG_CMSG_CLOEXEC) ==
			  (ssize_t)sizeof(*ret_offer),
		  "the host ended before its offer");
	for (unsigned i = 0; i < WEIR_OFFER_FDS_MAX; i++)
		ret_offer->fds[i] = -1;
	header = CMSG_FIRSTHDR(&message);
	if (header)
		memcpy(ret_offer->fds, CMSG_DATA(header),
		       header->cmsg_len - CMSG_LEN(0));
}

void
rig_tell(struct rig_side *side, char word)
{
	rig_check(side->rig,
		  send(side->control, &word, 1, MSG_NOSIGNAL) == 1,
		  "can't tell the other side '%c': %s", word,
		  strerror(errno));
}

static char
rig_hear(struct rig_side *side, char word)
{
	char said = 0;

	rig_wait_control(side, word);
	rig_check(side->rig, recv(side->control, &said, 1, 0) == 1,
		  "the other side ended before '%c'", word);
	return said;
}

void
rig_await(struct rig_side *side, char word)
{
	char said = rig_hear(side, word);

	rig_check(side->rig, said == word,
		  "the other side says '%c' instead of '%c'", said, word);
}

void
rig_tell_number(struct rig_side *side, unsigned n)
{
	rig_tell(side, (char)('0' + n));
}

unsigned
rig_await_number(struct rig_side *side)
{
	char said = rig_hear(side, '#');

	rig_check(side->rig, said >= '0' && said <= '9',
		  "the other side says '%c' instead of a number", said);
	return (unsigned)(said - '0');
}

void
rig_close_end(struct rig_end *end)
{
	end->ops->close(end->channel);
	end->channel = NULL;
}

/* The client's life, in its thread or process. */
static void
rig_client_main(struct rig_pair *pair)
{
	struct rig_side *side = &pair->other;

	if (pair->enter)
		pair->enter(pair);
	for (unsigned i = 0; i < side->n_ends; i++) {
		struct rig_end *end = &side->end[i];
		struct weir_error err = { 0 };
		struct weir_offer offer;
		int status;

		rig_receive_offer(side, &offer);
		status = end->ops->join(&end->setup, &offer, &end->channel,
					&err);
		if (status == WEIR_EUNAVAILABLE && pair->enter && err.text[0])
			rig_skip(side->rig, "join refuses: %s", err.text);
		rig_check(side->rig, status == WEIR_OK,
			  "join fails with \"%s\": %s",
			  weir_status_text(status), err.text);
		rig_check(side->rig, end->channel,
			  "join succeeds and gives no channel");
		rig_offer_close(&offer);
	}
	rig_tell(side, 'j');
	rig_await(side, 'g');
	pair->client(side);
	for (unsigned i = 0; i < side->n_ends; i++)
		rig_close_end(&side->end[i]);
	close(side->control);
}

static void *
rig_client_thread(void *context)
{
	rig_client_main(context);
	return NULL;
}

/* What exec would do to the descriptors of a client that is forked while the
 * host has a channel already. */
static void
rig_close_as_exec(const struct rig_pair *pair)
{
	struct leak_fds fds;

	leak_take_fds(&fds);
	for (size_t i = 0; i < fds.n; i++) {
		int fd = fds.at[i];

		if (fd != pair->other.control && fd != pair->rig->report_fd &&
		    (fcntl(fd, F_GETFD) & FD_CLOEXEC))
			close(fd);
	}
}

static void
rig_fork_client(struct rig_pair *pair)
{
	pair->pid = fork();
	rig_check(pair->rig, pair->pid >= 0, "can't fork: %s",
		  strerror(errno));
	if (pair->pid > 0) {
		close(pair->other.control);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	rig_close_as_exec(pair);
	rig_client_main(pair);
	exit(EXIT_SUCCESS);
}

static void
rig_side_init(const struct rig_pair *pair, struct rig_side *side,
	      uint32_t number, int control)
{
	side->rig = pair->rig;
	side->n_ends = pair->n_channels;
	side->control = control;
	side->parameter = pair->parameter;
	for (unsigned i = 0; i < side->n_ends; i++) {
		rig_end_init(&side->end[i], pair->rig, number,
			     pair->max_bytes);
		side->end[i].setup.channel_index = i;
		side->end[i].setup.n_channels = side->n_ends;
	}
}

static void
rig_start_client(struct rig_pair *pair, uint32_t mode)
{
	int rc;

	if (pair->rig->mode != mode)
		return;
	if (mode != BATTERY_THREAD) {
		rig_fork_client(pair);
		return;
	}
	rc = pthread_create(&pair->thread, NULL, rig_client_thread, pair);
	rig_check(pair->rig, rc == 0, "can't make a thread: %s", strerror(rc));
}

static void
rig_accept(struct rig_end *end)
{
	struct weir_error err = { 0 };
	int status;

	if (!end->ops->accept)
		return;
	status = end->ops->accept(end->channel,
				  clock_deadline_ns(RIG_PATIENCE_NS), &err);
	rig_check(end->rig, status == WEIR_OK, "accept fails with \"%s\": %s",
		  weir_status_text(status), err.text);
}

/* The case does not need the size: it is made one that is carried. */
static void
rig_fit_size(struct rig_pair *pair)
{
	struct rig_end end;
	struct weir_offer offer;
	struct weir_error err = { 0 };
	int status;

	rig_end_init(&end, pair->rig, WEIR_SIDE_HOST, pair->max_bytes);
	rig_offer_init(&offer);
	status = end.ops->offer(&end.setup, &offer, &end.channel, &err);
	if (status == WEIR_ETOOBIG)
		pair->max_bytes = RIG_SURELY_CARRIED;
	if (status == WEIR_OK)
		rig_close_end(&end);
	rig_offer_close(&offer);
}

void
rig_open(struct rig_pair *pair)
{
	const struct timespec early = { .tv_nsec = 20 * (long)NS_PER_MS };
	struct weir_offer offers[RIG_CHANNELS_MAX];
	int fds[2];

	if (!pair->max_bytes)
		pair->max_bytes = RIG_MAX_BYTES;
	if (pair->or_less)
		rig_fit_size(pair);
	if (!pair->n_channels)
		pair->n_channels = 1;
	rig_check(pair->rig,
		  socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) ==
			  0, "can't make a socketpair: %s", strerror(errno));
	rig_side_init(pair, &pair->host, WEIR_SIDE_HOST, fds[0]);
	rig_side_init(pair, &pair->other, WEIR_SIDE_CLIENT, fds[1]);
	rig_start_client(pair, BATTERY_THREAD);
	rig_start_client(pair, BATTERY_PROCESS);
	for (unsigned i = 0; i < pair->n_channels; i++)
		rig_offer(&pair->host.end[i], &offers[i]);
	rig_start_client(pair, BATTERY_LATE);
	for (unsigned i = 0; i < pair->n_channels; i++)
		rig_send_offer(&pair->host, &offers[i]);
	rig_await(&pair->host, 'j');
	if (pair->early) {
		rig_tell(&pair->host, 'g');
		clock_nanosleep(CLOCK_MONOTONIC, 0, &early, NULL);
	}
	for (unsigned i = 0; i < pair->n_channels; i++)
		rig_accept(&pair->host.end[i]);
	if (!pair->early)
		rig_tell(&pair->host, 'g');
}

static int
rig_wait_process(struct rig_pair *pair)
{
	int status = 0;
	pid_t pid;

	do {
		pid = waitpid(pair->pid, &status, 0);
	} while (pid < 0 && errno == EINTR);
	rig_check(pair->rig, pid == pair->pid,
		  "can't wait for the client: %s", strerror(errno));
	pair->joined = true;
	return status;
}

void
rig_join_client(struct rig_pair *pair)
{
	int status;

	if (pair->joined)
		return;
	if (pair->rig->mode == BATTERY_THREAD) {
		pthread_join(pair->thread, NULL);
		pair->joined = true;
		return;
	}
	status = rig_wait_process(pair);
	rig_check(pair->rig, !WIFSIGNALED(status),
		  "the client died of signal %d (%s)", WTERMSIG(status),
		  strsignal(WTERMSIG(status)));
	rig_check(pair->rig, WEXITSTATUS(status) == 0,
		  "the client ended with status %d", WEXITSTATUS(status));
}

void
rig_close(struct rig_pair *pair)
{
	for (unsigned i = 0; i < pair->n_channels; i++)
		rig_close_end(&pair->host.end[i]);
	rig_join_client(pair);
	close(pair->host.control);
}

void
rig_kill_client(struct rig_pair *pair)
{
	kill(pair->pid, SIGKILL);
	rig_wait_process(pair);
}

void
rig_expect(const struct rig_end *end, int status, int expected,
	   const char *what)
{
	rig_check(end->rig, status == expected,
		  "%s gives \"%s\" (%s) instead of \"%s\"", what,
		  weir_status_text(status),
		  status ? end->fault.text : "no fault",
		  weir_status_text(expected));
	rig_check(end->rig, status == WEIR_OK || status == WEIR_EAGAIN ||
		  end->fault.text[0], "%s fails with \"%s\" and no sentence",
		  what, weir_status_text(status));
}

void
rig_send(struct rig_end *end, size_t len, uint32_t seed)
{
	unsigned char *buf = rig_buffer(end->rig, len);

	rig_fill(buf, len, seed);
	rig_expect(end, end->ops->send(end->channel, buf, len, 0), WEIR_OK,
		   "send");
	free(buf);
}

void
rig_receive(struct rig_end *end, size_t len, uint32_t seed)
{
	size_t cap = (size_t)end->setup.max_message_bytes;
	unsigned char *buf = rig_buffer(end->rig, cap);
	size_t got = 0;

	rig_expect(end, end->ops->recv(end->channel, buf, cap, &got), WEIR_OK,
		   "recv");
	rig_check(end->rig, got == len,
		  "message %u has %zu bytes instead of %zu", seed, got, len);
	rig_check(end->rig, rig_matches(buf, len, seed),
		  "message %u of %zu bytes has other content", seed, len);
	free(buf);
}

unsigned
rig_speak(struct rig_end *end, size_t len, unsigned n)
{
	unsigned char *buf = rig_buffer(end->rig, len);
	int status = WEIR_OK;
	unsigned i;

	for (i = 0; i < n; i++) {
		rig_fill(buf, len, i);
		if (i > 0 && end->ops->capabilities & WEIR_CAP_TRY)
			status = end->ops->try_send(end->channel, buf, len, 0);
		else
			status = end->ops->send(end->channel, buf, len, 0);
		if (status == WEIR_EAGAIN)
			break;
		rig_expect(end, status, WEIR_OK,
			   "send to one who does not listen");
	}
	free(buf);
	return i;
}

void
rig_client_echo(struct rig_side *side)
{
	struct rig_end *end = &side->end[0];
	size_t cap = (size_t)end->setup.max_message_bytes;
	unsigned char *buf = rig_buffer(side->rig, cap);

	for (;;) {
		size_t len = 0;
		int status = end->ops->recv(end->channel, buf, cap, &len);

		if (status == WEIR_EPEER)
			break;
		rig_expect(end, status, WEIR_OK, "recv");
		rig_check(side->rig, len > 0 && len <= cap,
			  "recv gives a message of %zu bytes", len);
		rig_expect(end, end->ops->send(end->channel, buf, len, 0),
			   WEIR_OK, "send");
	}
	free(buf);
}

void
rig_client_idle(struct rig_side *side)
{
	rig_await(side, 'q');
}

/* The host may have refused it, and be gone, before all of it is sent. */
void
rig_client_long(struct rig_side *side)
{
	struct rig_end *end = &side->end[0];
	unsigned char buf[4096] = { 0 };
	int status = end->ops->send(end->channel, buf, sizeof(buf), 0);

	if (status != WEIR_EPEER)
		rig_expect(end, status, WEIR_OK, "send");
	rig_await(side, 'q');
}
