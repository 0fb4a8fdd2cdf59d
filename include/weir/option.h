/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One option is one row in a table.
 *
 * The same row serves the config file, the environment, the command line,
 * --help, `weir describe` and the echo of the effective settings in the
 * results. A plugin never parses text: the core parses, checks the range and
 * writes the typed value at `offset` into a struct of the plugin's own.
 *
 * A table and its texts are the plugin's, const, and borrowed by the core for
 * as long as the module is loaded.
 */
#ifndef WEIR_OPTION_H
#define WEIR_OPTION_H

#include <stddef.h>
#include <stdint.h>

/*
 * Types of an option, and the C type of the member at `offset`. Numbers are
 * never reused.
 */
#define WEIR_OPTION_BOOL 1     /* uint32_t: 0 or 1. "true", "false", … */
#define WEIR_OPTION_INT 2      /* int64_t: decimal, may have k, M, G (1000) */
#define WEIR_OPTION_SIZE 3     /* uint64_t bytes: "64", "1Ki", "2MiB", "1k" */
#define WEIR_OPTION_DURATION 4 /* uint64_t ns: "500ms", "30s", "100us" */
#define WEIR_OPTION_RATE 5     /* double, per second: "1k", "10k", "2.5M" */
#define WEIR_OPTION_DOUBLE 6   /* double */
#define WEIR_OPTION_CHOICE 7   /* uint32_t: index into `choices` */
#define WEIR_OPTION_STRING 8   /* const char *: the core's, as the struct is */
#define WEIR_OPTION_CPUS 9     /* likewise: a CPU list, "0,2-3" */

/* Flags of an option. */
#define WEIR_OPTION_LIST 0x1u   /* a list: of the core's own tables only */
#define WEIR_OPTION_HIDDEN 0x2u /* left out of --help, as are all of a plugin */

struct weir_option {
	const char *name;          /* lower case, digits, '_' */
	uint32_t type;             /* WEIR_OPTION_* type */
	uint32_t flags;            /* WEIR_OPTION_* flags */
	const char *default_text;  /* as a user would write it; never NULL */
	const char *help;          /* one sentence without a full stop */
	const char *const *choices; /* CHOICE: NULL-terminated; else NULL */
	/* Range, both ends included; ignored where min == max == 0.
	 * In the unit of the value: bytes, ns, per second. */
	int64_t min;
	int64_t max;
	size_t offset; /* of the member in the options struct */
};

#endif
