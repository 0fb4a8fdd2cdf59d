/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The axes of the matrix: one row each, and where they apply.
 */
#include "core/config/axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/config/namespaces.h"

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))
#define AXIS(member) offsetof(struct plan_axes, member)

#define PAUSE_MAX_NS INT64_C(3600000000000)

const char *const plan_pattern_names[] = {
	"round_trip", "one_way", "connect", "paced", NULL,
};
const char *const plan_arrival_names[] = { "uniform", "poisson", NULL };
const char *const plan_direction_names[] = { "round_trip", "one_way", NULL };
const char *const plan_boundary_names[] = {
	"thread", "process", "namespace", "container", "external", NULL,
};

const char *const plan_touch_names[] = {
	"none", "header", "sampled", "full", NULL,
};
const char *const plan_access_names[] = { "copy", "in_place", NULL };

const char *const plan_placement_names[] = {
	"auto", "same", "sibling", "cache", "far", NULL,
};

static const struct weir_option axes_rows[] = {
	{
		.name = "transport",
		.type = WEIR_OPTION_STRING,
		.default_text = "",
		.help = "names of the group transports, or of plugins taken "
			"with their defaults; has to be given",
		.offset = AXIS(transport),
	},
	{
		.name = "pattern",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "round_trip",
		.choices = plan_pattern_names,
		.help = "the traffic: each message answered before the next, "
			"a stream in one direction, channels that are set up, "
			"carry a message there and back, and are closed, or "
			"messages sent at their time whatever became of "
			"those before",
		.offset = AXIS(pattern),
	},
	{
		.name = "size",
		.type = WEIR_OPTION_SIZE,
		.default_text = "1Ki",
		.min = 1,
		.max = INT64_C(16) << 20,
		.help = "bytes of a message, exactly as the transport is "
			"given it",
		.offset = AXIS(size_bytes),
	},
	{
		.name = "boundary",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "process",
		.choices = plan_boundary_names,
		.help = "what lies between host and client",
		.offset = AXIS(boundary),
	},
	{
		.name = "concurrency",
		.type = WEIR_OPTION_INT,
		.default_text = "1",
		.min = 1,
		.max = 1024,
		.help = "channels at the same time, each with a thread of its "
			"own on both sides",
		.offset = AXIS(concurrency),
	},
	{
		.name = "namespaces",
		.type = WEIR_OPTION_STRING,
		.default_text = "all",
		.help = "what is new for the client at the boundary namespace: "
			"all, none, or some of user, pid, ipc, net, uts and "
			"mount, as \"pid+net\"; other boundaries have no use "
			"for it",
		.offset = AXIS(namespaces),
	},
	{
		.name = "idle",
		.type = WEIR_OPTION_DURATION,
		.default_text = "0s",
		.min = 0,
		.max = PAUSE_MAX_NS,
		.help = "how long the sender sleeps before each message, so "
			"that it meets both sides cold; in no figure but the "
			"elapsed time",
		.offset = AXIS(idle_ns),
	},
	{
		.name = "send_delay",
		.type = WEIR_OPTION_DURATION,
		.default_text = "0s",
		.min = 0,
		.max = PAUSE_MAX_NS,
		.help = "likewise a pause before each message, at whose end "
			"the sender is awake, so that the message meets only "
			"the other side waiting",
		.offset = AXIS(send_delay_ns),
	},
	{
		.name = "load",
		.type = WEIR_OPTION_INT,
		.default_text = "0",
		.min = 0,
		.max = 1023,
		.help = "busy channels beside those of concurrency, which "
			"then send one message a millisecond (or as idle or "
			"send_delay say) and alone are measured: latency "
			"under load",
		.offset = AXIS(load),
	},
	{
		.name = "background",
		.type = WEIR_OPTION_STRING,
		.default_text = "none",
		.help = "a command that runs beside each trial, as \"stress-ng "
			"--cpu 2\": words and quotes as in a shell, and no "
			"shell",
		.offset = AXIS(background),
	},
	{
		.name = "batch",
		.type = WEIR_OPTION_INT,
		.default_text = "1",
		.min = 1,
		.max = 1024,
		.help = "messages that are sent as one: by one system call or "
			"one publication; a round trip answers all of them "
			"together",
		.offset = AXIS(batch),
	},
	{
		.name = "touch",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "header",
		.choices = plan_touch_names,
		.help = "what the sides do with a message: nothing, stamp and "
			"check its header, besides that write and read one "
			"word in every 64 bytes (sampled), or every byte",
		.offset = AXIS(touch),
	},
	{
		.name = "access",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "copy",
		.choices = plan_access_names,
		.help = "whether messages are copied into the transport and "
			"out of it, or written and read in its own memory, "
			"where it lends that",
		.offset = AXIS(access),
	},
	{
		.name = "rate",
		.type = WEIR_OPTION_RATE,
		.default_text = "1k",
		.min = 1,
		.max = 10000000,
		.help = "with the pattern paced: messages per second on each "
			"channel, or search: the highest that keeps slo",
		.offset = AXIS(rate),
	},
	{
		.name = "arrival",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "uniform",
		.choices = plan_arrival_names,
		.help = "with the pattern paced: messages are due at equal "
			"distances, or independently of each other",
		.offset = AXIS(arrival),
	},
	{
		.name = "direction",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "round_trip",
		.choices = plan_direction_names,
		.help = "with the pattern paced: whether messages are "
			"answered",
		.offset = AXIS(direction),
	},
	{
		.name = "placement",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "auto",
		.choices = plan_placement_names,
		.help = "how near the CPUs of the two sides are: as cpu.host "
			"and cpu.client say (auto), one for both (same), two "
			"threads of a core, two cores that share a cache, or "
			"two that do not (far)",
		.offset = AXIS(placement),
	},
};

