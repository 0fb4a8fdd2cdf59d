# SPDX-License-Identifier: Apache-2.0
plugin_LTLIBRARIES += plugins/pipe.la
plugins_pipe_la_SOURCES = plugins/pipe/pipe.c
plugins_pipe_la_LDFLAGS = $(PLUGIN_FLAGS)
plugins_pipe_la_LIBADD = libcommon.la
EXTRA_DIST += plugins/pipe/README.md
