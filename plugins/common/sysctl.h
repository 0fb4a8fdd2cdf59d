/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the kernel, for the sentences that name them. */
#ifndef PLUGINS_COMMON_SYSCTL_H
#define PLUGINS_COMMON_SYSCTL_H

/* A number of /proc/sys by its path there ("fs/pipe-max-size"), or 0 if it
 * can't be read. */
unsigned long long sysctl_number(const char *path);

#endif
