/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/message.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/plan.h"
#include "core/coord/codec.h"
#include "core/coord/fields.h"
#include "core/measure/lane.h"

const char *const message_type_names[MESSAGE_TYPES] = {
	[MESSAGE_HELLO] = "hello",   [MESSAGE_SETUP] = "setup",
	[MESSAGE_OFFER] = "offer",   [MESSAGE_JOINED] = "joined",
	[MESSAGE_ARRIVE] = "arrive", [MESSAGE_GO] = "go",
	[MESSAGE_RESULT] = "result", [MESSAGE_FAIL] = "fail",
	[MESSAGE_STOP] = "stop",     [MESSAGE_STOPPED] = "stopped",
	[MESSAGE_BEAT] = "beat",     [MESSAGE_BYE] = "bye",
};

#define ROW(key, kind, member, max) \
	{ key, kind, offsetof(struct message, member), max }
#define TEXT_ROW(key, member)                                       \
	{ key, FIELD_TEXT, offsetof(struct message, member),        \
	  sizeof(((struct message *)0)->member) }

static const struct field hello_rows[] = {
	ROW("protocol", FIELD_U64, hello.protocol, UINT32_MAX),
	TEXT_ROW("tool", hello.tool),
};

static const struct field setup_rows[] = {
	TEXT_ROW("cell", setup.cell),
	TEXT_ROW("transport", setup.transport),
	ROW("boundary", FIELD_U64, setup.boundary, PLAN_EXTERNAL),
	ROW("trial", FIELD_U64, setup.trial, UINT32_MAX),
	TEXT_ROW("plugin", setup.plugin),
	TEXT_ROW("directory", setup.directory),
	ROW("pattern", FIELD_U64, setup.pattern, PLAN_PACED),
	ROW("verify", FIELD_U64, setup.verify, LANE_VERIFY_FULL),
	ROW("size_bytes", FIELD_U64, setup.size_bytes, WEIR_MESSAGE_BYTES_MAX),
	ROW("client_initiates", FIELD_BOOL, setup.client_initiates, 0),
	ROW("include_first", FIELD_BOOL, setup.include_first, 0),
	ROW("comparable_clocks", FIELD_BOOL, setup.comparable_clocks, 0),
	ROW("clock", FIELD_U64, setup.clock, PLAN_CLOCK_TSC),
	ROW("tsc_from_ticks", FIELD_U64, setup.tsc.from_ticks, UINT64_MAX),
	ROW("tsc_from_ns", FIELD_U64, setup.tsc.from_ns, UINT64_MAX),
	ROW("tsc_mult", FIELD_U64, setup.tsc.mult, UINT64_MAX),
	ROW("notes", FIELD_BOOL, setup.notes, 0),
	ROW("gauge", FIELD_U64, setup.gauge, GAUGE_SPIN),
	ROW("realtime", FIELD_U64, setup.realtime, 97),
	ROW("mlockall", FIELD_BOOL, setup.mlockall, 0),
	ROW("warmup_count", FIELD_U64, setup.warmup_count, UINT64_MAX),
	ROW("warmup_ns", FIELD_U64, setup.warmup_ns, UINT64_MAX),
	ROW("count", FIELD_U64, setup.count, UINT64_MAX),
	ROW("duration_ns", FIELD_U64, setup.duration_ns, UINT64_MAX),
	ROW("deadline_ns", FIELD_U64, setup.deadline_ns, UINT64_MAX),
	ROW("schedule_seed", FIELD_U64, setup.schedule_seed, UINT64_MAX),
	ROW("first_channel", FIELD_U64, setup.first_channel,
	    MESSAGE_CHANNELS_MAX),
	ROW("n_all_channels", FIELD_U64, setup.n_all_channels,
	    MESSAGE_CHANNELS_MAX),
	ROW("n_channels", FIELD_U64, setup.n_channels, MESSAGE_CHANNELS_MAX),
};

static const struct field offer_rows[] = {
	ROW("channel", FIELD_U64, offer.channel, MESSAGE_CHANNELS_MAX - 1),
	ROW("n_fds", FIELD_U64, offer.n_fds, MESSAGE_FDS_MAX),
	TEXT_ROW("address", offer.address),
};

static const struct field joined_rows[] = {
	ROW("channel", FIELD_U64, channel, MESSAGE_CHANNELS_MAX - 1),
};

static const struct field phase_rows[] = {
	ROW("phase", FIELD_U64, phase, LANE_TIMED),
};

static const struct field fail_rows[] = {
	ROW("status", FIELD_U64, fail.status, UINT8_MAX),
	TEXT_ROW("text", fail.text),
};

