/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/base/log.h"
#include "core/coord/meet.h"
#include "core/output/progress.h"

struct site {
	const struct run_config *config;
	struct host_config host_config;
	char *directory; /* NULL: no cell needs one */
	struct meet *meet;
	struct host *host;
	struct launch_site *launch;
	struct output_progress progress;
};

static bool
has_boundary(const struct plan *plan, enum plan_boundary boundary)
{
	for (size_t i = 0; i < plan->n_cells; i++) {
		if (plan->cells[i].axes.boundary == boundary)
			return true;
	}
	return false;
}

/* ---- the directory ---- */

static bool
needs_directory(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_cells; i++) {
		if (plan_cell_says(&plan->cells[i], "rendezvous", "path"))
			return true;
	}
	return false;
}

/* Where the directory is made: beside the control socket, which both sides
 * see, or in TMPDIR. */
static char *
base_of_directory(const struct plan *plan)
{
	const char *base = getenv("TMPDIR");
	char *copy, *parent;

	if (!has_boundary(plan, PLAN_EXTERNAL))
		return strdup(base && base[0] == '/' ? base : "/tmp");
	copy = strdup(plan->run.ipc_path);
	parent = copy ? realpath(dirname(copy), NULL) : NULL;
	free(copy);
	return parent;
}

static int
make_directory(struct site *site, const struct meet_access *access,
	       struct weir_error *err)
{
	cleanup_free char *base = base_of_directory(site->config->plan);
	cleanup_free char *path = NULL;

	if (!base || asprintf(&path, "%s/weir-XXXXXX", base) < 0)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	if (!mkdtemp(path))
		return weir_error_errno(err, "a private directory for the run "
					"can't be made in \"%s\"", base);
	site->directory = cleanup_take(path);
	if (access && access->owner_uid != MEET_NO_ID &&
	    chown(site->directory, access->owner_uid,
		  access->owner_gid) != 0)
		return weir_error_errno(err, "the run's directory can't be "
					"given to uid %u", access->owner_uid);
	return WEIR_OK;
}

static void
note_meet(const struct site *site, struct strings *warnings)
{
	struct weir_error why = { 0 };

	if (site->meet && meet_check_file(site->meet, &why) &&
	    !strings_contains(warnings, why.text))
		strings_add(warnings, why.text);
}

void
site_sweep(struct site *site, struct strings *warnings)
{
	DIR *dir = site->directory ? opendir(site->directory) : NULL;
	struct dirent *entry;

	note_meet(site, warnings);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		strings_addf(warnings, "\"%s\" was left behind in the run's "
			     "directory; it is removed", entry->d_name);
		if (unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			log_warn("\"%s/%s\" can't be removed",
				 site->directory, entry->d_name);
	}
	closedir(dir);
}

/* ---- the meeting place ---- */

/* "UID" or "UID:GID". */
static int
parse_owner(const char *text, struct meet_access *access,
	    struct weir_error *err)
{
	char *end;
	unsigned long uid, gid = MEET_NO_ID;

	if (!*text)
		return WEIR_OK;
	uid = strtoul(text, &end, 10);
	if (end != text && *end == ':')
		gid = strtoul(end + 1, &end, 10);
	if (end == text || *end || uid >= MEET_NO_ID || text[0] == '-')
		return weir_error_set(err, WEIR_EINVALID,
				      "ipc.owner: \"%s\" is neither UID nor "
				      "UID:GID", text);
	access->owner_uid = (uint32_t)uid;
	access->owner_gid = (uint32_t)gid;
	access->allow_uids[access->n_allow_uids++] = (uint32_t)uid;
	return WEIR_OK;
}

static int
parse_group(const char *text, struct meet_access *access,
	    struct weir_error *err)
{
	struct group *group;
	char *end;
	unsigned long gid;

	if (!*text)
		return WEIR_OK;
	gid = strtoul(text, &end, 10);
	if (*end) {
		group = getgrnam(text);
		if (!group)
			return weir_error_set(err, WEIR_EUNAVAILABLE,
					      "ipc.group: there is no group "
					      "\"%s\" here", text);
		gid = group->gr_gid;
	}
	access->owner_gid = (uint32_t)gid;
	return WEIR_OK;
}

