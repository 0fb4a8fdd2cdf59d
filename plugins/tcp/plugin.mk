# SPDX-License-Identifier: Apache-2.0
# A library first: its unit tests are linked with it too.
noinst_LTLIBRARIES += plugins/tcp/libtcp.la
plugins_tcp_libtcp_la_LDFLAGS = -static
plugins_tcp_libtcp_la_SOURCES = plugins/tcp/address.c plugins/tcp/address.h \
	plugins/tcp/door.c plugins/tcp/door.h
plugins_tcp_libtcp_la_LIBADD = libcommon.la
plugin_LTLIBRARIES += plugins/tcp.la
plugins_tcp_la_SOURCES = plugins/tcp/tcp.c
plugins_tcp_la_LDFLAGS = $(PLUGIN_FLAGS)
plugins_tcp_la_LIBADD = plugins/tcp/libtcp.la
EXTRA_DIST += plugins/tcp/README.md
tests_unit_tcp_test_address_LDFLAGS = -no-install
tests_unit_tcp_test_address_LDADD = plugins/tcp/libtcp.la $(CHECK_LIBS)
tests_unit_tcp_test_door_LDFLAGS = -no-install
tests_unit_tcp_test_door_LDADD = plugins/tcp/libtcp.la $(CHECK_LIBS)
