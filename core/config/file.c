/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config file: read here, scanned (scan.h), parsed by libconfig, and
 * flattened to settings with the file and line of each. Refused: what is not
 * a regular file, empty, longer than 1 MiB, or holds a NUL byte; an
 * @include of such a file, one that leads back to a file being read, or more
 * than 8 inside one another. The only file that knows libconfig.
 */
#include <libconfig.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/io.h"
#include "core/config/number.h"
#include "core/config/plan.h"
#include "core/config/scan.h"
#include "core/config/settings.h"

#define FILE_BYTES_MAX (1u << 20) /* each, and joined with its includes */
#define INCLUDE_DEPTH_MAX 8
#define SHOWN_BYTES 80 /* of a line, in a sentence */

/* A file being read, and the one that includes it. */
struct reading {
	const struct reading *by;
	const char *shown; /* as the user would find it */
	char real[PATH_MAX];
	unsigned depth;
};

/* "a.cfg includes b.cfg includes a.cfg" */
static int
fail_loop(const struct reading *by, const char *path, struct weir_error *err)
{
	struct text chain = { 0 };

	text_addf(&chain, "%.200s", path);
	for (; by; by = by->by) {
		struct text longer = { 0 };

		text_addf(&longer, "%.200s includes %s", by->shown,
			  text_get(&chain));
		text_fini(&chain);
		chain = longer;
	}
	weir_error_set(err, WEIR_EINVALID, "goes in a loop: %.700s",
		       text_get(&chain));
	text_fini(&chain);
	return WEIR_EINVALID;
}

/* "dir/a.cfg" and "b.cfg" make "dir/b.cfg". */
static char *
beside(const char *from, const char *path)
{
	const char *slash = strrchr(from, '/');
	struct text joined = { 0 };

	if (*path != '/' && slash)
		text_add_bytes(&joined, from, (size_t)(slash + 1 - from));
	text_add(&joined, path);
	return text_take(&joined);
}

/* What can be wrong with a file as a whole; these sentences begin with its
 * path, while those about its text name a line. */
static int
open_text(struct reading *self, const struct scan *s, char **ret_text,
	  size_t *ret_len, struct weir_error *err)
{
	cleanup_free char *text = NULL;
	size_t len;
	int status;

	if (!realpath(self->shown, self->real)) {
		weir_error_errno(err, "%.400s: can't be read",
				 *self->shown ? self->shown : "\"\"");
		if (err)
			err->status = WEIR_EINVALID;
		return WEIR_EINVALID;
	}
	for (const struct reading *up = self->by; up; up = up->by)
		if (!strcmp(up->real, self->real))
			return fail_loop(self->by, self->shown, err);
	status = io_read_file(self->shown, FILE_BYTES_MAX, &text, &len, err);
	if (status)
		return status;
	if (!len)
		return weir_error_set(err, WEIR_EINVALID,
				      "%.400s: the file is empty", self->shown);
	if (memchr(text, '\0', len))
		return weir_error_set(
			err, WEIR_EINVALID,
			"%.400s: the file holds a NUL byte, so it "
			"is not a text",
			self->shown);
	if (len + s->joined.len > FILE_BYTES_MAX)
		return weir_error_set(
			err, WEIR_EINVALID,
			"%.400s: with all its includes the config "
			"is larger than %u bytes",
			self->shown, FILE_BYTES_MAX);
	*ret_text = cleanup_take(text);
	*ret_len = len;
	return WEIR_OK;
}

static int
include(void *context, struct scan *s, const char *path, const char *from,
	unsigned line, struct weir_error *err)
{
	struct reading *by = context;
	struct reading self = { .by = by, .depth = by->depth + 1 };
	cleanup_free char *found = beside(from, path);
	cleanup_free char *text = NULL;
	size_t len;
	int status;

	if (!found)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to include %.400s", path);
	self.shown = found;
	if (self.depth > INCLUDE_DEPTH_MAX)
		return weir_error_set(err, WEIR_EINVALID,
				      "%.300s:%u: @include \"%.300s\": files "
				      "include one another deeper than %d",
				      from, line, path, INCLUDE_DEPTH_MAX);
	status = open_text(&self, s, &text, &len, err);
	if (status) {
		weir_error_prefix(err, "%.300s:%u: @include: ", from, line);
		return status;
	}
	return scan_text(s, found, text, len, include, &self, err);
}

/* ------------------------------------------------------------------ */
/* The tree, flattened.                                                */

struct flatten {
	struct settings *settings;
	const struct scan *scan;
	struct weir_error *err;
};

static int
add_scalar(const config_setting_t *one, struct strings *texts)
{
	struct text t = { 0 };
	double number;

	switch (config_setting_type(one)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		strings_addf(texts, "%lld", config_setting_get_int64(one));
		return WEIR_OK;
	case CONFIG_TYPE_FLOAT:
		number = config_setting_get_float(one);
		if (!isfinite(number))
			return WEIR_EINVALID;
		number_print(number, &t);
		strings_add(texts, text_get(&t));
		text_fini(&t);
		return WEIR_OK;
	case CONFIG_TYPE_BOOL:
		strings_add(texts,
			    config_setting_get_bool(one) ? "true" : "false");
		return WEIR_OK;
	case CONFIG_TYPE_STRING:
		strings_add(texts, config_setting_get_string(one));
		return WEIR_OK;
	default:
		return WEIR_EINVALID;
	}
}

