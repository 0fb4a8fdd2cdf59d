/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of control messages that are more than rows of fields: the facts
 * of HELLO, the lists of SETUP, the report of RESULT; a file each. Used by
 * message.c only.
 */
#ifndef CORE_COORD_CODEC_H
#define CORE_COORD_CODEC_H

#include <cjson/cJSON.h>

#include "core/coord/message.h"

int codec_hello_encode(cJSON *object, const struct message *message,
		       struct weir_error *err);
int codec_hello_decode(const cJSON *object, struct message *message,
		       struct weir_error *err);
int codec_setup_encode(cJSON *object, const struct message *message,
		       struct weir_error *err);
int codec_setup_decode(const cJSON *object, struct message *message,
		       struct weir_error *err);
int codec_result_encode(cJSON *object, const struct message *message,
			struct weir_error *err);
int codec_result_decode(const cJSON *object, struct message *message,
			struct weir_error *err);

#endif
