/* SPDX-License-Identifier: Apache-2.0 */
/* The client may be lied to by its host, and by who can write to the
 * directory: an offer that is not one is refused, and nothing worse. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/leak.h"
#include "tests/conformance/rig.h"

#define PATH_BYTES 512
#define GENUINE_FILES_MAX 4

/* Calls join with what may be garbage. Takes the offer's descriptors. */
static int
join_offer(struct rig *rig, struct weir_offer *offer, const char *what)
{
	struct rig_end end;
	struct leak_fds before;
	struct weir_error err = { 0 };
	char leaked[512];
	uint64_t begin = clock_now_ns();
	int status;

	leak_take_fds(&before);
	rig_end_init(&end, rig, WEIR_SIDE_CLIENT, 4096);
	status = end.ops->join(&end.setup, offer, &end.channel, &err);
	rig_check(rig, clock_now_ns() - begin < 5 * NS_PER_S,
		  "%s: join takes more than 5 s", what);
	if (status == WEIR_OK) {
		rig_check(rig, end.channel, "%s: join gives no channel", what);
		rig_close_end(&end);
	} else {
		rig_check(rig, err.text[0], "%s: join fails with \"%s\" and "
			  "no sentence", what, weir_status_text(status));
		rig_check(rig, !end.channel,
			  "%s: join fails and leaves a channel", what);
	}
	rig_offer_close(offer);
	leak_new_fd(&before, 0, leaked, sizeof(leaked));
	rig_check(rig, !leaked[0], "%s: descriptor %s is left open", what,
		  leaked);
	return status;
}

static void
assert_refused(struct rig *rig, struct weir_offer *offer, const char *what)
{
	rig_check(rig, join_offer(rig, offer, what) != WEIR_OK,
		  "%s: join takes it", what);
}

/* ---- descriptors of every wrong kind ------------------------------- */

