/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of a socket file: an open directory and a name in it. It is
 * reached through /proc/self/fd, so that the length of the directory's own
 * name does not count (sun_path has room for 107 bytes).
 */
#ifndef CORE_COORD_PLACE_H
#define CORE_COORD_PLACE_H

#include <sys/un.h>

#include <weir/error.h>

/* Splits a path. 0, or -1 with errno; the caller closes and frees. */
WEIR_MUST_USE int place_open(const char *path, int *ret_directory,
			     char **ret_name);

/* 0, or -1 with errno: ENAMETOOLONG. */
WEIR_MUST_USE int place_address(int directory, const char *name,
				struct sockaddr_un *ret_address);

/* A new socket that does not block, or -1 with errno. */
WEIR_MUST_USE int place_socket(void);

/* Connects once: a socket, or -1 with errno. */
WEIR_MUST_USE int place_connect(int directory, const char *name);

#endif
