/* SPDX-License-Identifier: Apache-2.0 */
#include "core/launch/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/io.h"
#include "core/base/log.h"
#include "core/base/units.h"

bool
engine_take_version(const char *answer, struct engine *to)
{
	static const struct {
		const char *begin;
		enum engine_kind kind;
	} known[] = {
		{ "podman version ", ENGINE_PODMAN },
		{ "Docker version ", ENGINE_DOCKER },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = strlen(known[i].begin);
		size_t n;

		if (strncmp(answer, known[i].begin, len) != 0)
			continue;
		n = strcspn(answer + len, ", \t\r\n");
		if (n == 0 || n >= sizeof(to->version))
			return false;
		to->kind = known[i].kind;
		memcpy(to->version, answer + len, n);
		to->version[n] = '\0';
		text_clean(to->version, n);
		return true;
	}
	return false;
}

void
engine_ids(const struct engine *engine, const char *user,
	   struct engine_ids *ret_ids)
{
	struct engine_ids *ids = ret_ids;
	char *colon;

	/* The config's rules have seen to its form. */
	ids->inside_uid = (uint32_t)strtoul(user, &colon, 10);
	ids->inside_gid = *colon ? (uint32_t)strtoul(colon + 1, NULL, 10) :
				   ids->inside_uid;
	if (engine->uid == 0) {
		ids->outside_uid = ids->inside_uid;
		ids->outside_gid = ids->inside_gid;
		return;
	}
	ids->outside_uid = engine->uid;
	ids->outside_gid = engine->gid;
	if (engine->kind == ENGINE_DOCKER) {
		ids->inside_uid = engine->uid;
		ids->inside_gid = engine->gid;
	}
}

/* What keeps it apart from this side, said in full: an engine's defaults are
 * its administrator's. */
static void
add_isolation(const struct engine *engine, const struct engine_ids *ids,
	      struct strings *args)
{
	strings_add(args, "--network=none");
	strings_add(args, "--ipc=private");
	if (engine->kind == ENGINE_PODMAN) { /* docker has no word for it */
		strings_add(args, "--pid=private");
		strings_add(args, "--uts=private");
	}
	strings_add(args, "--read-only");
	strings_add(args, "--cap-drop=all");
	strings_add(args, "--security-opt=no-new-privileges");
	if (engine->kind == ENGINE_PODMAN && engine->uid != 0)
		strings_addf(args, "--userns=keep-id:uid=%" PRIu32
			     ",gid=%" PRIu32, ids->inside_uid,
			     ids->inside_gid);
	strings_addf(args, "--user=%" PRIu32 ":%" PRIu32, ids->inside_uid,
		     ids->inside_gid);
}

static void
add_limits(const struct plan_run *run, struct strings *args)
{
	char cpus[UNITS_TEXT_BYTES];

	if (run->container_memory_bytes)
		strings_addf(args, "--memory=%" PRIu64 "b",
			     run->container_memory_bytes);
	if (run->container_cpus > 0) {
		units_print_double(run->container_cpus, cpus);
		strings_addf(args, "--cpus=%s", cpus);
	}
}

void
engine_run_args(const struct engine *engine, const struct engine_order *order,
		struct strings *ret_args)
{
	const struct plan_run *run = order->run;
	struct strings *args = ret_args;
	char silence[UNITS_TEXT_BYTES];
	struct engine_ids ids;

	engine_ids(engine, run->container_user, &ids);
	strings_add(args, "run");
	strings_add(args, "--detach");
	strings_add(args, "--pull=never");
	strings_addf(args, "--name=%s", order->name);
	strings_addf(args, "--label=" ENGINE_LABEL_RUN "=%s", order->run_id);
	strings_addf(args, "--label=" ENGINE_LABEL_PID "=%d", order->pid);
	strings_addf(args, "--label=" ENGINE_LABEL_STARTED "=%" PRIu64,
		     order->started);
	strings_addf(args, "--label=" ENGINE_LABEL_DIRECTORY "=%s",
		     order->directory);
	/* No --rm: what a client said before it died is worth reading. Where
	 * podman would log to a journal, not every user could. */
	if (engine->kind == ENGINE_PODMAN)
		strings_add(args, "--log-driver=k8s-file");
	add_isolation(engine, &ids, args);
	add_limits(run, args);
	strings_addf(args, "--volume=%s:" ENGINE_DIRECTORY "%s",
		     order->directory, engine->selinux ? ":Z" : "");
	strings_addf(args, "--env=WEIR_LOG=%s", log_level_name(log_level));
	for (size_t i = 0; i < run->container_extra_args.n; i++)
		strings_add(args, run->container_extra_args.at[i]);
	strings_add(args, run->container_image);
	units_print_duration(run->silence_timeout_ns, silence);
	strings_add(args, "client");
	strings_add(args, "--ipc-path=" ENGINE_DIRECTORY "/" ENGINE_SOCKET);
	strings_add(args, "--persist");
	strings_addf(args, "--silence-timeout=%s", silence);
}

void
engine_remove_args(const struct engine *engine, const char *name,
		   struct strings *ret_args)
{
	strings_add(ret_args, "rm");
	strings_add(ret_args, "--force");
	/* It is idle or beyond asking: docker kills without waiting anyway. */
	if (engine->kind == ENGINE_PODMAN)
		strings_add(ret_args, "--time=0");
	strings_add(ret_args, name);
}

uint64_t
engine_process_started(int pid)
{
	char path[48], stat[1024], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (io_read_small(path, stat, sizeof(stat)) <= 0)
		return 0;
	/* Behind the name, which may hold anything, it is the 20th field. */
	p = strrchr(stat, ')');
	for (int i = 0; p && i < 20; i++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p + 1, NULL, 10) : 0;
}
