/* SPDX-License-Identifier: Apache-2.0 */
/*
 * battery [-a] [-k PART] [MODULE...]: runs the conformance battery on modules
 * (names or paths), or on all that the build made, and prints TAP.
 *
 *	-a       every case in every mode for every combination of choices
 *	-k PART  only cases whose name holds PART
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/plugin/plugin.h"
#include "core/plugin/registry.h"
#include "core/plugin/search.h"
#include "tests/conformance/battery.h"

struct tap {
	unsigned n;
	unsigned n_failed;
};

static void
tap_report(void *context, int outcome, const char *name, const char *text)
{
	struct tap *tap = context;

	tap->n++;
	switch (outcome) {
	case BATTERY_SKIPPED:
		printf("ok %u - %s # SKIP %s\n", tap->n, name, text);
		break;
	case BATTERY_PASSED:
		printf("ok %u - %s%s%s\n", tap->n, name,
		       text[0] ? ", " : "", text);
		break;
	default:
		tap->n_failed++;
		printf("not ok %u - %s\n# %s\n", tap->n, name, text);
		break;
	}
	fflush(stdout); /* the next case forks */
}

/* The modules that the build made, by path, so that none installed is taken
 * for them. */
static void
find_built(struct strings *ret_modules)
{
	const char *build = getenv("top_builddir");
	struct strings folders = { 0 };
	struct strings names = { 0 };

	strings_addf(&folders, "%s/plugins/.libs", build ? build : ".");
	search_list(&folders, &names);
	for (size_t i = 0; i < names.n && !folders.failed; i++)
		strings_addf(ret_modules, "%s/%s.so", folders.at[0],
			     names.at[i]);
	strings_fini(&names);
	strings_fini(&folders);
}

static int
run_module(struct registry *registry, const char *module,
	   struct battery_plan *plan, struct weir_error *err)
{
	int status = registry_get(registry, module, &plan->plugin, err);

	return status == WEIR_OK ? battery_run(plan, err) : status;
}

int
main(int argc, char **argv)
{
	struct tap tap = { 0 };
	struct battery_plan plan = { .report = tap_report, .context = &tap };
	struct strings modules = { 0 };
	struct registry *registry = NULL;
	struct weir_error err = { 0 };
	int status;
	int opt;

	while ((opt = getopt(argc, argv, "ak:")) != -1) {
		if (opt == 'a')
			plan.thorough = true;
		else if (opt == 'k')
			plan.only = optarg;
		else
			return EXIT_FAILURE;
	}
	for (int i = optind; i < argc; i++)
		strings_add(&modules, argv[i]);
	if (optind == argc)
		find_built(&modules);
	status = registry_create(NULL, &registry, &err);
	if (status == WEIR_OK && modules.n == 0)
		status = weir_error_set(&err, WEIR_EUNAVAILABLE,
					"there are no modules to test");
	for (size_t i = 0; i < modules.n && status == WEIR_OK; i++)
		status = run_module(registry, modules.at[i], &plan, &err);
	registry_destroy(registry);
	strings_fini(&modules);
	if (status != WEIR_OK) {
		printf("Bail out! %s\n", err.text);
		return EXIT_FAILURE;
	}
	printf("1..%u\n", tap.n);
	return tap.n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
