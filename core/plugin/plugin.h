/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loaded transport plugin: the core's own strict copy of what the module
 * exports. The module's struct may be older (shorter) or newer (longer) than
 * the core's; here every member is present, checked, and of the core's
 * layout. Made by the loader, owned by a registry, read by everybody else
 * through a const pointer.
 */
#ifndef CORE_PLUGIN_PLUGIN_H
#define CORE_PLUGIN_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/transport.h>

#include "core/option/option.h"

#define PLUGIN_MAGIC UINT32_C(0x77706c67)

struct plugin {
	uint32_t magic;

	/* Members beyond the module's declared size are zero; .options and
	 * .option_bytes are those of `options` below. */
	struct weir_transport ops;

	char *name;
	char *path; /* the file that it was loaded from */

	/* Rows in the core's layout, whatever the module's. Texts in them
	 * are the module's, which stays loaded. */
	struct option_table options;

	bool kept; /* atomic, see plugin_keep */
};

/* Frees the copy (NULL is allowed). The module itself stays: see load.h. */
void plugin_destroy(struct plugin *plugin);

/* A thread that can't be ended hangs in the module, and may come back to read
 * the copy at any time: plugin_destroy leaves it alone. NULL is allowed; from
 * any thread. */
void plugin_keep(const struct plugin *plugin);

/* The table of services that the core gives to every channel. Never NULL,
 * valid for the life of the program. */
const struct weir_services *plugin_services(void);

/* The same with the time stamp counter for a clock, by that calibration
 * (copied) from now on: for all who have them. On a machine that has passed
 * tsc_check. */
struct tsc_scale;
const struct weir_services *
plugin_services_tsc(const struct tsc_scale *scale);

#endif
