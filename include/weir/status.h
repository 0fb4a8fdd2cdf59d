/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status codes: what every operation of weir returns.
 *
 * 0 is success, everything else is a failure of a named kind. The kind
 * decides what the program does (which exit code, whether other cells go
 * on); the sentence for the reader travels beside it in a struct
 * weir_error (error.h). Codes are only ever appended.
 */
#ifndef WEIR_STATUS_H
#define WEIR_STATUS_H

/* X(name, number, text): the one list that everything else is made of. */
#define WEIR_STATUS_LIST(X)                                                \
	X(WEIR_OK, 0, "success")                                           \
	X(WEIR_EINVALID, 1, "invalid argument or configuration")           \
	X(WEIR_EUNAVAILABLE, 2, "not possible on this machine")            \
	X(WEIR_ESYSTEM, 3, "system call failed")                           \
	X(WEIR_ENOMEMORY, 4, "out of memory")                              \
	X(WEIR_ETIMEOUT, 5, "deadline passed")                             \
	X(WEIR_ECANCELED, 6, "canceled")                                   \
	X(WEIR_EPEER, 7, "the other side is gone")                         \
	X(WEIR_EPROTOCOL, 8, "the other side broke the protocol")          \
	X(WEIR_EAGAIN, 9, "would have to wait")                            \
	X(WEIR_ETOOBIG, 10, "message larger than the transport can carry") \
	X(WEIR_EINTEGRITY, 11, "messages were lost, duplicated or damaged")

#define WEIR_STATUS_ENUM_(name, number, text) name = number,
enum weir_status { WEIR_STATUS_LIST(WEIR_STATUS_ENUM_) };
#undef WEIR_STATUS_ENUM_

/* The text of a status: a constant, never NULL. Any thread. */
static inline const char *
weir_status_text(int status)
{
#define WEIR_STATUS_CASE_(name, number, text) \
	case number:                          \
		return text;
	switch (status) {
		WEIR_STATUS_LIST(WEIR_STATUS_CASE_)
	default:
		return "unknown status";
	}
#undef WEIR_STATUS_CASE_
}

#endif
