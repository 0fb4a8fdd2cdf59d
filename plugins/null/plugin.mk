# SPDX-License-Identifier: Apache-2.0
plugin_LTLIBRARIES += plugins/null.la
plugins_null_la_SOURCES = plugins/null/null.c
plugins_null_la_LDFLAGS = $(PLUGIN_FLAGS)
plugins_null_la_LIBADD = libcommon.la
EXTRA_DIST += plugins/null/README.md
