# SPDX-License-Identifier: Apache-2.0
# A library first: its unit tests are linked with it too.
noinst_LTLIBRARIES += plugins/pipe/libpipe.la
plugins_pipe_libpipe_la_LDFLAGS = -static
plugins_pipe_libpipe_la_SOURCES = plugins/pipe/pages.c plugins/pipe/pages.h
plugins_pipe_libpipe_la_LIBADD = libcommon.la
plugin_LTLIBRARIES += plugins/pipe.la
plugins_pipe_la_SOURCES = plugins/pipe/channel.h plugins/pipe/path.c \
	plugins/pipe/path.h plugins/pipe/pipe.c
plugins_pipe_la_LDFLAGS = $(PLUGIN_FLAGS)
plugins_pipe_la_LIBADD = plugins/pipe/libpipe.la
EXTRA_DIST += plugins/pipe/README.md
tests_unit_pipe_test_pages_LDFLAGS = -no-install
tests_unit_pipe_test_pages_LDADD = plugins/pipe/libpipe.la $(CHECK_LIBS)
