# SPDX-License-Identifier: Apache-2.0
plugin_LTLIBRARIES += plugins/mq.la
plugins_mq_la_SOURCES = plugins/mq/mq.c plugins/mq/queue.c \
	plugins/mq/queue.h
plugins_mq_la_LDFLAGS = $(PLUGIN_FLAGS)
plugins_mq_la_LIBADD = libcommon.la
EXTRA_DIST += plugins/mq/README.md
