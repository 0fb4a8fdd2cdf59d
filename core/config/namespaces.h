/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of matrix.namespaces: "all", "none", or names joined by '+'.
 */
#ifndef CORE_CONFIG_NAMESPACES_H
#define CORE_CONFIG_NAMESPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits, in the order of namespaces_names. */
enum {
	NAMESPACES_USER = 1u << 0,
	NAMESPACES_PID = 1u << 1,
	NAMESPACES_IPC = 1u << 2,
	NAMESPACES_NET = 1u << 3,
	NAMESPACES_UTS = 1u << 4,
	NAMESPACES_MOUNT = 1u << 5,
	NAMESPACES_ALL = (1u << 6) - 1,
};

extern const char *const namespaces_names[]; /* NULL-terminated */

/* False where the text is no such value (a name unknown or said twice). */
bool namespaces_parse(const char *text, uint32_t *ret_bits);

/* The one way to write it: in the order of the names, as "pid+net". */
#define NAMESPACES_TEXT_BYTES 64
void namespaces_write(uint32_t bits, char ret_text[NAMESPACES_TEXT_BYTES]);

/* "pid, net and uts"; "no" for none. Cuts what does not fit. */
void namespaces_print(uint32_t bits, char ret_text[NAMESPACES_TEXT_BYTES]);

#endif
