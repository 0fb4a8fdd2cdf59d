/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/json_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "core/base/text.h"
#include "core/result/utf8.h"

/* Takes the item, NULL after a failure, into an object under a valid key. */
static cJSON *
add(struct json *j, cJSON *to, const char *key, cJSON *item)
{
	struct text valid = { 0 };

	utf8_add(&valid, key);
	if (j->failed || !item || valid.failed ||
	    !cJSON_AddItemToObject(to, text_get(&valid), item)) {
		j->failed = true;
		cJSON_Delete(item);
		item = NULL;
	}
	text_fini(&valid);
	return item;
}

static cJSON *
append(struct json *j, cJSON *array, cJSON *item)
{
	if (!j->failed && item && cJSON_AddItemToArray(array, item))
		return item;
	j->failed = true;
	cJSON_Delete(item);
	return NULL;
}

static cJSON *
make_text(const char *s)
{
	struct text valid = { 0 };
	cJSON *item;

	utf8_add(&valid, s);
	item = valid.failed ? NULL : cJSON_CreateString(text_get(&valid));
	text_fini(&valid);
	return item;
}

struct cJSON *
json_create(struct json *j)
{
	cJSON *root = cJSON_CreateObject();

	j->failed = !root;
	return root;
}

int
json_finish(struct json *j, struct cJSON *root, char **ret_text,
	    struct weir_error *err)
{
	struct text t = { 0 };
	char *printed = j->failed ? NULL : cJSON_Print(root);
	char *all = NULL;

	cJSON_Delete(root);
	if (printed) {
		text_add(&t, printed);
		text_add(&t, "\n");
		all = text_take(&t);
	}
	cJSON_free(printed);
	text_fini(&t);
	if (!all)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the text of the results");
	*ret_text = all;
	return WEIR_OK;
}

struct cJSON *
json_add_object(struct json *j, struct cJSON *to, const char *key)
{
	return add(j, to, key, cJSON_CreateObject());
}

struct cJSON *
json_add_array(struct json *j, struct cJSON *to, const char *key)
{
	return add(j, to, key, cJSON_CreateArray());
}

void
json_add_null(struct json *j, struct cJSON *to, const char *key)
{
	add(j, to, key, cJSON_CreateNull());
}

void
json_add_bool(struct json *j, struct cJSON *to, const char *key, bool value)
{
	add(j, to, key, cJSON_CreateBool(value));
}

void
json_add_text(struct json *j, struct cJSON *to, const char *key,
	      const char *s)
{
	add(j, to, key, s ? make_text(s) : cJSON_CreateNull());
}

void
json_lend_text(struct json *j, struct cJSON *to, const char *key,
	       const char *s)
{
	add(j, to, key, s ? cJSON_CreateStringReference(s) :
			    cJSON_CreateNull());
}

void
json_add_u64(struct json *j, struct cJSON *to, const char *key,
	     uint64_t value)
{
	char raw[24];

	snprintf(raw, sizeof(raw), "%" PRIu64, value);
	add(j, to, key, cJSON_CreateRaw(raw));
}

void
json_add_i64(struct json *j, struct cJSON *to, const char *key,
	     int64_t value)
{
	char raw[24];

	snprintf(raw, sizeof(raw), "%" PRId64, value);
	add(j, to, key, cJSON_CreateRaw(raw));
}

void
json_add_number(struct json *j, struct cJSON *to, const char *key,
		double value)
{
	char raw[40];

	if (!isfinite(value)) {
		json_add_null(j, to, key);
		return;
	}
	/* A whole number keeps its digits; + 0.0 takes the sign off zero. */
	if (fabs(value) < 0x1p53 && value == trunc(value))
		snprintf(raw, sizeof(raw), "%.0f", value + 0.0);
	else
		snprintf(raw, sizeof(raw), "%.10g", value);
	add(j, to, key, cJSON_CreateRaw(raw));
}

struct cJSON *
json_append_object(struct json *j, struct cJSON *array)
{
	return append(j, array, cJSON_CreateObject());
}

void
json_append_text(struct json *j, struct cJSON *array, const char *s)
{
	append(j, array, make_text(s));
}
