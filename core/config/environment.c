/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WEIR_MATRIX__SIZE=[64,1Ki] says matrix.size. What is not a key is found
 * where all keys are checked, in plan.c.
 */
#include <ctype.h>
#include <string.h>

#include "core/config/settings.h"

#define PREFIX "WEIR_"

/* Not keys: the log level and the loader's search path. */
static const char *const reserved[] = { "WEIR_LOG", "WEIR_PLUGIN_PATH" };

static bool
is_key(const char *variable, size_t len)
{
	if (len < strlen(PREFIX) || memcmp(variable, PREFIX, strlen(PREFIX)))
		return false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (len == strlen(reserved[i]) &&
		    !memcmp(variable, reserved[i], len))
			return false;
	return true;
}

static void
add_path(const char *name, size_t len, struct text *ret_path)
{
	for (size_t i = 0; i < len; i++) {
		char c = (char)tolower((unsigned char)name[i]);

		if (c == '_' && i + 1 < len && name[i + 1] == '_') {
			c = '.';
			i++;
		}
		text_add_bytes(ret_path, &c, 1);
	}
}

static int
put_variable(struct settings *s, const char *variable, size_t len,
	     struct weir_error *err)
{
	struct text path = { 0 };
	struct text where = { 0 };
	int status;

	add_path(variable + strlen(PREFIX), len - strlen(PREFIX), &path);
	text_addf(&where, "environment %.*s", (int)len, variable);
	if (path.failed || where.failed)
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory for the environment");
	else
		status = settings_put_text(s, SETTINGS_ENVIRONMENT,
					   text_get(&path), variable + len + 1,
					   text_get(&where), err);
	text_fini(&path);
	text_fini(&where);
	return status;
}

int
settings_put_environment(struct settings *s, char *const *environment,
			 struct weir_error *err)
{
	for (; *environment; environment++) {
		const char *equals = strchr(*environment, '=');
		int status;

		if (!equals ||
		    !is_key(*environment, (size_t)(equals - *environment)))
			continue;
		status = put_variable(s, *environment,
				      (size_t)(equals - *environment), err);
		if (status)
			return status;
	}
	return WEIR_OK;
}
