/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building a JSON text value by value.
 *
 * The library underneath keeps numbers as doubles and takes any bytes for a
 * string. Here integers keep all their digits, a number that is none is
 * null, and every key and string is valid UTF-8. Memory failure is sticky:
 * further calls do nothing, and json_finish reports it.
 */
#ifndef CORE_RESULT_JSON_VALUE_H
#define CORE_RESULT_JSON_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/error.h>

struct cJSON;

struct json {
	bool failed;
};

/* The outermost object. */
struct cJSON *json_create(struct json *j);

/* The text of it, with a newline behind (the caller frees), or
 * WEIR_ENOMEMORY; frees the object in either case. */
WEIR_MUST_USE int json_finish(struct json *j, struct cJSON *root,
			      char **ret_text, struct weir_error *err);

/* Each adds a member to an object, which owns it. A NULL text is null. */
struct cJSON *json_add_object(struct json *j, struct cJSON *to,
			      const char *key);
struct cJSON *json_add_array(struct json *j, struct cJSON *to,
			     const char *key);
void json_add_null(struct json *j, struct cJSON *to, const char *key);
void json_add_bool(struct json *j, struct cJSON *to, const char *key,
		   bool value);
void json_add_text(struct json *j, struct cJSON *to, const char *key,
		   const char *s);

/* The same of a long text in ASCII, which is not copied: it has to last until
 * the tree is freed. */
void json_lend_text(struct json *j, struct cJSON *to, const char *key,
		    const char *s);
void json_add_u64(struct json *j, struct cJSON *to, const char *key,
		  uint64_t value);
void json_add_i64(struct json *j, struct cJSON *to, const char *key,
		  int64_t value);
void json_add_number(struct json *j, struct cJSON *to, const char *key,
		     double value);

/* Each adds an item to an array, which owns it. */
struct cJSON *json_append_object(struct json *j, struct cJSON *array);
void json_append_text(struct json *j, struct cJSON *array, const char *s);

#endif
