/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/io.h"
#include "core/base/rand.h"
#include "core/output/resolve.h"

/* Of the target's name in the temporary one, so that a name of NAME_MAX
 * bytes has room for the rest. */
#define STEM_BYTES 200
#define TRIES 16

struct output_file {
	char *path;      /* as the user wrote it, for sentences */
	char *resolved;  /* without links */
	char *what;      /* "the results file PATH" */
	char *name;      /* of the target in its directory */
	char *temporary; /* likewise; NULL where written in place */
	int directory;   /* or -1 */
	int fd;
};

static void
destroy(struct output_file *file)
{
	if (file->temporary)
		unlinkat(file->directory, file->temporary, 0);
	if (file->fd >= 0)
		close(file->fd);
	if (file->directory >= 0)
		close(file->directory);
	free(file->temporary);
	free(file->name);
	free(file->what);
	free(file->resolved);
	free(file->path);
	free(file);
}

static struct output_file *
create(const char *path)
{
	struct output_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->fd = -1;
	file->directory = -1;
	file->path = strdup(path);
	if (!strcmp(path, "-"))
		file->what = strdup("standard output");
	else if (asprintf(&file->what, "the output file %s", path) < 0)
		file->what = NULL;
	if (file->path && file->what)
		return file;
	destroy(file);
	return NULL;
}

static int
no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory to open an output file");
}

static int
refuse(const struct output_file *file, const char *why,
       struct weir_error *err)
{
	return weir_error_set(err, WEIR_ESYSTEM, "cannot open %s: %s",
			      file->what, why);
}

/* Renaming over what standard output or error is connected to would leave
 * them with a file that has no name: the descriptor to write to, or -1. */
static int
standard_stream(const struct stat *target)
{
	static const int streams[] = { STDOUT_FILENO, STDERR_FILENO };
	struct stat st;

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		if (!fstat(streams[i], &st) && st.st_dev == target->st_dev &&
		    st.st_ino == target->st_ino)
			return streams[i];
	return -1;
}

static int
open_stream(struct output_file *file, int fd, struct weir_error *err)
{
	file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (file->fd < 0)
		return weir_error_errno(err, "cannot open %s", file->what);
	return WEIR_OK;
}

/* A device, a FIFO: without O_NONBLOCK a FIFO that nobody reads would hang
 * the run before it began. */
static int
open_in_place(struct output_file *file, struct weir_error *err)
{
	struct stat st;
	int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	/* What is left of links is one of /proc to a pipe without a name. */
	if (!lstat(file->resolved, &st) && S_ISLNK(st.st_mode))
		file->fd = open(file->resolved, flags);
	else
		file->fd = resolve_open(file->resolved, flags);
	if (file->fd < 0 && errno == ENXIO)
		return weir_error_errno(err, "cannot open %s (does anybody "
					"read it?)", file->what);
	if (file->fd < 0)
		return weir_error_errno(err, "cannot open %s", file->what);
	return WEIR_OK;
}

static int
open_directory(struct output_file *file, const char *directory,
	       struct weir_error *err)
{
	int status = io_make_directories(directory, err);

	if (status) {
		weir_error_prefix(err, "cannot open %s: ", file->what);
		return status;
	}
	file->directory = resolve_open(directory,
				       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->directory < 0)
		return weir_error_errno(err, "cannot open %s: its directory",
					file->what);
	return WEIR_OK;
}

static int
open_temporary(struct output_file *file, struct weir_error *err)
{
	char name[NAME_MAX + 1];

	for (int i = 0; i < TRIES; i++) {
		snprintf(name, sizeof(name), ".%.*s.%016" PRIx64 ".tmp",
			 STEM_BYTES, file->name, rand_seed());
		file->fd = openat(file->directory, name,
				  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
					  O_NOFOLLOW, 0666);
		if (file->fd >= 0) {
			file->temporary = strdup(name);
			if (file->temporary)
				return WEIR_OK;
			unlinkat(file->directory, name, 0);
			return no_memory(err);
		}
		if (errno != EEXIST)
			break;
	}
	return weir_error_errno(err, "cannot open %s", file->what);
}

/* Beside what a symbolic link names, so that a link stays one. */
static int
open_beside(struct output_file *file, struct weir_error *err)
{
	const char *path = file->resolved;
	const char *slash = strrchr(path, '/');
	cleanup_free char *directory = NULL;
	int status;

	file->name = strdup(slash ? slash + 1 : path);
	directory = slash ? strndup(path, slash == path ?
						  1 : (size_t)(slash - path)) :
			    strdup(".");
	if (!file->name || !directory)
		return no_memory(err);
	if (!strcmp(file->name, ".") || !strcmp(file->name, ".."))
		return refuse(file, "it names a directory", err);
	status = open_directory(file, directory, err);
	return status ? status : open_temporary(file, err);
}

static int
open_missing(struct output_file *file, struct weir_error *err)
{
	size_t len = strlen(file->path);
	struct stat st;

	if (errno != ENOENT)
		return weir_error_errno(err, "cannot open %s", file->what);
	if (!len)
		return refuse(file, "its name is empty", err);
	if (file->path[len - 1] == '/')
		return refuse(file, "it names a directory", err);
	if (!lstat(file->path, &st))
		return refuse(file, "it is a symbolic link to nothing; remove "
				    "it or make what it names", err);
	return open_beside(file, err);
}

