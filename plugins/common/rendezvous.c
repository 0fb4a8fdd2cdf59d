/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/rendezvous.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const rendezvous_choices[] = {
	[RENDEZVOUS_FD] = "fd",
	[RENDEZVOUS_PATH] = "path",
	NULL,
};

const char *
rendezvous_directory(const struct weir_setup *setup,
		     const char *option_directory)
{
	if (option_directory && *option_directory)
		return option_directory;
	return setup->directory ? setup->directory : "";
}

int
rendezvous_open_directory(const struct weir_setup *setup,
			  const char *option_directory, int *ret_fd,
			  struct weir_error *err)
{
	const char *path = rendezvous_directory(setup, option_directory);
	int fd;

	if (!*path)
		return weir_error_set(err, WEIR_EINVALID,
				      "rendezvous = path needs a directory, "
				      "and this run has none of its own: set "
				      "the option directory to one that both "
				      "sides see, or use rendezvous = fd");
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return weir_error_errno(err, "cannot open the directory "
					     "\"%s\" for rendezvous = path",
					path);
	*ret_fd = fd;
	return WEIR_OK;
}

int
rendezvous_make_name(const struct weir_setup *setup, const char *prefix,
		     char ret_name[RENDEZVOUS_NAME_BYTES],
		     struct weir_error *err)
{
	uint64_t bits;

	/* So few bytes come whole, and without waiting once the system has
	 * booted. */
	if (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
		return weir_error_errno(err, "cannot draw a random name");
	snprintf(ret_name, RENDEZVOUS_NAME_BYTES, "weir-%s-%ld-%u-%016llx",
		 prefix, (long)getpid(), setup->channel_index,
		 (unsigned long long)bits);
	return WEIR_OK;
}

static bool
name_is_plain(const char *name, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.";

	return len > 0 && len < RENDEZVOUS_NAME_BYTES && name[0] != '.' &&
	       strspn(name, plain) == len;
}

static int
take_name(const struct weir_offer *offer, char ret_name[RENDEZVOUS_NAME_BYTES],
	  struct weir_error *err)
{
	size_t len = strnlen(offer->address, sizeof(offer->address));

	if (len == sizeof(offer->address) ||
	    !name_is_plain(offer->address, len))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the address that the host offered is "
				      "not a plain file name of at most %d "
				      "letters, digits, '-', '_' and '.'",
				      RENDEZVOUS_NAME_BYTES - 1);
	memcpy(ret_name, offer->address, len + 1);
	return WEIR_OK;
}

int
rendezvous_hand_over(int directory_fd, const char *name, mode_t type,
		     struct weir_error *err)
{
	struct stat dir;
	struct stat st;
	int rc = WEIR_OK;
	int fd = openat(directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0 || fstat(directory_fd, &dir) < 0)
		rc = weir_error_errno(err, "cannot look at \"%s\", which was "
					   "just made", name);
	else if ((st.st_mode & S_IFMT) != type || st.st_uid != geteuid() ||
		 st.st_nlink != 1)
		rc = weir_error_set(err, WEIR_ESYSTEM,
				    "someone else has put another file in "
				    "place of \"%s\": use a directory that "
				    "only the two sides can write to", name);
	else if (dir.st_uid != st.st_uid &&
		 fchownat(fd, "", dir.st_uid, (gid_t)-1, AT_EMPTY_PATH) < 0 &&
		 errno != EPERM && errno != EINVAL)
		rc = weir_error_errno(err, "cannot give \"%s\" to the owner "
					   "of its directory", name);
	if (fd >= 0)
		close(fd);
	return rc;
}

int
rendezvous_check_fds(const struct weir_offer *offer, uint32_t n_fds,
		     struct weir_error *err)
{
	uint32_t i;

	if (offer->n_fds != n_fds)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the host's offer holds %u descriptors "
				      "where %u belong: are the options of "
				      "both sides the same?",
				      offer->n_fds, n_fds);
	for (i = 0; i < n_fds; i++)
		if (offer->fds[i] < 0)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "descriptor %u of the host's "
					      "offer is missing", i);
	return WEIR_OK;
}

int
rendezvous_find(const struct weir_setup *setup, const struct weir_offer *offer,
		const char *option_directory,
		char ret_name[RENDEZVOUS_NAME_BYTES], int *ret_fd,
		struct weir_error *err)
{
	int rc = rendezvous_check_fds(offer, 0, err);

	if (rc == WEIR_OK)
		rc = take_name(offer, ret_name, err);
	if (rc)
		return rc;
	return rendezvous_open_directory(setup, option_directory, ret_fd, err);
}
