/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a command line to a plan: layers the sources, opens the registry of
 * plugins, and says everything that is wrong with them.
 */
#ifndef CORE_CLI_LOAD_H
#define CORE_CLI_LOAD_H

#include "core/cli/args.h"
#include "core/config/plan.h"
#include "core/plugin/registry.h"

struct load {
	struct settings settings;
	struct registry *registry;
	struct plan *plan;
};

/* Problems are printed here. Returns COMMAND_GOOD or the exit code. */
int load_plan(const struct args *args, struct load *ret_load);
void load_fini(struct load *load);

#endif
