/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/text.h"

#define LINKS_MAX 40 /* the kernel's own limit */

/* A path on its way: what is resolved, and what is still to be looked at. */
struct walk {
	struct text done;
	char *rest;
	int n_links;
};

static int
check_owner(const char *path, const struct stat *st, struct weir_error *err)
{
	if (st->st_uid == geteuid() || st->st_uid == 0)
		return WEIR_OK;
	return weir_error_set(err, WEIR_ESYSTEM,
			      "\"%s\" is a symbolic link of uid %u, and only "
			      "the own ones and those of root are followed; "
			      "remove it, or name the file itself", path,
			      (unsigned)st->st_uid);
}

/* "pipe:[123]", "socket:[123]", "anon_inode:…" in /proc/PID/fd. */
static bool
has_no_name(const char *target)
{
	return target[strcspn(target, "/:")] == ':' && strchr(target, '[');
}

/* What is resolved ends in a link: puts its target in the place of its name,
 * which begins at `before`. EAGAIN: it stays as it is. */
static int
follow(struct walk *walk, size_t before, const struct stat *st,
       struct weir_error *err)
{
	const char *path = text_get(&walk->done);
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	char *rest;
	int status;

	if (n <= 0)
		return WEIR_EAGAIN;
	target[n] = '\0';
	status = check_owner(path, st, err);
	if (status)
		return status;
	if (has_no_name(target))
		return WEIR_EAGAIN;
	if (++walk->n_links > LINKS_MAX) {
		errno = ELOOP;
		return weir_error_errno(err, "\"%s\"", path);
	}
	if (asprintf(&rest, "%s%s", target, walk->rest) < 0)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	free(walk->rest);
	walk->rest = rest;
	walk->done.len = target[0] == '/' ? 0 : before;
	walk->done.at[walk->done.len] = '\0';
	if (target[0] == '/')
		text_add(&walk->done, "/");
	return WEIR_OK;
}

/* Looks at the first name of the rest. */
static int
step(struct walk *walk, struct weir_error *err)
{
	size_t skip = strspn(walk->rest, "/");
	size_t len = strcspn(walk->rest + skip, "/");
	size_t before = walk->done.len;
	struct stat st;
	int status;

	if (before && walk->done.at[before - 1] != '/')
		text_add(&walk->done, "/");
	text_add_bytes(&walk->done, walk->rest + skip, len);
	memmove(walk->rest, walk->rest + skip + len,
		strlen(walk->rest + skip + len) + 1);
	if (!len || walk->done.failed ||
	    lstat(text_get(&walk->done), &st) != 0 || !S_ISLNK(st.st_mode))
		return WEIR_OK;
	status = follow(walk, before, &st, err);
	return status == WEIR_EAGAIN ? WEIR_OK : status;
}

int
resolve_path(const char *path, char **ret_path, struct weir_error *err)
{
	struct walk walk = { .rest = strdup(path) };
	int status = WEIR_OK;

	if (path[0] == '/')
		text_add(&walk.done, "/");
	while (walk.rest && *walk.rest && !walk.done.failed && !status)
		status = step(&walk, err);
	if (status == WEIR_OK && walk.rest && !walk.done.failed)
		*ret_path = walk.done.len ? text_take(&walk.done) :
					    strdup("");
	else if (status == WEIR_OK)
		*ret_path = NULL;
	free(walk.rest);
	text_fini(&walk.done);
	if (status == WEIR_OK && !*ret_path)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	return status;
}

/* A path's last name; and what its folder is, by whatever path. */
static bool
find_folder(const char *path, struct stat *ret_folder, char **ret_name)
{
	cleanup_free char *resolved = NULL;
	struct stat st;
	char *slash;

	if (resolve_path(path, &resolved, NULL) ||
	    (stat(resolved, &st) == 0 && !S_ISREG(st.st_mode)))
		return false;
	slash = strrchr(resolved, '/');
	*ret_name = strdup(slash ? slash + 1 : resolved);
	if (slash)
		slash[1] = '\0';
	return stat(slash ? resolved : ".", ret_folder) == 0 && *ret_name;
}

bool
resolve_is_same(const char *a, const char *b)
{
	cleanup_free char *name = NULL, *other_name = NULL;
	struct stat folder, other;

	return find_folder(a, &folder, &name) &&
	       find_folder(b, &other, &other_name) &&
	       folder.st_dev == other.st_dev &&
	       folder.st_ino == other.st_ino && !strcmp(name, other_name);
}

int
resolve_open(const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags,
		.mode = flags & O_CREAT ? 0666 : 0,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	/* Kernels before 5.6, and filters of system calls from then. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open(path, flags | O_NOFOLLOW, 0666);
	return fd;
}
