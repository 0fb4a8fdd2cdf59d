/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin/load.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/plugin/verify.h"

/* A module cut short makes the dynamic linker die of SIGBUS when it touches
 * what it mapped, so the segments are compared with the file first. */
static int
load_check_segments(int fd, const ElfW(Ehdr) *header, off_t file_bytes,
		    const char *path, struct weir_error *err)
{
	for (unsigned i = 0; i < header->e_phnum; i++) {
		off_t at = (off_t)header->e_phoff +
			   (off_t)i * (off_t)sizeof(ElfW(Phdr));
		ElfW(Phdr) segment;

		if (pread(fd, &segment, sizeof(segment), at) !=
			    (ssize_t)sizeof(segment) ||
		    segment.p_offset > (ElfW(Off))file_bytes ||
		    segment.p_filesz >
			    (ElfW(Off))file_bytes - segment.p_offset)
			return weir_error_set(err, WEIR_EUNAVAILABLE,
					      "%s: the file is cut short",
					      path);
	}
	return WEIR_OK;
}

/*
 * What dlopen would say of other files is written for programmers, and of
 * some (a FIFO, a device) it says nothing as it hangs.
 */
static int
load_check_file(const char *path, struct weir_error *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ElfW(Ehdr) header;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: the plugin can't be read: %s", path,
				      strerror(errno));
	if (!S_ISREG(st.st_mode))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: not a regular file", path);
	n = pread(fd, &header, sizeof(header), 0);
	if (n < 0)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: the plugin can't be read: %s", path,
				      strerror(errno));
	if (n < (ssize_t)sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: not an ELF shared object", path);
	/* Of another class, dlopen has the words. */
	if (header.e_ident[EI_CLASS] !=
		    (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    header.e_phentsize != sizeof(ElfW(Phdr)))
		return WEIR_OK;
	if (header.e_type != ET_DYN)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: not an ELF shared object", path);
	return load_check_segments(fd, &header, st.st_size, path, err);
}

/* The text of dlerror without the path that it often begins with. */
static const char *
load_dlerror(const char *path)
{
	const char *text = dlerror();
	size_t n = strlen(path);

	if (!text)
		return "the dynamic linker gave no reason";
	if (strncmp(text, path, n) == 0 && strncmp(text + n, ": ", 2) == 0)
		text += n + 2;
	return text;
}

/* The size of the symbol at that address, 0 where it isn't known. */
static size_t
load_symbol_bytes(const void *at)
{
	const ElfW(Sym) *symbol = NULL;
	void *extra = NULL;
	Dl_info info;

	if (dladdr1(at, &info, &extra, RTLD_DL_SYMENT))
		symbol = extra;
	return symbol ? (size_t)symbol->st_size : 0;
}

int
load_plugin(const char *path, const char *name, struct plugin **ret_plugin,
	    struct weir_error *err)
{
	struct verify_symbol symbol = { .path = path, .name = name };
	int status = load_check_file(path, err);
	void *handle;

	if (status != WEIR_OK)
		return status;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: the plugin can't be loaded: %s",
				      path, load_dlerror(path));
	symbol.at = dlsym(handle, WEIR_TRANSPORT_SYMBOL);
	if (!symbol.at)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: not a weir plugin: it does not export the symbol "
			WEIR_TRANSPORT_SYMBOL, path);
	symbol.bytes = load_symbol_bytes(symbol.at);
	return verify_transport(&symbol, ret_plugin, err);
}
