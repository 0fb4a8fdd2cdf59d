# SPDX-License-Identifier: Apache-2.0
plugin_LTLIBRARIES += plugins/uds.la
plugins_uds_la_SOURCES = plugins/uds/channel.h plugins/uds/path.c \
	plugins/uds/path.h plugins/uds/uds.c
plugins_uds_la_LDFLAGS = $(PLUGIN_FLAGS)
plugins_uds_la_LIBADD = libcommon.la
EXTRA_DIST += plugins/uds/README.md
