/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The containers that runs have started and that are still there: in use,
 * kept on purpose, or left behind by a crash. They are known by their labels.
 */
#ifndef CORE_LAUNCH_CONTAINER_H
#define CORE_LAUNCH_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#include <weir/error.h>

struct container_entry {
	char name[128];
	char run_id[32];
	char state[32];   /* the engine's word: "running", "exited" … */
	char created[24]; /* "2026-11-22 20:01:54" */
	char image[256];
	char directory[512]; /* of the run, on this side */
	int pid;             /* of its host, as long as that lives; else 0 */
};

/* All of them; *ret_entries is freed by the caller. `program` is the engine. */
WEIR_MUST_USE int container_list(const char *program,
				 struct container_entry **ret_entries,
				 size_t *ret_n, struct weir_error *err);

/* The one of that name, or of that run's id; NULL: there is none. */
const struct container_entry *
container_find(const struct container_entry *entries, size_t n,
	       const char *name);

/* Removes it, and the directory of its run where no host lives that will. */
WEIR_MUST_USE int container_stop(const char *program,
				 const struct container_entry *entry,
				 struct weir_error *err);

/* Becomes the engine's command that prints what its client said; returns
 * only on failure. */
WEIR_MUST_USE int container_show_logs(const char *program,
				      const struct container_entry *entry,
				      struct weir_error *err);

/* Removes the directory of a run and all that is in it; one that can't be
 * removed is told. */
void container_remove_directory(const char *directory);

#endif