static int
make_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int
make_folder(void)
{
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
make_file(void)
{
	return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

static int
make_eventfd(void)
{
	return eventfd(0, EFD_CLOEXEC);
}

static int
make_datagram_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int
make_internet_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* An end that nobody will ever write to, nor read from. */
static int
make_pipe_end(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	close(fds[1]);
	return fds[0];
}

static int
make_memfd(off_t bytes, int seals)
{
	int fd = memfd_create("weir-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, bytes) < 0 ||
			fcntl(fd, F_ADD_SEALS, seals) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
make_empty_memfd(void)
{
	return make_memfd(0, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

/* Whoever maps this one dies when its owner makes it shorter. */
static int
make_unsealed_memfd(void)
{
	return make_memfd(4 << 20, 0);
}

static int
make_sealed_memfd(void)
{
	return make_memfd(4 << 20, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

static int
make_huge_memfd(void)
{
	return make_memfd((off_t)1 << 40,
			  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

static const struct {
	const char *what;
	int (*make)(void);
	bool one_may_be_taken; /* by a plugin that expects one of just that */
} kinds[] = {
	{ "/dev/null", make_null, false },
	{ "a directory", make_folder, false },
	{ "a file", make_file, false },
	{ "an eventfd", make_eventfd, true },
	{ "a datagram socket", make_datagram_socket, false },
	{ "an internet socket", make_internet_socket, false },
	{ "the reading ends of dead pipes", make_pipe_end, true },
	{ "an empty memfd", make_empty_memfd, false },
	{ "an unsealed memfd", make_unsealed_memfd, false },
	{ "a memfd of zeros", make_sealed_memfd, false },
	{ "a memfd of 1 TiB", make_huge_memfd, false },
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* An offer as the plugin makes it, of a host that is still there. */
static void
genuine_offer(struct rig *rig, struct rig_end *ret_host,
	      struct weir_offer *ret_offer)
{
	rig_end_init(ret_host, rig, WEIR_SIDE_HOST, 4096);
	rig_offer(ret_host, ret_offer);
}

/* Each descriptor in turn, and all of them, of a wrong kind. */
static void
hostile_kinds(struct rig *rig)
{
	char what[128];

	for (size_t k = 0; k < N_KINDS; k++) {
		for (unsigned i = 0; i <= WEIR_OFFER_FDS_MAX; i++) {
			struct rig_end host;
			struct weir_offer offer;
			unsigned n;

			genuine_offer(rig, &host, &offer);
			n = offer.n_fds;
			for (unsigned j = 0; j < n; j++) {
				if (j != i && i < n)
					continue;
				close(offer.fds[j]);
				offer.fds[j] = kinds[k].make();
			}
			snprintf(what, sizeof(what), "%s for %s %u of %u",
				 kinds[k].what,
				 i < n ? "descriptor" : "descriptors", i, n);
			if (i < n && kinds[k].one_may_be_taken)
				join_offer(rig, &offer, what);
			else if (n > 0)
				assert_refused(rig, &offer, what);
			rig_offer_close(&offer);
			rig_close_end(&host);
			if (i >= n)
				break;
		}
	}
}

/* None, too few, too many, closed ones, and counts that lie. */
static void
hostile_counts(struct rig *rig)
{
	struct rig_end host;
	struct weir_offer offer;
	unsigned n;

	genuine_offer(rig, &host, &offer);
	n = offer.n_fds;
	if (n > 0) {
		close(offer.fds[--offer.n_fds]);
		offer.fds[offer.n_fds] = -1;
		assert_refused(rig, &offer, "one descriptor too few");
	}
	rig_offer_close(&offer);
	rig_close_end(&host);

	genuine_offer(rig, &host, &offer);
	offer.fds[offer.n_fds++] = make_null();
	assert_refused(rig, &offer, "one descriptor too many");
	rig_close_end(&host);

	genuine_offer(rig, &host, &offer);
	offer.n_fds = UINT32_MAX;
	assert_refused(rig, &offer, "4294967295 descriptors");
	rig_close_end(&host);

	genuine_offer(rig, &host, &offer);
	for (unsigned i = 0; i < n; i++) {
		close(offer.fds[i]);
		offer.fds[i] = -1;
	}
	if (n > 0)
		assert_refused(rig, &offer, "descriptors that did not come");
	rig_offer_close(&offer);
	rig_close_end(&host);

	rig_offer_init(&offer);
	assert_refused(rig, &offer, "an empty offer");
}

/* The same descriptor for all, and the descriptors in reverse: plausible, so
 * that it may be taken, but it must not crash. */
static void
hostile_mixed_up(struct rig *rig)
{
	struct rig_end host;
	struct weir_offer offer;

	genuine_offer(rig, &host, &offer);
	for (unsigned i = 0; i < offer.n_fds / 2; i++) {
		int fd = offer.fds[i];

		offer.fds[i] = offer.fds[offer.n_fds - 1 - i];
		offer.fds[offer.n_fds - 1 - i] = fd;
	}
	join_offer(rig, &offer, "descriptors in reverse");
	rig_close_end(&host);

	genuine_offer(rig, &host, &offer);
	for (unsigned i = 1; i < offer.n_fds; i++) {
		close(offer.fds[i]);
		offer.fds[i] = fcntl(offer.fds[0], F_DUPFD_CLOEXEC, 0);
	}
	join_offer(rig, &offer, "one descriptor for all");
	rig_close_end(&host);
}

/* ---- addresses ------------------------------------------------------ */

static void
hostile_addresses(struct rig *rig)
{
	static const char *const texts[] = {
		"/", "..", ".", "../../../../etc/passwd", "/etc/passwd",
		"a/b", "no-such-name", "weir-1-2-3", "\033[2J", "\n", " ",
		"%s%n", "\xff\xfe",
	};
	struct weir_offer offer;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rig_end host;
		bool has_address;

		/* Where descriptors do, an address may be passed over. */
		genuine_offer(rig, &host, &offer);
		has_address = offer.address[0] != '\0';
		snprintf(offer.address, sizeof(offer.address), "%s",
			 texts[i]);
		rig_check(rig, join_offer(rig, &offer, "a made-up address") !=
			  WEIR_OK || !has_address,
			  "a made-up address: join takes it");
		rig_close_end(&host);

		rig_offer_init(&offer);
		snprintf(offer.address, sizeof(offer.address), "%s",
			 texts[i]);
		assert_refused(rig, &offer, "a made-up address alone");
	}
	rig_offer_init(&offer);
	memset(offer.address, 'x', sizeof(offer.address));
	assert_refused(rig, &offer, "an address without an end");
}

/* ---- files ---------------------------------------------------------- */

/* The options of the case with rendezvous = path; the caller frees them. */
static void *
path_options(struct rig *rig)
{
	const struct option_table *table = &rig->plugin->options;
	const struct weir_option *row = option_find(table, "rendezvous");
	void *values = rig_buffer(rig, table->struct_bytes);
	uint32_t path = 0;

	memcpy(values, rig->options, table->struct_bytes);
	while (strcmp(row->choices[path], "path") != 0)
		path++;
	memcpy((char *)values + row->offset, &path, sizeof(path));
	rig->options = values;
	return values;
}

static size_t
list_files(struct rig *rig, char names[][PATH_BYTES])
{
	struct strings found = { 0 };
	size_t n;

	leak_list_entries(rig->directory, &found);
	n = found.n;
	rig_check(rig, n <= GENUINE_FILES_MAX, "%zu files for one channel", n);
	for (size_t i = 0; i < n; i++)
		snprintf(names[i], PATH_BYTES, "%s/%s", rig->directory,
			 found.at[i]);
	strings_fini(&found);
	return n;
}

/* Only the owner gets at what is offered. */
static void
hostile_private_files(struct rig *rig)
{
	char names[GENUINE_FILES_MAX][PATH_BYTES];
	void *options = path_options(rig);
	struct rig_end host;
	struct weir_offer offer;
	struct stat st;
	size_t n;

	umask(0);
	genuine_offer(rig, &host, &offer);
	n = list_files(rig, names);
	rig_check(rig, n > 0, "rendezvous = path makes no file in the run's "
			      "directory");
	for (size_t i = 0; i < n; i++) {
		rig_check(rig, lstat(names[i], &st) == 0, "%s is gone",
			  names[i]);
		rig_check(rig, (st.st_mode & 077) == 0,
			  "%s has the mode %03o: others get at it", names[i],
			  (unsigned)st.st_mode & 0777);
	}
	rig_check(rig, offer.address[0], "rendezvous = path has no address");
	rig_check(rig, !strchr(offer.address, '/') ||
		  offer.address[0] == '/',
		  "the address is in a folder below the directory");
	rig_offer_close(&offer);
	rig_close_end(&host);
	rig_check(rig, list_files(rig, names) == 0, "%s is left behind",
		  names[0]);
	free(options);
}

/* No directory, or one that isn't there. */
static void
hostile_no_directory(struct rig *rig)
{
	static const char *const directories[] = { NULL, "/no/such/folder",
						   "/dev/null" };
	void *options = path_options(rig);

	for (size_t i = 0; i < 3; i++) {
		struct rig_end host;
		struct weir_offer offer;
		struct weir_error err = { 0 };
		int status;

		rig_end_init(&host, rig, WEIR_SIDE_HOST, 4096);
		host.setup.directory = directories[i];
		rig_offer_init(&offer);
		status = host.ops->offer(&host.setup, &offer, &host.channel,
					 &err);
		rig_check(rig, status != WEIR_OK,
			  "offer succeeds in the directory %s",
			  directories[i] ? directories[i] : "NULL");
		rig_check(rig, err.text[0], "offer fails without a sentence");
		rig_check(rig, !host.channel,
			  "offer fails and leaves a channel");
	}
	free(options);
}

static int
put_nothing(const char *path)
{
	(void)path;
	return 0;
}

static int
put_folder(const char *path)
{
	return mkdir(path, 0700);
}

static int
put_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, "not what you expect\n", 20);
	close(fd);
	return n == 20 ? 0 : -1;
}

static int
put_link(const char *path)
{
	return symlink("/etc/passwd", path);
}

static int
put_loop(const char *path)
{
	return symlink(path, path);
}

static int
put_fifo(const char *path)
{
	return mkfifo(path, 0600);
}

static const struct {
	const char *what;
	int (*put)(const char *path);
	bool may_be_taken; /* by a plugin that expects just that */
} replacements[] = {
	{ "nothing", put_nothing, false },
	{ "a folder", put_folder, false },
	{ "a file", put_file, false },
	{ "a link to another file", put_link, false },
	{ "a link to itself", put_loop, false },
	{ "a FIFO that nobody opens", put_fifo, true },
};

/* The files of an offer, each replaced between offer and join. */
static void
hostile_replaced_files(struct rig *rig)
{
	char names[GENUINE_FILES_MAX][PATH_BYTES];
	void *options = path_options(rig);

	for (size_t k = 0; k < sizeof(replacements) / sizeof(replacements[0]);
	     k++) {
		struct rig_end host;
		struct weir_offer offer;
		size_t n;
		int status;

		genuine_offer(rig, &host, &offer);
		n = list_files(rig, names);
		for (size_t i = 0; i < n; i++)
			rig_check(rig, unlink(names[i]) == 0 &&
				  replacements[k].put(names[i]) == 0,
				  "can't replace %s: %s", names[i],
				  strerror(errno));
		status = join_offer(rig, &offer, replacements[k].what);
		rig_check(rig, status != WEIR_OK ||
			  replacements[k].may_be_taken,
			  "join takes %s for what was offered",
			  replacements[k].what);
		for (size_t i = 0; i < n; i++)
			remove(names[i]);
		rig_close_end(&host);
	}
	free(options);
}

/* ---- descriptors of this process ------------------------------------ */

/* What is started later (a client, a tool of the user) inherits nothing. */
static void
hostile_inherited(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };
	struct leak_fds before;
	char leaked[512];

	leak_take_fds(&before);
	rig_open(&pair);
	leak_new_fd(&before, 1, leaked, sizeof(leaked));
	rig_check(rig, !leaked[0],
		  "descriptor %s has no close-on-exec flag", leaked);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
hostile_offer_inherited(struct rig *rig)
{
	struct rig_end host;
	struct weir_offer offer;
	struct leak_fds before;
	char leaked[512];

	leak_take_fds(&before);
	genuine_offer(rig, &host, &offer);
	leak_new_fd(&before, 1, leaked, sizeof(leaked));
	rig_check(rig, !leaked[0],
		  "descriptor %s has no close-on-exec flag", leaked);
	rig_offer_close(&offer);
	rig_close_end(&host);
}

#define CASE(text, function, capabilities)                         \
	{                                                          \
		.name = text, .run = function, .needs = (capabilities), \
		.modes = BATTERY_THREAD,                           \
	}

const struct battery_case cases_hostile[] = {
	CASE("join refuses other descriptors", hostile_kinds, 0),
	CASE("join refuses other numbers of descriptors", hostile_counts, 0),
	CASE("join survives mixed-up descriptors", hostile_mixed_up, 0),
	CASE("join refuses made-up addresses", hostile_addresses, 0),
	CASE("files are private", hostile_private_files, WEIR_CAP_PATH),
	CASE("no directory, no offer", hostile_no_directory, WEIR_CAP_PATH),
	CASE("join refuses replaced files", hostile_replaced_files,
	     WEIR_CAP_PATH),
	CASE("no descriptor is inherited", hostile_inherited, 0),
	CASE("no descriptor of an offer is inherited",
	     hostile_offer_inherited, 0),
	{ 0 },
};
