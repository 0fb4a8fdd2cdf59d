/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory may still be taken. Pages of shared memory that can't be had
 * do not fail a call, they wake the OOM killer: so it is asked before.
 */
#ifndef PLUGINS_SHM_MEMORY_H
#define PLUGINS_SHM_MEMORY_H

#include <stdint.h>

/*
 * Bytes that this process could take now: what the kernel calls available,
 * and no more than its control groups (version 1 or 2, with their parents)
 * leave beyond what can't be reclaimed. UINT64_MAX where nothing is known.
 */
uint64_t memory_available_bytes(void);

#endif