/* The rows of each type, and what it has besides. */
static const struct {
	const struct field *rows;
	size_t n;
	int (*encode)(cJSON *object, const struct message *message,
		      struct weir_error *err);
	int (*decode)(const cJSON *object, struct message *message,
		      struct weir_error *err);
} types[MESSAGE_TYPES] = {
	[MESSAGE_HELLO] = { hello_rows, FIELDS_N(hello_rows),
			    codec_hello_encode, codec_hello_decode },
	[MESSAGE_SETUP] = { setup_rows, FIELDS_N(setup_rows),
			    codec_setup_encode, codec_setup_decode },
	[MESSAGE_OFFER] = { offer_rows, FIELDS_N(offer_rows), NULL, NULL },
	[MESSAGE_JOINED] = { joined_rows, FIELDS_N(joined_rows), NULL, NULL },
	[MESSAGE_ARRIVE] = { phase_rows, FIELDS_N(phase_rows), NULL, NULL },
	[MESSAGE_GO] = { phase_rows, FIELDS_N(phase_rows), NULL, NULL },
	[MESSAGE_RESULT] = { NULL, 0, codec_result_encode,
			     codec_result_decode },
	[MESSAGE_FAIL] = { fail_rows, FIELDS_N(fail_rows), NULL, NULL },
	[MESSAGE_STOP] = { fail_rows, FIELDS_N(fail_rows), NULL, NULL },
};

int
message_encode(const struct message *message, char **ret_text,
	       size_t *ret_len, struct weir_error *err)
{
	enum message_type type = message->type;
	cJSON *object = cJSON_CreateObject();
	char *text = NULL;
	int status = WEIR_OK;

	if (!object || !cJSON_AddStringToObject(object, "type",
						message_type_names[type]))
		status = fields_no_memory(err);
	if (status == WEIR_OK)
		status = fields_encode(object, types[type].rows,
				       types[type].n, message, err);
	if (status == WEIR_OK && types[type].encode)
		status = types[type].encode(object, message, err);
	if (status == WEIR_OK) {
		text = cJSON_PrintUnformatted(object);
		if (!text)
			status = fields_no_memory(err);
	}
	cJSON_Delete(object);
	if (status)
		return status;
	*ret_text = text;
	*ret_len = strlen(text);
	return WEIR_OK;
}

static int
type_of(const cJSON *object, enum message_type *ret_type,
	struct weir_error *err)
{
	const cJSON *item = fields_member(object, "type", err);
	const char *name = cJSON_GetStringValue(item);

	if (!item)
		return WEIR_EPROTOCOL;
	for (int i = 0; name && i < MESSAGE_TYPES; i++) {
		if (strcmp(name, message_type_names[i]) == 0) {
			*ret_type = (enum message_type)i;
			return WEIR_OK;
		}
	}
	return weir_error_set(err, WEIR_EPROTOCOL,
			      "\"type\" is no type of control message");
}

static int
decode_object(const cJSON *object, struct message *message,
	      struct weir_error *err)
{
	enum message_type type = MESSAGE_BEAT;
	int status;

	if (!cJSON_IsObject(object))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "it is not a JSON object");
	status = type_of(object, &type, err);
	if (status)
		return status;
	message->type = type;
	status = fields_decode(object, types[type].rows, types[type].n,
			       message, err);
	if (status == WEIR_OK && types[type].decode)
		status = types[type].decode(object, message, err);
	return status;
}

int
message_decode(const char *text, size_t len, struct message *ret_message,
	       struct weir_error *err)
{
	const char *end = NULL;
	cJSON *object;
	int status;

	memset(ret_message, 0, sizeof(*ret_message));
	ret_message->type = MESSAGE_BEAT;
	/* Deep nesting is cJSON's to refuse (1000 levels); a NUL inside
	 * would end its strings early. */
	if (memchr(text, '\0', len))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a control message holds a NUL byte");
	object = cJSON_ParseWithLengthOpts(text, len, &end, 0);
	if (!object || end != text + len)
		status = weir_error_set(err, WEIR_EPROTOCOL,
					"it is not valid JSON");
	else
		status = decode_object(object, ret_message, err);
	cJSON_Delete(object);
	if (status) {
		message_fini(ret_message);
		weir_error_prefix(err, "a control message of %zu bytes is "
				  "refused: ", len);
	}
	return status;
}

void
message_fini(struct message *message)
{
	if (message->type == MESSAGE_RESULT)
		report_fini(&message->result);
	else if (message->type == MESSAGE_SETUP)
		message_setup_fini(&message->setup);
}

void
message_setup_fini(struct message_setup *setup)
{
	free(setup->options);
	free(setup->further);
	setup->options = setup->further = NULL;
	setup->n_options = setup->n_further = 0;
}
