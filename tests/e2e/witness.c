/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into weir, it tells of each of its processes, at the end, how
 * much memory it had at most: a line "host|client KIBIBYTES" in the file
 * WITNESS_FILE. In WITNESS_CLIENT_CPU it can be given a CPU on which the
 * client, and nobody else, is started.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *side = "host";

__attribute__((constructor)) static void
narrow(int argc, char **argv)
{
	const char *cpu = getenv("WITNESS_CLIENT_CPU");
	cpu_set_t set;

	if (argc < 2 || strcmp(argv[1], "client") != 0)
		return;
	side = "client";
	if (!cpu)
		return;
	CPU_ZERO(&set);
	CPU_SET(atoi(cpu), &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		abort();
}

static long
peak_kib(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	while (status && kib < 0 && fgets(line, sizeof(line), status)) {
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	}
	if (status)
		fclose(status);
	return kib;
}

__attribute__((destructor)) static void
tell(void)
{
	const char *path = getenv("WITNESS_FILE");
	int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
			     0600) :
			-1;

	if (fd < 0)
		return;
	dprintf(fd, "%s %ld\n", side, peak_kib());
	close(fd);
}
