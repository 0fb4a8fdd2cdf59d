/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "core/cli/args.h"
#include "core/option/option.h"
#include "core/plugin/plugin.h"
#include "core/plugin/registry.h"

/* Prints a text between the columns 6 and 80, broken at spaces. */
static void
print_wrapped(const char *text)
{
	const size_t width = 74;

	while (strlen(text) > width) {
		size_t n = width;

		while (n > 0 && text[n] != ' ')
			n--;
		if (n == 0)
			break;
		printf("      %.*s\n", (int)n, text);
		text += n + 1;
	}
	printf("      %s\n", text);
}

static void
describe_option(const struct weir_option *row)
{
	struct text type = { 0 };

	option_describe_type(row, &type);
	printf("\n  %s = %s\n", row->name,
	       *row->default_text ? row->default_text : "\"\"");
	print_wrapped(row->help);
	print_wrapped(text_get(&type));
	text_fini(&type);
}

static void
describe(const struct plugin *plugin)
{
	static const struct {
		uint64_t bit;
		const char *text;
	} capabilities[] = {
		{ WEIR_CAP_TRY, "sends and receives without waiting" },
		{ WEIR_CAP_LOAN, "lends memory to write messages in place" },
		{ WEIR_CAP_BORROW, "shows messages in place" },
		{ WEIR_CAP_FLUSH, "can publish several messages at once" },
		{ WEIR_CAP_MANY, "takes and gives several messages at once" },
		{ WEIR_CAP_UNTIL, "receives until a deadline" },
		{ WEIR_CAP_LOOPBACK, "carries nothing: the floor of weir" },
		{ WEIR_CAP_LOSSY, "may drop messages by design" },
		{ WEIR_CAP_PATH, "can meet at a named object" },
	};

	printf("%s: %s\n\nfile: %s\n", plugin->name, plugin->ops.summary,
	       plugin->path);
	for (size_t i = 0;
	     i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		if (plugin->ops.capabilities & capabilities[i].bit)
			printf("  - %s\n", capabilities[i].text);
	}
	printf("\noptions, as in transports: { %s: { plugin = \"%s\"; … } }:\n",
	       plugin->name, plugin->name);
	for (size_t i = 0; i < plugin->options.n_rows; i++)
		describe_option(&plugin->options.rows[i]);
	if (plugin->options.n_rows == 0)
		printf("\n  none\n");
}

int
cmd_describe(const struct args *args)
{
	const struct strings none = { 0 };
	struct registry *registry = NULL;
	const struct plugin *plugin;
	struct weir_error err = { 0 };
	int code = COMMAND_GOOD;

	if (args->operands.n != 1)
		return args_refuse(args, "the name of one transport");
	if (registry_create(&none, &registry, &err) ||
	    registry_get(registry, args->operands.at[0], &plugin, &err))
		code = command_fail(&err);
	else
		describe(plugin);
	registry_destroy(registry);
	return code;
}
