/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/mq/queue.h"

#include <assert.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "plugins/common/rendezvous.h"
#include "plugins/common/sysctl.h"

#define NAME_BYTES (RENDEZVOUS_NAME_BYTES + 1)

/* What the kernel charges for a message besides its bytes (64 bits): a header
 * and a node of a tree, 48 each. */
#define MESSAGE_EXTRA_BYTES 96u

/* ---- making one ---- */

/* EINVAL: one of two sysctls, which only CAP_SYS_RESOURCE passes. */
static int
queue_refuse_size(uint64_t depth, uint64_t bytes, struct weir_error *err)
{
	unsigned long long limit = sysctl_number("fs/mqueue/msgsize_max");

	if (limit && bytes > limit)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "mq carries at most %llu bytes here, not "
				      "%llu: raise the sysctl "
				      "fs.mqueue.msgsize_max (only "
				      "CAP_SYS_RESOURCE passes it) or use "
				      "another transport", limit,
				      (unsigned long long)bytes);
	limit = sysctl_number("fs/mqueue/msg_max");
	if (limit && depth > limit)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "depth = %llu is above the sysctl "
				      "fs.mqueue.msg_max (%llu), which only "
				      "CAP_SYS_RESOURCE passes: raise it, or "
				      "ask for less",
				      (unsigned long long)depth, limit);
	errno = EINVAL;
	return weir_error_errno(err, "cannot create a message queue for %llu "
				     "messages of %llu bytes",
				(unsigned long long)depth,
				(unsigned long long)bytes);
}

/* EMFILE: the memory of a user's queues, or his descriptors. */
static int
queue_refuse_memory(uint64_t depth, uint64_t bytes, struct weir_error *err)
{
	unsigned long long need = 2 * depth * (bytes + MESSAGE_EXTRA_BYTES);
	unsigned long long most = 0;
	unsigned long long limit;
	struct rlimit queues = { .rlim_cur = RLIM_INFINITY };

	if (getrlimit(RLIMIT_MSGQUEUE, &queues) < 0 ||
	    queues.rlim_cur >= need) {
		errno = EMFILE;
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "cannot create a message queue: other "
				      "queues of this user take the rest of "
				      "RLIMIT_MSGQUEUE (ulimit -q: %llu bytes, "
				      "and a channel needs %llu), or all "
				      "descriptors are in use (ulimit -n)",
				      (unsigned long long)queues.rlim_cur,
				      need);
	}
	limit = queues.rlim_cur;
	if (limit / 2 / depth > MESSAGE_EXTRA_BYTES)
		most = limit / 2 / depth - MESSAGE_EXTRA_BYTES;
	return weir_error_set(err, WEIR_ETOOBIG,
			      "mq carries at most %llu bytes with depth = %llu "
			      "here, not %llu: a queue each way has to fit "
			      "into RLIMIT_MSGQUEUE (%llu bytes); raise it "
			      "(ulimit -q) or use a smaller depth", most,
			      (unsigned long long)depth,
			      (unsigned long long)bytes, limit);
}

static int
queue_refuse(uint64_t depth, uint64_t bytes, struct weir_error *err)
{
	switch (errno) {
	case EINVAL:
	case EOVERFLOW:
		return queue_refuse_size(depth, bytes, err);
	case EMFILE:
		return queue_refuse_memory(depth, bytes, err);
	case ENOSPC:
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "there are as many message queues as the "
				      "sysctl fs.mqueue.queues_max (%llu) "
				      "allows: raise it, or use fewer "
				      "channels",
				      sysctl_number("fs/mqueue/queues_max"));
	case ENOSYS:
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "this kernel has no POSIX message queues "
				      "(CONFIG_POSIX_MQUEUE)");
	default:
		return weir_error_errno(err, "cannot create a message queue");
	}
}

int
queue_create(const struct weir_setup *setup, uint64_t depth, uint64_t bytes,
	     struct queue_ends *ret_ends, struct weir_error *err)
{
	struct mq_attr attr = {
		.mq_maxmsg = (long)depth,
		.mq_msgsize = (long)bytes,
	};
	char plain[RENDEZVOUS_NAME_BYTES];
	char name[NAME_BYTES];
	struct queue_ends ends;
	int rc = rendezvous_make_name(setup, "mq", plain, err);

	if (rc)
		return rc;
	snprintf(name, sizeof(name), "/%s", plain);
	ends.write_fd = mq_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600,
				&attr);
	if (ends.write_fd < 0)
		return queue_refuse(depth, bytes, err);
	ends.read_fd = mq_open(name, O_RDONLY);
	if (ends.read_fd < 0)
		rc = weir_error_errno(err, "cannot open the message queue "
					   "\"%s\"", name);
	if (mq_unlink(name) < 0 && rc == WEIR_OK)
		rc = weir_error_errno(err, "cannot unlink the message queue "
					   "\"%s\"", name);
	if (rc) {
		close(ends.write_fd);
		if (ends.read_fd >= 0)
			close(ends.read_fd);
		return rc;
	}
	*ret_ends = ends;
	return WEIR_OK;
}

int
queue_check(int fd, int mode, uint64_t bytes, struct weir_error *err)
{
	struct mq_attr attr;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_ACCMODE) != mode ||
	    mq_getattr(fd, &attr) < 0 || attr.mq_msgsize != (long)bytes)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a descriptor that the host offered is "
				      "not the %s end of a message queue for "
				      "%llu bytes",
				      mode == O_RDONLY ? "reading" : "writing",
				      (unsigned long long)bytes);
	return WEIR_OK;
}

/* ---- moving messages ---- */

void
queue_extend(struct queue *q)
{
	clock_gettime(CLOCK_REALTIME, &q->until);
	q->until.tv_nsec += WAIT_SLEEP_MS * 1000000L;
	if (q->until.tv_nsec >= 1000000000L) {
		q->until.tv_nsec -= 1000000000L;
		q->until.tv_sec++;
	}
	q->wait.n_syscalls++;
}

int
queue_init(struct queue *q, const struct weir_setup *setup, int fd,
	   short events, int alive_fd, uint32_t wait, uint64_t spin_ns,
	   struct weir_error *err)
{
	const struct mq_attr attr = {
		.mq_flags = wait == WAIT_BLOCK ? 0 : O_NONBLOCK,
	};
	int rc;

	static_assert(offsetof(struct queue, wait) == 0,
		      "a wait_call finds its queue at the wait");
	if (mq_setattr(fd, &attr, NULL) < 0)
		return weir_error_errno(err, "cannot set the mode of a "
					     "message queue");
	q->until = queue_long_ago;
	q->timed = true;
	rc = wait_init(&q->wait, setup, fd, events,
		       events == POLLIN ? queue_recv : queue_send, wait,
		       spin_ns, err);
	if (rc)
		return rc;
	return wait_watch(&q->wait, alive_fd, err);
}

void
queue_send_end(int fd)
{
	int saved = errno;

	if (mq_timedsend(fd, "", 0, 0, &queue_long_ago) < 0)
		errno = saved; /* full: who reads it is awake */
}

uint64_t
queue_depth(int fd)
{
	struct mq_attr attr;

	return mq_getattr(fd, &attr) < 0 ? 0 : (uint64_t)attr.mq_maxmsg;
}