const struct option_table plan_axes_table = {
	.rows = axes_rows,
	.n_rows = ROWS(axes_rows),
	.struct_bytes = sizeof(struct plan_axes),
};

bool
axes_apply(const struct weir_option *row, const struct plan_axes *axes)
{
	switch (row->offset) {
	case AXIS(namespaces):
		return axes->boundary == PLAN_NAMESPACE;
	case AXIS(batch):
	case AXIS(touch):
	case AXIS(access):
		return axes->pattern == PLAN_ROUND_TRIP ||
		       axes->pattern == PLAN_ONE_WAY;
	case AXIS(idle_ns):
	case AXIS(send_delay_ns):
		return axes->pattern != PLAN_PACED;
	case AXIS(rate):
	case AXIS(arrival):
	case AXIS(direction):
		return axes->pattern == PLAN_PACED;
	default:
		return true;
	}
}

/* Not only a row of that name: a transport may have one, too. */
static bool
is_axis(const struct weir_option *row, const char *name)
{
	return row == option_find(&plan_axes_table, name);
}

const char *
axes_word(const struct weir_option *row)
{
	return is_axis(row, "rate") ? ", or \"" AXES_SEARCH "\"" : "";
}

bool
axes_set_word(const struct weir_option *row, const char *text,
	      struct plan_axes *axes)
{
	if (!is_axis(row, "rate") || strcmp(text, AXES_SEARCH) != 0)
		return false;
	axes->rate = INFINITY;
	return true;
}

bool
axes_spell(const struct weir_option *row, const char *text,
	   char ret_text[AXES_SPELLING_BYTES])
{
	struct plan_axes unused;
	uint32_t bits;

	_Static_assert(AXES_SPELLING_BYTES >= NAMESPACES_TEXT_BYTES,
		       "all namespaces fit");
	if (is_axis(row, "namespaces") && namespaces_parse(text, &bits))
		namespaces_write(bits, ret_text);
	else if (axes_set_word(row, text, &unused))
		snprintf(ret_text, AXES_SPELLING_BYTES, "%s", text);
	else
		return false;
	return true;
}

bool
axes_in_place(const struct weir_option *row)
{
	return row->offset <= AXIS(namespaces);
}
