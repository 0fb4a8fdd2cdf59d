/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strangers at a control socket.
 *
 * `visitor PATH` connects, says "connected", sends what it reads from its
 * standard input, and stays until the other side has closed. `visitor -l PATH
 * N` listens there, closes N connections as soon as they come, and says how
 * many milliseconds that took. Neither outlives who started it, nor a minute.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static long
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
visit(int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	printf("connected\n");
	fflush(stdout);
	while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0) {
		if (write(fd, bytes, (size_t)n) != n)
			return 0;
	}
	do {
		if (poll(&end, 1, 60000) <= 0)
			return 1;
		n = read(fd, bytes, sizeof(bytes));
	} while (n > 0);
	return 0;
}

static int
turn_away(int fd, int count)
{
	struct pollfd come = { .fd = fd, .events = POLLIN };
	long begun_ms = 0;

	if (listen(fd, 8) != 0)
		return 1;
	for (int i = 0; i < count; i++) {
		int one = poll(&come, 1, 60000) > 0 ? accept(fd, NULL, NULL) :
						     -1;

		if (one < 0)
			return 1;
		if (i == 0)
			begun_ms = now_ms();
		close(one);
	}
	printf("%ld\n", now_ms() - begun_ms);
	return 0;
}

int
main(int argc, char **argv)
{
	int listens = argc == 4 && strcmp(argv[1], "-l") == 0;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || (argc != 2 && !listens))
		return 99;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 argv[1 + listens]);
	if (listens)
		return bind(fd, (struct sockaddr *)&address,
			    sizeof(address)) == 0 ?
			       turn_away(fd, atoi(argv[3])) : 99;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return 99;
	return visit(fd);
}
