/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ends FILE COMMAND…` runs a command as from a terminal, where Ctrl-C works
 * even behind a shell's "&", and writes to FILE how it ended, which a shell
 * can't tell: "exit 130" and "signal 2" are both 130 to it. With `-i` before
 * FILE the command ignores SIGINT, as under nohup. It is a process group of
 * its own, and doesn't outlive who started it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int
tell(const char *path, int status)
{
	FILE *to = fopen(path, "we");

	if (!to)
		return 99;
	if (WIFSIGNALED(status))
		fprintf(to, "signal %d\n", WTERMSIG(status));
	else
		fprintf(to, "exit %d\n", WEXITSTATUS(status));
	return fclose(to) == 0 ? 0 : 99;
}

int
main(int argc, char **argv)
{
	int ignore = argc > 1 && strcmp(argv[1], "-i") == 0, status;
	pid_t pid;

	argv += ignore;
	argc -= ignore;
	if (argc < 3)
		return 99;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, ignore ? SIG_IGN : SIG_DFL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 99;
	return tell(argv[1], status);
}
