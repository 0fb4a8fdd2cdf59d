/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of a message: one row names the key, the kind and the place of a
 * member, and serves both encoder and decoder.
 */
#ifndef CORE_COORD_FIELDS_H
#define CORE_COORD_FIELDS_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

enum field_kind {
	FIELD_U64,  /* uint64_t, a decimal string; at most `max` */
	FIELD_BOOL, /* bool */
	FIELD_TEXT, /* char[max], NUL included */
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
	uint64_t max;
};

#define FIELDS_N(rows) (sizeof(rows) / sizeof((rows)[0]))

WEIR_MUST_USE int fields_encode(cJSON *object, const struct field *rows,
				size_t n, const void *from,
				struct weir_error *err);
WEIR_MUST_USE int fields_decode(const cJSON *object,
				const struct field *rows, size_t n, void *to,
				struct weir_error *err);

/* One decimal string to a number of at most max; EPROTOCOL names key. */
WEIR_MUST_USE int fields_u64(const cJSON *item, const char *key, uint64_t max,
			     uint64_t *ret_value, struct weir_error *err);

/* ENOMEMORY, with the sentence for it. */
int fields_no_memory(struct weir_error *err);

/* The member of that key, or NULL (and the error is set). A key
 * that is there twice is an error. */
const cJSON *fields_member(const cJSON *object, const char *key,
			   struct weir_error *err);

#endif
