/* SPDX-License-Identifier: Apache-2.0 */
/* The options that say how an end waits: wait.h tells what they mean. */
#ifndef PLUGINS_COMMON_WAIT_OPTIONS_H
#define PLUGINS_COMMON_WAIT_OPTIONS_H

#include <stddef.h>

#include <weir/option.h>

/* Values of the option `wait`: indices into wait_choices. */
#define WAIT_BLOCK 0u
#define WAIT_SPIN 1u
#define WAIT_EPOLL 2u
#define WAIT_ADAPTIVE 3u

extern const char *const wait_choices[];

/* The two rows of a table whose struct has the members `uint32_t wait` and
 * `uint64_t spin_ns`. */
#define WAIT_OPTION_ROWS(record)                                           \
	{                                                                  \
		.name = "wait", .type = WEIR_OPTION_CHOICE,                \
		.default_text = "block", .choices = wait_choices,          \
		.help = "how an end waits: block (sleep in one blocking "  \
			"call: least CPU, pays the wake-up), spin "        \
			"(non-blocking calls in a loop: no wake-up, one "  \
			"CPU busy), epoll (epoll_wait before each "        \
			"receive, as event loops do), adaptive (spin for " \
			"`spin`, then sleep in poll)",                     \
		.offset = offsetof(record, wait),                            \
	},                                                                 \
	{                                                                  \
		.name = "spin", .type = WEIR_OPTION_DURATION,              \
		.default_text = "30us", .min = 0, .max = 1000000000,       \
		.help = "with wait = adaptive: how long to spin before "   \
			"sleeping; about the cost of a wake-up is a good " \
			"value, and other strategies do not look at it",   \
		.offset = offsetof(record, spin_ns),                         \
	}

#endif
