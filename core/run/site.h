/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site of a run: where the two sides meet at the boundary `external`,
 * and the run's private directory. Made as it is needed, and gone, with
 * everything in it, at the end.
 */
#ifndef CORE_RUN_SITE_H
#define CORE_RUN_SITE_H

#include "core/coord/host.h"
#include "core/launch/launch.h"
#include "core/run/run.h"

struct site;

WEIR_MUST_USE int site_open(const struct run_config *config,
			    struct site **ret_site, struct weir_error *err);

/* What the clients that weir starts itself share. */
struct launch_site *site_launch(const struct site *site);

/* The private directory of the run as this side sees it, or NULL. */
const char *site_directory(const struct site *site);

/* Waits for the clients of the boundary external, if the plan has it.
 * ETIMEOUT: they did not come within connect_timeout. */
WEIR_MUST_USE int site_meet(struct site *site, struct weir_error *err);

/* The host with all of those clients. Borrowed. */
struct host *site_host(const struct site *site);

/* What a transport left in the directory after a trial is removed, and told:
 * a transport leaves nothing behind. So is it told if the control socket's file
 * is gone. */
void site_sweep(struct site *site, struct strings *warnings);

/* Says BYE, removes socket and directory; NULL is allowed. */
void site_close(struct site *site);

#endif
