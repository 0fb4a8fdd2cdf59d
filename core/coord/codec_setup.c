/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SETUP: CPUs, options and axes.
 */
#include "core/coord/codec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/coord/fields.h"
#include "core/measure/affinity.h"

static int
add_options(cJSON *object, const char *key,
	    const struct message_option *options, uint64_t n,
	    struct weir_error *err)
{
	cJSON *inner = cJSON_AddObjectToObject(object, key);

	for (uint64_t i = 0; inner && i < n; i++) {
		if (!cJSON_AddStringToObject(inner, options[i].name,
					     options[i].text))
			inner = NULL;
	}
	return inner ? WEIR_OK : fields_no_memory(err);
}

int
codec_setup_encode(cJSON *object, const struct message *message,
		   struct weir_error *err)
{
	const struct message_setup *setup = &message->setup;
	cJSON *cpus = cJSON_CreateIntArray(setup->cpus,
					   (int)setup->n_channels);
	int status;

	if (!cpus || !cJSON_AddItemToObject(object, "cpus", cpus)) {
		cJSON_Delete(cpus);
		return fields_no_memory(err);
	}
	status = add_options(object, "options", setup->options,
			     setup->n_options, err);
	return status ? status :
			add_options(object, "axes", setup->further,
				    setup->n_further, err);
}

static int
get_cpus(const cJSON *list, struct message_setup *setup,
	 struct weir_error *err)
{
	const cJSON *item;
	uint64_t n = 0;

	cJSON_ArrayForEach(item, list) {
		double cpu = cJSON_IsNumber(item) ? item->valuedouble : -2;

		if (n >= setup->n_channels || cpu != floor(cpu) ||
		    cpu < AFFINITY_ANY || cpu > 65535)
			break;
		setup->cpus[n++] = (int32_t)cpu;
	}
	if (!cJSON_IsArray(list) || item || n != setup->n_channels)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"cpus\" is not a list of one CPU "
				      "number for each channel");
	return WEIR_OK;
}

/* Names and texts; what they mean is looked at by who knows the table. What
 * is allocated is the message's, also on failure. */
static int
get_options(const cJSON *object, const char *key, int max,
	    struct message_option **ret_options, uint64_t *ret_n,
	    struct weir_error *err)
{
	const cJSON *list = fields_member(object, key, err), *item;
	int count = cJSON_GetArraySize(list);
	struct message_option *options = NULL;
	uint64_t n = 0;

	if (!list)
		return WEIR_EPROTOCOL;
	if (count > 0 && count <= max) {
		options = calloc((size_t)count, sizeof(*options));
		if (!options)
			return fields_no_memory(err);
		*ret_options = options;
	}
	cJSON_ArrayForEach(item, list) {
		const char *name = item->string;
		const char *text = cJSON_GetStringValue(item);

		if (!options || !name || !text ||
		    strlen(name) >= MESSAGE_NAME_BYTES ||
		    strlen(text) >= MESSAGE_TEXT_BYTES)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "\"%s\" holds something that is "
					      "none, or more than %d", key,
					      max);
		memcpy(options[n].name, name, strlen(name) + 1);
		memcpy(options[n].text, text, strlen(text) + 1);
		n++;
	}
	*ret_n = n;
	return WEIR_OK;
}

static int
type_axis(struct message_setup *setup, const struct message_option *axis,
	  struct weir_error *err)
{
	const struct weir_option *row = option_find(&plan_axes_table,
						    axis->name);

	if (!row || axes_in_place(row))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"axes\" holds \"%s\", which is none",
				      axis->name);
	if (row->type == WEIR_OPTION_STRING || row->type == WEIR_OPTION_CPUS)
		return WEIR_OK;
	return option_set(row, axis->text, &setup->axes, err) ?
		       WEIR_EPROTOCOL : WEIR_OK;
}

static int
get_axes(const cJSON *object, struct message_setup *setup,
	 struct weir_error *err)
{
	int status = get_options(object, "axes", MESSAGE_AXES_MAX,
				 &setup->further, &setup->n_further, err);

	setup->axes.pattern = (uint32_t)setup->pattern;
	setup->axes.size_bytes = setup->size_bytes;
	setup->axes.boundary = (uint32_t)setup->boundary;
	for (uint64_t i = 0; i < setup->n_further && !status; i++)
		status = type_axis(setup, &setup->further[i], err);
	if (status)
		return status;
	setup->axes.concurrency =
		(int64_t)setup->n_all_channels - setup->axes.load;
	if (setup->axes.concurrency < 1)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "of %u channels %u are said to be busy",
				      (unsigned)setup->n_all_channels,
				      (unsigned)setup->axes.load);
	return WEIR_OK;
}

int
codec_setup_decode(const cJSON *object, struct message *message,
		   struct weir_error *err)
{
	struct message_setup *setup = &message->setup;
	const cJSON *cpus = fields_member(object, "cpus", err);
	int status;

	if (!cpus)
		return WEIR_EPROTOCOL;
	if (setup->size_bytes == 0 || setup->n_channels == 0 ||
	    setup->first_channel + setup->n_channels > setup->n_all_channels)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a size or a number of channels is "
				      "out of range");
	status = get_cpus(cpus, setup, err);
	if (status == WEIR_OK)
		status = get_options(object, "options", MESSAGE_OPTIONS_MAX,
				     &setup->options, &setup->n_options, err);
	return status ? status : get_axes(object, setup, err);
}
