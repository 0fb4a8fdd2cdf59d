/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cli/args.h"
#include "core/cli/load.h"
#include "core/cli/show.h"

int
cmd_check(const struct args *args)
{
	struct load load;
	int code;

	if (args_have_no_plan(args))
		return args_refuse(args, ARGS_TAKES_PLAN);
	code = load_plan(args, &load);
	if (code == COMMAND_GOOD)
		show_plan(load.plan, stdout);
	load_fini(&load);
	return code;
}
