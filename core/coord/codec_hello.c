/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HELLO: magic, facts, and what only this protocol has.
 */
#include "core/coord/codec.h"

#include <math.h>
#include <string.h>

#include "core/coord/fields.h"

static const struct field hello_rows[] = {
	{ "abi", FIELD_U64, offsetof(struct message_hello, abi), UINT32_MAX },
	{ "beat_ns", FIELD_U64, offsetof(struct message_hello, beat_ns),
	  UINT64_MAX },
};

static bool
add_fact(cJSON *list, const struct fact *fact)
{
	switch (fact->kind) {
	case FACTS_TEXT:
		return cJSON_AddStringToObject(list, fact->key, fact->text);
	case FACTS_NUMBER:
		return cJSON_AddNumberToObject(list, fact->key, fact->number);
	case FACTS_BOOL:
		return cJSON_AddBoolToObject(list, fact->key,
					     fact->number != 0);
	}
	return false;
}

int
codec_hello_encode(cJSON *object, const struct message *message,
		   struct weir_error *err)
{
	const struct facts *facts = &message->hello.facts;
	cJSON *list;

	if (!cJSON_AddStringToObject(object, "magic", MESSAGE_MAGIC) ||
	    fields_encode(object, hello_rows, FIELDS_N(hello_rows),
			  &message->hello, err))
		return fields_no_memory(err);
	list = cJSON_AddObjectToObject(object, "facts");
	for (size_t i = 0; list && i < facts->n; i++) {
		if (!add_fact(list, &facts->at[i]))
			list = NULL;
	}
	return list ? WEIR_OK : fields_no_memory(err);
}

static int
get_fact(const cJSON *item, struct facts *facts, struct weir_error *err)
{
	const char *key = item->string ? item->string : "";
	const char *text = cJSON_GetStringValue(item);

	if (!*key || strlen(key) >= FACTS_KEY_BYTES ||
	    strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") !=
			strlen(key) ||
	    facts_get(facts, key) || facts->n >= FACTS_MAX)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"facts\" holds a key that is too "
				      "long, not a name or there twice, or "
				      "more than %d of them", FACTS_MAX);
	if (text && strlen(text) < FACTS_VALUE_BYTES)
		facts_add_text(facts, key, text);
	else if (cJSON_IsNumber(item) && isfinite(item->valuedouble))
		facts_add_number(facts, key, item->valuedouble);
	else if (cJSON_IsBool(item))
		facts_add_bool(facts, key, cJSON_IsTrue(item));
	else
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the fact \"%s\" is neither a short "
				      "text, a number nor a truth value", key);
	return WEIR_OK;
}

int
codec_hello_decode(const cJSON *object, struct message *message,
		   struct weir_error *err)
{
	const cJSON *magic = fields_member(object, "magic", err);
	const cJSON *facts, *item;
	const char *text = cJSON_GetStringValue(magic);
	int status;

	if (!magic)
		return WEIR_EPROTOCOL;
	if (!text || strcmp(text, MESSAGE_MAGIC) != 0)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"magic\" is not \"%s\": the other "
				      "side is not weir", MESSAGE_MAGIC);
	if (message->hello.protocol != MESSAGE_PROTOCOL)
		return WEIR_OK;
	status = fields_decode(object, hello_rows, FIELDS_N(hello_rows),
			       &message->hello, err);
	if (status)
		return status;
	facts = fields_member(object, "facts", err);
	if (!facts)
		return WEIR_EPROTOCOL;
	if (!cJSON_IsObject(facts))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"facts\" is not an object");
	cJSON_ArrayForEach(item, facts) {
		status = get_fact(item, &message->hello.facts, err);
		if (status)
			return status;
	}
	return WEIR_OK;
}
