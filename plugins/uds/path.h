/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meeting at a socket file: bound in offer, connected to in join, unlinked in
 * accept. What succeeds leaves a connected socket that blocks in c->fd.
 */
#ifndef PLUGINS_UDS_PATH_H
#define PLUGINS_UDS_PATH_H

#include <stdint.h>

#include <weir/transport.h>

struct uds;

/* Host: makes the file and listens. Errors: EINVALID, ESYSTEM. */
int path_offer(struct uds *c, struct weir_offer *ret_offer,
	       struct weir_error *err) WEIR_MUST_USE;

/* Client: connects to it. Errors: EINVALID, EPROTOCOL, EPEER, ESYSTEM. */
int path_join(struct uds *c, const struct weir_offer *offer,
	      struct weir_error *err) WEIR_MUST_USE;

/* Host: takes the client and removes the file. Errors: ETIMEOUT, ECANCELED,
 * ESYSTEM. */
int path_accept(struct uds *c, uint64_t deadline_ns,
		struct weir_error *err) WEIR_MUST_USE;

/* Removes the file and all that was there to await the client. */
void path_close(struct uds *c);

#endif