static int
put_leaf(struct flatten *f, const config_setting_t *one, const char *path,
	 const char *where)
{
	bool is_list = config_setting_is_list(one) ||
		       config_setting_is_array(one);
	bool is_group = config_setting_is_group(one);
	int n = is_list ? config_setting_length(one) : 1;
	struct strings texts = { 0 };
	int status = WEIR_OK;

	if (n > PLAN_LIST_MAX)
		return weir_error_set(f->err, WEIR_EINVALID,
				      "%s: %.200s: a list of more than %d "
				      "values",
				      where, path, PLAN_LIST_MAX);
	for (int i = 0; !is_group && !status && i < n; i++)
		status = add_scalar(is_list ? config_setting_get_elem(one, i) :
					      one,
				    &texts);
	if (status)
		weir_error_set(f->err, status,
			       "%s: %.200s: not a number, text or truth value "
			       "that can be kept",
			       where, path);
	else if (texts.failed)
		status = weir_error_set(f->err, WEIR_ENOMEMORY,
					"no memory for %.200s", path);
	else
		status = settings_put(f->settings, SETTINGS_FILE, path, &texts,
				      is_list, where, f->err);
	strings_fini(&texts);
	return status;
}

static int
put_tree(struct flatten *f, const config_setting_t *group, const char *above)
{
	int n = config_setting_length(group);
	int status = WEIR_OK;

	for (int i = 0; !status && i < n; i++) {
		const config_setting_t *one = config_setting_get_elem(group, i);
		struct text path = { 0 };
		struct text where = { 0 };
		unsigned line;
		const char *file = scan_where(f->scan,
					      config_setting_source_line(one),
					      &line);

		text_addf(&path, "%s%s%s", above, *above ? "." : "",
			  config_setting_name(one));
		text_addf(&where, "%.400s:%u", file, line);
		if (path.failed || where.failed)
			status = weir_error_set(f->err, WEIR_ENOMEMORY,
						"no memory for a setting");
		else if (config_setting_is_group(one) &&
			 config_setting_length(one))
			status = put_tree(f, one, text_get(&path));
		else
			status = put_leaf(f, one, text_get(&path),
					  text_get(&where));
		text_fini(&path);
		text_fini(&where);
	}
	return status;
}

/* libconfig says "syntax error" and no more: show the line. */
static int
fail_parse(const config_t *config, const struct scan *s, struct weir_error *err)
{
	unsigned joined_line = (unsigned)config_error_line(config);
	const char *what = config_error_text(config);
	unsigned line;
	const char *file = scan_where(s, joined_line, &line);
	const char *p = text_get(&s->joined);
	size_t shown;

	for (unsigned i = 1; i < joined_line && strchr(p, '\n'); i++)
		p = strchr(p, '\n') + 1;
	p += strspn(p, " \t\r\n");
	shown = strcspn(p, "\r\n");
	if (shown > SHOWN_BYTES)
		shown = SHOWN_BYTES;
	if (what && strstr(what, "duplicate"))
		return weir_error_set(
			err, WEIR_EINVALID,
			"%.400s:%u: this key was already given in "
			"its group: \"%.*s\"",
			file, line, (int)shown, p);
	if (!shown)
		return weir_error_set(err, WEIR_EINVALID,
				      "%.400s:%u: the file ends too early; is "
				      "every { and [ closed again?",
				      file, line);
	return weir_error_set(err, WEIR_EINVALID,
			      "%.400s:%u: %s at or before \"%.*s\"; a setting "
			      "is written name = value;",
			      file, line, what ? what : "syntax error",
			      (int)shown, p);
}

static int
parse(struct settings *settings, const struct scan *s, const char *path,
      struct weir_error *err)
{
	struct flatten f = { settings, s, err };
	config_t config;
	int status;

	config_init(&config);
	if (!config_read_string(&config, text_get(&s->joined)))
		status = fail_parse(&config, s, err);
	else if (!config_setting_length(config_root_setting(&config)))
		status = weir_error_set(err, WEIR_EINVALID,
					"%.400s: the file holds no settings",
					path);
	else
		status = put_tree(&f, config_root_setting(&config), "");
	config_destroy(&config);
	return status;
}

int
settings_put_file(struct settings *s, const char *path, struct weir_error *err)
{
	struct reading self = { .shown = path };
	struct scan scan = { 0 };
	cleanup_free char *text = NULL;
	char *file = strdup(path);
	size_t len;
	int status;

	if (!file)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to read %.400s", path);
	free(s->file);
	s->file = file;
	status = open_text(&self, &scan, &text, &len, err);
	if (!status)
		status = scan_text(&scan, path, text, len, include, &self, err);
	/* libconfig has no end for a comment on an unfinished last line. */
	text_add(&scan.joined, "\n");
	if (!status && scan.joined.failed)
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory to read %.400s", path);
	if (!status)
		status = parse(s, &scan, path, err);
	if (status && err)
		text_clean(err->text, strlen(err->text));
	scan_fini(&scan);
	return status;
}
