# SPDX-License-Identifier: Apache-2.0
# A library first: its unit tests are linked with it too.
noinst_LTLIBRARIES += plugins/shm/libshm.la
plugins_shm_libshm_la_LDFLAGS = -static
plugins_shm_libshm_la_SOURCES = \
	plugins/shm/await.c plugins/shm/await.h \
	plugins/shm/channel.h \
	plugins/shm/copy.c plugins/shm/copy.h \
	plugins/shm/distance.h \
	plugins/shm/futex.h \
	plugins/shm/lag.c plugins/shm/lag.h \
	plugins/shm/memory.c plugins/shm/memory.h \
	plugins/shm/message.c plugins/shm/message.h \
	plugins/shm/options.c plugins/shm/options.h \
	plugins/shm/place.c plugins/shm/place.h \
	plugins/shm/ring.h plugins/shm/ring_batch.h \
	plugins/shm/ring_in.c plugins/shm/ring_in.h \
	plugins/shm/ring_out.c plugins/shm/ring_out.h plugins/shm/ring_room.h \
	plugins/shm/segment.c plugins/shm/segment.h \
	plugins/shm/slot.h plugins/shm/slot_in.h plugins/shm/slot_out.h
plugin_LTLIBRARIES += plugins/shm.la
plugins_shm_la_SOURCES = plugins/shm/shm.c
plugins_shm_la_LDFLAGS = $(PLUGIN_FLAGS)
plugins_shm_la_LIBADD = plugins/shm/libshm.la libcommon.la
EXTRA_DIST += plugins/shm/README.md
tests_unit_shm_test_flow_LDFLAGS = -no-install
tests_unit_shm_test_flow_LDADD = plugins/shm/libshm.la libcommon.la $(CHECK_LIBS)
tests_unit_shm_test_options_LDFLAGS = -no-install
tests_unit_shm_test_options_LDADD = plugins/shm/libshm.la libcommon.la $(CHECK_LIBS)
tests_unit_shm_test_ring_LDFLAGS = -no-install
tests_unit_shm_test_ring_LDADD = plugins/shm/libshm.la libcommon.la $(CHECK_LIBS)
tests_unit_shm_test_segment_LDFLAGS = -no-install
tests_unit_shm_test_segment_LDADD = plugins/shm/libshm.la libcommon.la $(CHECK_LIBS)
tests_unit_shm_test_slot_LDFLAGS = -no-install
tests_unit_shm_test_slot_LDADD = plugins/shm/libshm.la libcommon.la $(CHECK_LIBS)
