/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/value.h"

/* Two ways to say one thing: the higher layer's removes the other one. */
static const char *const exclusive[][2] = {
	{ "count", "duration" },
	{ "warmup", "warmup_count" },
};

static const char *
other_way(const char *path)
{
	for (size_t i = 0; i < sizeof(exclusive) / sizeof(exclusive[0]); i++) {
		if (!strcmp(path, exclusive[i][0]))
			return exclusive[i][1];
		if (!strcmp(path, exclusive[i][1]))
			return exclusive[i][0];
	}
	return NULL;
}

static void
setting_fini(struct setting *one)
{
	free(one->path);
	free(one->where);
	strings_fini(&one->values);
}

static struct setting *
find(const struct settings *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->at[i].path, path))
			return &s->at[i];
	return NULL;
}

static void
drop(struct settings *s, struct setting *one)
{
	size_t i = (size_t)(one - s->at);

	setting_fini(one);
	memmove(&s->at[i], &s->at[i + 1], (s->n - i - 1) * sizeof(s->at[0]));
	s->n--;
}

static int
append(struct settings *s, const struct setting *from, struct weir_error *err)
{
	struct setting *grown = s->at;
	struct setting *one;

	if (!(s->n & (s->n + 1))) /* full at 0, 1, 3, 7, … */
		grown = realloc(s->at, 2 * (s->n + 1) * sizeof(s->at[0]));
	if (!grown)
		goto no_memory;
	s->at = grown;
	one = &s->at[s->n];
	memset(one, 0, sizeof(*one));
	one->path = strdup(from->path);
	one->where = strdup(from->where);
	one->is_list = from->is_list;
	one->layer = from->layer;
	strings_copy(&one->values, &from->values);
	if (one->path && one->where && !one->values.failed) {
		s->n++;
		return WEIR_OK;
	}
	setting_fini(one);
no_memory:
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory for the setting %.100s", from->path);
}

int
settings_put(struct settings *s, enum settings_layer layer, const char *path,
	     const struct strings *values, bool is_list, const char *where,
	     struct weir_error *err)
{
	const char *other_path = other_way(path);
	struct setting *other = other_path ? find(s, other_path) : NULL;
	struct setting *old;
	struct setting one = { 0 };
	char *path_copy = strdup(path);
	char *where_copy = strdup(where);
	int status = WEIR_OK;

	if (!path_copy || !where_copy) {
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory for the setting %.100s",
					path);
		goto done;
	}
	if (other && other->layer > layer)
		goto done;
	if (other && other->layer < layer)
		drop(s, other);
	old = find(s, path);
	if (old && old->layer > layer)
		goto done;
	if (old)
		drop(s, old);
	one.path = path_copy;
	one.where = where_copy;
	one.values = *values;
	one.is_list = is_list;
	one.layer = layer;
	status = append(s, &one, err);
done:
	free(path_copy);
	free(where_copy);
	return status;
}

const struct setting *
settings_get(const struct settings *s, const char *path)
{
	return find(s, path);
}

int
settings_put_text(struct settings *s, enum settings_layer layer,
		  const char *path, const char *value, const char *where,
		  struct weir_error *err)
{
	struct strings texts = { 0 };
	bool is_list;
	int status = value_parse(value, &texts, &is_list, err);

	if (status)
		weir_error_prefix(err, "%.200s: %.200s: ", where, path);
	else
		status = settings_put(s, layer, path, &texts, is_list, where,
				      err);
	strings_fini(&texts);
	return status;
}

/* Cuts white space and accepts what a key can be made of. */
static bool
take_path(const char *from, size_t len, struct text *ret_path)
{
	while (len && isspace((unsigned char)from[len - 1]))
		len--;
	while (len && isspace((unsigned char)*from)) {
		from++;
		len--;
	}
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)from[i]) &&
		    !memchr("._-*", from[i], 4))
			return false;
	text_add_bytes(ret_path, from, len);
	return len > 0;
}

int
settings_put_override(struct settings *s, const char *assignment,
		      struct weir_error *err)
{
	const char *equals = strchr(assignment, '=');
	struct text path = { 0 };
	struct text where = { 0 };
	int status;

	if (!equals)
		return weir_error_set(err, WEIR_EINVALID,
				      "command line -D %.200s: no \"=\"; write "
				      "-D key=value, as in -D matrix.size=[64]",
				      assignment);
	text_addf(&where, "command line -D %.200s", assignment);
	if (!take_path(assignment, (size_t)(equals - assignment), &path))
		status = weir_error_set(
			err, WEIR_EINVALID,
			"%s: \"%.*s\" is not a key; write -D key=value, as in "
			"-D matrix.size=[64]",
			text_get(&where), (int)strcspn(assignment, "="),
			assignment);
	else if (path.failed || where.failed)
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory for -D %.200s", assignment);
	else
		status = settings_put_text(s, SETTINGS_COMMAND_LINE,
					   text_get(&path), equals + 1,
					   text_get(&where), err);
	text_fini(&path);
	text_fini(&where);
	return status;
}

void
settings_fini(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		setting_fini(&s->at[i]);
	free(s->at);
	free(s->file);
	memset(s, 0, sizeof(*s));
}
