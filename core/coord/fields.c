/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/fields.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int
fields_no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory for a control message");
}

const cJSON *
fields_member(const cJSON *object, const char *key, struct weir_error *err)
{
	const cJSON *found = NULL, *item;

	cJSON_ArrayForEach(item, object) {
		if (!item->string || strcmp(item->string, key) != 0)
			continue;
		if (found) {
			weir_error_set(err, WEIR_EPROTOCOL,
				       "\"%s\" is there twice", key);
			return NULL;
		}
		found = item;
	}
	if (!found)
		weir_error_set(err, WEIR_EPROTOCOL, "\"%s\" is missing", key);
	return found;
}

int
fields_u64(const cJSON *item, const char *key, uint64_t max,
	   uint64_t *ret_value, struct weir_error *err)
{
	const char *at = cJSON_GetStringValue(item);
	uint64_t value = 0;

	if (!at || !*at)
		goto bad;
	for (; *at; at++) {
		if (*at < '0' || *at > '9' ||
		    __builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'),
					   &value))
			goto bad;
	}
	if (value > max)
		goto bad;
	*ret_value = value;
	return WEIR_OK;
bad:
	return weir_error_set(err, WEIR_EPROTOCOL,
			      "\"%s\" is not a decimal string of at most "
			      "%" PRIu64, key, max);
}

static bool
add_field(cJSON *object, const struct field *row, const char *place)
{
	char number[24];
	uint64_t value;

	switch (row->kind) {
	case FIELD_U64:
		memcpy(&value, place, sizeof(value));
		snprintf(number, sizeof(number), "%" PRIu64, value);
		return cJSON_AddStringToObject(object, row->key, number);
	case FIELD_BOOL:
		return cJSON_AddBoolToObject(object, row->key,
					     *(const bool *)place);
	case FIELD_TEXT:
		return cJSON_AddStringToObject(object, row->key, place);
	}
	return false;
}

int
fields_encode(cJSON *object, const struct field *rows, size_t n,
	      const void *from, struct weir_error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!add_field(object, &rows[i],
			       (const char *)from + rows[i].offset))
			return fields_no_memory(err);
	}
	return WEIR_OK;
}

static int
get_text(const cJSON *item, const struct field *row, char *place,
	 struct weir_error *err)
{
	const char *text = cJSON_GetStringValue(item);

	if (!text || strlen(text) >= row->max)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"%s\" is not a text of less than "
				      "%" PRIu64 " bytes", row->key, row->max);
	memcpy(place, text, strlen(text) + 1);
	return WEIR_OK;
}

static int
get_field(const cJSON *item, const struct field *row, char *place,
	  struct weir_error *err)
{
	uint64_t value;
	int status;

	switch (row->kind) {
	case FIELD_U64:
		status = fields_u64(item, row->key, row->max, &value, err);
		if (status == WEIR_OK)
			memcpy(place, &value, sizeof(value));
		return status;
	case FIELD_BOOL:
		if (!cJSON_IsBool(item))
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "\"%s\" is neither true nor "
					      "false", row->key);
		*(bool *)place = cJSON_IsTrue(item);
		return WEIR_OK;
	case FIELD_TEXT:
		return get_text(item, row, place, err);
	}
	return WEIR_EPROTOCOL;
}

int
fields_decode(const cJSON *object, const struct field *rows, size_t n,
	      void *to, struct weir_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const cJSON *item = fields_member(object, rows[i].key, err);
		int status;

		if (!item)
			return WEIR_EPROTOCOL;
		status = get_field(item, &rows[i],
				   (char *)to + rows[i].offset, err);
		if (status)
			return status;
	}
	return WEIR_OK;
}
