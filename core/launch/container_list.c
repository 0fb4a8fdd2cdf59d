/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/launch/container.h"
#include "core/launch/engine.h"

#define ASK_NS (20 * NS_PER_S)
#define REMOVE_NS (30 * NS_PER_S)
#define ENTRIES_MAX 1000

/* ---- the directory of a run ---- */

static int
remove_one(const char *path, const struct stat *st, int type,
	   struct FTW *where)
{
	(void)st, (void)type, (void)where;
	return remove(path);
}

void
container_remove_directory(const char *directory)
{
	if (nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 &&
	    errno != ENOENT)
		log_warn("the run's directory \"%s\" can't be removed: %s",
			 directory, strerror(errno));
}

/* A label is only what somebody wrote: it is believed where it names what a
 * run makes, a folder weir-RUN-… with that run's id. */
static bool
is_directory_of(const char *path, const char *run_id)
{
	const char *base = strrchr(path, '/');
	size_t len = strlen(run_id);
	struct stat st;

	return path[0] == '/' && len && strncmp(base, "/weir-", 6) == 0 &&
	       strncmp(base + 6, run_id, len) == 0 && base[6 + len] == '-' &&
	       lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- the list ---- */

static int
refused(const char *program, struct engine_output *output,
	struct weir_error *err)
{
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "%s does not answer (exit code %d): %.600s",
			      program, output->exit_code,
			      engine_last_words(output->talk));
}

/* The next field of a line, up to a tab or its end. */
static void
take_field(const char **at, char *ret_text, size_t cap)
{
	size_t len = strcspn(*at, "\t\r\n");

	snprintf(ret_text, cap, "%.*s", (int)len, *at);
	text_clean(ret_text, strlen(ret_text));
	*at += len + ((*at)[len] == '\t');
}

static void
take_entry(const char *line, struct container_entry *entry)
{
	char pid[16], started[24];

	memset(entry, 0, sizeof(*entry));
	take_field(&line, entry->name, sizeof(entry->name));
	take_field(&line, entry->run_id, sizeof(entry->run_id));
	take_field(&line, entry->state, sizeof(entry->state));
	take_field(&line, entry->created, 20); /* to the second */
	take_field(&line, entry->image, sizeof(entry->image));
	take_field(&line, pid, sizeof(pid));
	take_field(&line, started, sizeof(started));
	take_field(&line, entry->directory, sizeof(entry->directory));
	if (entry->name[0] == '/') /* docker's names begin with it */
		memmove(entry->name, entry->name + 1, strlen(entry->name));
	if (strlen(entry->created) > 10 && entry->created[10] == 'T')
		entry->created[10] = ' ';
	entry->pid = (int)strtol(pid, NULL, 10);
	if (entry->pid <= 0 || engine_process_started(entry->pid) == 0 ||
	    engine_process_started(entry->pid) !=
		    strtoull(started, NULL, 10))
		entry->pid = 0;
}

/* A container that is gone meanwhile is not in the list. */
static int
add_entry(const char *program, const char *name,
	  struct container_entry *entries, size_t *n, struct weir_error *err)
{
	static const char format[] =
		"--format={{.Name}}\t"
		"{{index .Config.Labels \"" ENGINE_LABEL_RUN "\"}}\t"
		"{{.State.Status}}\t{{.Created}}\t{{.Config.Image}}\t"
		"{{index .Config.Labels \"" ENGINE_LABEL_PID "\"}}\t"
		"{{index .Config.Labels \"" ENGINE_LABEL_STARTED "\"}}\t"
		"{{index .Config.Labels \"" ENGINE_LABEL_DIRECTORY "\"}}";
	struct engine_output output;
	int status = engine_ask(program, ASK_NS, -1, &output, err,
				"container", "inspect", format, name, NULL);

	if (status == WEIR_OK && output.exit_code == 0)
		take_entry(output.out, &entries[(*n)++]);
	return status;
}

int
container_list(const char *program, struct container_entry **ret_entries,
	       size_t *ret_n, struct weir_error *err)
{
	cleanup_free struct container_entry *entries = NULL;
	struct engine_output output;
	char *save = NULL;
	size_t n = 0;
	int status = engine_ask(program, ASK_NS, -1, &output, err, "ps",
				"--all", "--filter=label=" ENGINE_LABEL_RUN,
				"--format={{.Names}}", NULL);

	if (status)
		return status;
	if (output.exit_code != 0)
		return refused(program, &output, err);
	for (char *name = strtok_r(output.out, "\r\n", &save);
	     name && n < ENTRIES_MAX && status == WEIR_OK;
	     name = strtok_r(NULL, "\r\n", &save)) {
		struct container_entry *grown = reallocarray(
			entries, n + 1, sizeof(*entries));

		if (!grown)
			return weir_error_set(err, WEIR_ENOMEMORY,
					      "no memory for a list");
		entries = grown;
		status = add_entry(program, name, entries, &n, err);
	}
	if (status)
		return status;
	*ret_entries = cleanup_take(entries);
	*ret_n = n;
	return WEIR_OK;
}

const struct container_entry *
container_find(const struct container_entry *entries, size_t n,
	       const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(entries[i].name, name) == 0 ||
		    strcmp(entries[i].run_id, name) == 0)
			return &entries[i];
	}
	return NULL;
}

/* ---- what is done with one ---- */

int
container_stop(const char *program, const struct container_entry *entry,
	       struct weir_error *err)
{
	struct engine engine = { .program = program };
	struct engine_output output;
	struct strings args = { 0 };
	int status = engine_ask(program, ASK_NS, -1, &output, err,
				"--version", NULL);

	if (status)
		return status;
	if (output.exit_code != 0 ||
	    !engine_take_version(output.out, &engine))
		return refused(program, &output, err);
	engine_remove_args(&engine, entry->name, &args);
	status = engine_run(program, &args, REMOVE_NS, -1, &output, err);
	strings_fini(&args);
	if (status == WEIR_OK && output.exit_code != 0)
		status = weir_error_set(err, WEIR_ESYSTEM,
					"the container \"%s\" can't be "
					"removed: %.600s", entry->name,
					engine_last_words(output.talk));
	if (status == WEIR_OK && !entry->pid &&
	    is_directory_of(entry->directory, entry->run_id))
		container_remove_directory(entry->directory);
	return status;
}

int
container_show_logs(const char *program, const struct container_entry *entry,
		    struct weir_error *err)
{
	execlp(program, program, "logs", entry->name, (char *)NULL);
	return weir_error_errno(err, "\"%s\" can't be executed", program);
}
