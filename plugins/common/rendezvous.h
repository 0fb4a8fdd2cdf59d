/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meeting by name (rendezvous = path): a file with an unpredictable name in
 * a directory that both sides see. The name goes to the other side as the
 * address; where the directory lies, each side knows for itself (its option
 * `directory`, else the directory of the run), so that an address can't point
 * a client anywhere else.
 */
#ifndef PLUGINS_COMMON_RENDEZVOUS_H
#define PLUGINS_COMMON_RENDEZVOUS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <weir/transport.h>

/* Values of the option `rendezvous`: indices into rendezvous_choices. */
#define RENDEZVOUS_FD 0u
#define RENDEZVOUS_PATH 1u

extern const char *const rendezvous_choices[];

/* The two rows of a table whose struct has the members `uint32_t rendezvous`
 * and `const char *directory`; thing is a literal like "a socket file". */
#define RENDEZVOUS_OPTION_ROWS(record, thing)                                \
	{                                                                  \
		.name = "rendezvous", .type = WEIR_OPTION_CHOICE,          \
		.default_text = "fd", .choices = rendezvous_choices,       \
		.help = "how the sides meet: fd (descriptors travel over " \
			"the control socket: nothing has a name, nothing " \
			"can be left behind) or path (" thing " in a "     \
			"directory that both sides see)",                  \
		.offset = offsetof(record, rendezvous),                      \
	},                                                                 \
	{                                                                  \
		.name = "directory", .type = WEIR_OPTION_STRING,           \
		.default_text = "",                                        \
		.help = "with rendezvous = path: the directory for "       \
			thing "; empty is the run's own private "          \
			"directory, and any other must exist on both "     \
			"sides under this name",                           \
		.offset = offsetof(record, directory),                       \
	}

/* Long enough for every name made here. */
#define RENDEZVOUS_NAME_BYTES 64

/*
 * Opens the directory of this side (option_directory where not empty, else
 * that of the setup); *ret_fd is the caller's. Errors: EINVALID where there
 * is none, ESYSTEM.
 */
int rendezvous_open_directory(const struct weir_setup *setup,
			      const char *option_directory, int *ret_fd,
			      struct weir_error *err) WEIR_MUST_USE;

/* The path of that directory, for sentences; borrowed, never NULL. */
const char *rendezvous_directory(const struct weir_setup *setup,
				 const char *option_directory);

/* A fresh name: weir-PREFIX-PID-CHANNEL-RANDOM. Errors: ESYSTEM. */
int rendezvous_make_name(const struct weir_setup *setup, const char *prefix,
			 char ret_name[RENDEZVOUS_NAME_BYTES],
			 struct weir_error *err) WEIR_MUST_USE;

/*
 * Client: where the host of that offer waits. Takes its address for a plain
 * file name, and nothing but that (no '/', no "..", a bounded length), and
 * opens the directory of this side as above. Errors: EPROTOCOL, also where
 * the offer brought descriptors; those of rendezvous_open_directory.
 */
int rendezvous_find(const struct weir_setup *setup,
		    const struct weir_offer *offer,
		    const char *option_directory,
		    char ret_name[RENDEZVOUS_NAME_BYTES], int *ret_fd,
		    struct weir_error *err) WEIR_MUST_USE;

/*
 * Gives a file just made (type: S_IFSOCK or S_IFIFO, mode 0600) to the owner
 * of its directory, who is the one that is to reach it. Only root can; for
 * others it stays as it is. That the name still means that file is checked,
 * as others may write to the directory. Errors: ESYSTEM.
 */
int rendezvous_hand_over(int directory_fd, const char *name, mode_t type,
			 struct weir_error *err) WEIR_MUST_USE;

/* Checks what an offer brought: n_fds descriptors, all there. EPROTOCOL. */
int rendezvous_check_fds(const struct weir_offer *offer, uint32_t n_fds,
			 struct weir_error *err) WEIR_MUST_USE;

#endif