static int
resolve(struct output_file *file, struct weir_error *err)
{
	int status = resolve_path(file->path, &file->resolved, err);

	if (status)
		weir_error_prefix(err, "cannot open %s: ", file->what);
	return status;
}

static int
open_target(struct output_file *file, struct weir_error *err)
{
	struct stat st;
	int stream, status;

	if (!strcmp(file->path, "-"))
		return open_stream(file, STDOUT_FILENO, err);
	status = resolve(file, err);
	if (status)
		return status;
	if (stat(file->resolved, &st))
		return open_missing(file, err);
	stream = standard_stream(&st);
	if (stream >= 0)
		return open_stream(file, stream, err);
	if (S_ISDIR(st.st_mode))
		return refuse(file, "it is a directory", err);
	if (!S_ISREG(st.st_mode))
		return open_in_place(file, err);
	return open_beside(file, err);
}

/* A description of one's own of standard output's pipe, so that it alone
 * becomes non-blocking and a reader that stops can be noticed. */
static int
open_pipe(struct output_file *file, int fd, struct weir_error *err)
{
	char name[48];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	file->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return file->fd < 0 ? open_stream(file, fd, err) : WEIR_OK;
}

static int
open_followed(struct output_file *file, struct weir_error *err)
{
	cleanup_free char *copy = NULL;
	const char *path = file->resolved;
	const char *slash = strrchr(path, '/');
	int status = WEIR_OK;

	if (slash && slash != path) {
		copy = strndup(path, (size_t)(slash - path));
		if (!copy)
			return no_memory(err);
		status = io_make_directories(copy, err);
	}
	if (status) {
		weir_error_prefix(err, "cannot open %s: ", file->what);
		return status;
	}
	file->fd = resolve_open(path, O_WRONLY | O_CREAT | O_TRUNC |
					      O_CLOEXEC | O_NOCTTY);
	if (file->fd < 0)
		return weir_error_errno(err, "cannot open %s", file->what);
	return WEIR_OK;
}

static int
open_live(struct output_file *file, struct weir_error *err)
{
	bool standard = strcmp(file->path, "-") == 0;
	struct stat st;
	int stream = STDOUT_FILENO;
	int status = standard ? WEIR_OK : resolve(file, err);

	if (status)
		return status;
	if (standard ? fstat(stream, &st) : stat(file->resolved, &st)) {
		if (!standard && errno == ENOENT)
			return open_followed(file, err);
		return weir_error_errno(err, "cannot open %s", file->what);
	}
	if (!standard)
		stream = standard_stream(&st);
	if (stream >= 0)
		return S_ISFIFO(st.st_mode) ? open_pipe(file, stream, err) :
					      open_stream(file, stream, err);
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ?
		       open_followed(file, err) :
		       open_in_place(file, err);
}

static int
open_how(const char *path,
	 int (*how)(struct output_file *file, struct weir_error *err),
	 struct output_file **ret_file, struct weir_error *err)
{
	struct output_file *file = create(path);
	int status;

	if (!file)
		return no_memory(err);
	status = how(file, err);
	if (status) {
		destroy(file);
		return status;
	}
	*ret_file = file;
	return WEIR_OK;
}

int
output_file_open(const char *path, struct output_file **ret_file,
		 struct weir_error *err)
{
	return open_how(path, open_target, ret_file, err);
}

int
output_file_open_live(const char *path, struct output_file **ret_file,
		      struct weir_error *err)
{
	return open_how(path, open_live, ret_file, err);
}

int
output_file_check(const char *path, struct weir_error *err)
{
	struct output_file *file;
	struct stat st;
	int status;

	/* To open and close a FIFO would end what its reader reads. */
	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
		if (access(path, W_OK) == 0)
			return WEIR_OK;
		return weir_error_errno(err, "cannot open the output file %s",
					path);
	}
	status = output_file_open(path, &file, err);
	if (status == WEIR_OK)
		output_file_discard(file);
	return status;
}

int
output_file_write(struct output_file *file, const char *text, size_t len,
		  struct weir_error *err)
{
	return io_write_all(file->fd, text, len, file->what, err);
}

/* fsync where there is something to flush: pipes and some file systems say
 * that there is not. */
static bool
flushed(int fd)
{
	return !fsync(fd) || errno == EINVAL || errno == EROFS ||
	       errno == ENOTSUP;
}

static bool
closed(struct output_file *file)
{
	int fd = file->fd;

	file->fd = -1;
	/* After EINTR Linux has closed it all the same. */
	return !close(fd) || errno == EINTR;
}

static bool
renamed(struct output_file *file)
{
	if (renameat(file->directory, file->temporary, file->directory,
		     file->name))
		return false;
	free(file->temporary);
	file->temporary = NULL;
	return flushed(file->directory);
}

int
output_file_commit(struct output_file *file, struct weir_error *err)
{
	int status = WEIR_OK;

	if (!flushed(file->fd) || !closed(file) ||
	    (file->temporary && !renamed(file)))
		status = weir_error_errno(err, "cannot write %s", file->what);
	destroy(file);
	return status;
}

void
output_file_discard(struct output_file *file)
{
	if (file)
		destroy(file);
}