static int
find_access(const struct plan_run *run, struct meet_access *ret_access,
	    struct weir_error *err)
{
	struct meet_access *access = ret_access;
	int status;

	*access = (struct meet_access){ .owner_uid = MEET_NO_ID,
					.owner_gid = MEET_NO_ID };
	access->mode = (uint32_t)strtoul(run->ipc_mode, NULL, 8);
	status = parse_owner(run->ipc_owner, access, err);
	if (status == WEIR_OK)
		status = parse_group(run->ipc_group, access, err);
	for (size_t i = 0; i < run->allow_uids.n && !status; i++) {
		if (access->n_allow_uids == MEET_UIDS_MAX)
			return weir_error_set(err, WEIR_EINVALID,
					      "allow_uids: more than %d",
					      MEET_UIDS_MAX);
		access->allow_uids[access->n_allow_uids++] =
			(uint32_t)strtoul(run->allow_uids.at[i], NULL, 10);
	}
	return status;
}

static void
show_wait(void *context, uint32_t n_come)
{
	struct site *site = context;
	struct text what = { 0 };

	output_progress_end(&site->progress);
	text_addf(&what, "client %u of %d at %s", n_come + 1,
		  (int)site->config->plan->run.clients, meet_path(site->meet));
	output_progress_wait(&site->progress, site->config->quiet,
			     text_get(&what));
	text_fini(&what);
}

int
site_meet(struct site *site, struct weir_error *err)
{
	const struct plan_run *run = &site->config->plan->run;
	const struct host_await await = {
		.n = (uint32_t)run->clients,
		.deadline_ns = clock_deadline_ns(run->connect_timeout_ns),
		.tell = show_wait,
		.context = site,
	};
	int status;

	if (!site->meet)
		return WEIR_OK;
	status = host_create(&site->host_config, &site->host, err);
	log_info("waiting for %d client%s at \"%s\"", (int)run->clients,
		 run->clients == 1 ? "" : "s", meet_path(site->meet));
	if (status == WEIR_OK)
		status = host_await_clients(site->host, site->meet, &await,
					    err);
	output_progress_end(&site->progress);
	return status;
}

struct host *
site_host(const struct site *site)
{
	return site->host;
}

/* ---- open and close ---- */

static int
open_place(struct site *site, struct weir_error *err)
{
	const struct plan *plan = site->config->plan;
	bool external = has_boundary(plan, PLAN_EXTERNAL);
	struct meet_access access;
	int status = WEIR_OK;

	if (external) {
		status = find_access(&plan->run, &access, err);
		if (status == WEIR_OK)
			status = meet_listen(plan->run.ipc_path, &access,
					     &site->meet, err);
	}
	if (status == WEIR_OK && needs_directory(plan))
		status = make_directory(site, external ? &access : NULL, err);
	return status;
}

int
site_open(const struct run_config *config, struct site **ret_site,
	  struct weir_error *err)
{
	struct site *site = calloc(1, sizeof(*site));
	int status;

	if (!site)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a run");
	site->config = config;
	status = launch_site_create(&config->plan->run, config->stop_fd,
				    &site->launch, err);
	if (status == WEIR_OK)
		status = open_place(site, err);
	if (status) {
		site_close(site);
		return status;
	}
	site->host_config = (struct host_config){
		.run = &config->plan->run,
		.facts = &config->result->host,
		.directory = site->directory,
		.client_directory = site->directory ?
					    strrchr(site->directory, '/') + 1 :
					    NULL,
		.stop_fd = config->stop_fd,
	};
	*ret_site = site;
	return WEIR_OK;
}

struct launch_site *
site_launch(const struct site *site)
{
	return site->launch;
}

const char *
site_directory(const struct site *site)
{
	return site->directory;
}

void
site_close(struct site *site)
{
	if (!site)
		return;
	/* The place first: who stays and hears the farewell goes there for
	 * its next host, and would meet one that is about to hang up. */
	meet_close(site->meet);
	host_destroy(site->host);
	launch_site_destroy(site->launch);
	if (site->directory && rmdir(site->directory) != 0 && errno != ENOENT)
		log_warn("the run's directory \"%s\" can't be removed: %s",
			 site->directory, strerror(errno));
	free(site->directory);
	free(site);
}
