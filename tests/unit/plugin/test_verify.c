/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/plugin/plugin.h"
#include "core/plugin/verify.h"
#include "tests/abi/stub.h"
#include "tests/unit/unit.h"

static const struct weir_transport valid = {
	WEIR_TRANSPORT_HEAD,
	.name = "x",
	.summary = "a transport",
	STUB_OPERATIONS,
};

/* Room for a struct of any size behind the core's. */
struct image {
	struct weir_transport ops;
	unsigned char more[64];
};

static struct image image;

static void
image_setup(void)
{
	image.ops = valid;
	memset(image.more, 0xee, sizeof(image.more));
}

static int
image_verify(size_t bytes, struct plugin **ret_plugin, struct weir_error *err)
{
	struct verify_symbol symbol = {
		.at = &image, .bytes = bytes, .path = "/p/x.so", .name = "x",
	};

	return verify_transport(&symbol, ret_plugin, err);
}

/* What is in the image is refused, with that sentence. */
static void
assert_refused(const char *sentence)
{
	struct plugin *plugin = NULL;
	struct weir_error err;

	ck_assert_int_eq(image_verify(sizeof(image), &plugin, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_int_eq(err.status, WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text, sentence);
	ck_assert_ptr_null(plugin);
	ck_assert_int_eq(image_verify(sizeof(image), &plugin, NULL),
			 WEIR_EUNAVAILABLE);
}

static struct plugin *
assert_accepted(size_t bytes)
{
	struct plugin *plugin = NULL;
	struct weir_error err = { 0 };

	ck_assert_msg(image_verify(bytes, &plugin, &err) == WEIR_OK, "%s",
		      err.text);
	return plugin;
}

START_TEST(valid_is_copied)
{
	struct plugin *plugin = assert_accepted(sizeof(valid));

	ck_assert_ptr_eq(plugin->ops.send, stub_send);
	ck_assert_str_eq(plugin->name, "x");
	ck_assert_str_eq(plugin->path, "/p/x.so");
	plugin_destroy(plugin);
}
END_TEST

START_TEST(unknown_symbol_size_is_accepted)
{
	plugin_destroy(assert_accepted(0));
}
END_TEST

START_TEST(symbol_without_head_is_refused)
{
	struct plugin *plugin = NULL;
	struct weir_error err;

	ck_assert_int_eq(image_verify(7, &plugin, &err), WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text, "/p/x.so: the symbol weir_transport has 7 "
				   "bytes: it is no struct weir_transport");
}
END_TEST

START_TEST(number_is_read_before_the_size)
{
	image.ops.abi = 0;
	image.ops.size = 0;
	assert_refused("/p/x.so: made for plugin ABI 0.0, while this weir has "
		       "1.2: compile the plugin with this weir's headers");
}
END_TEST

START_TEST(later_minor_number_is_accepted)
{
	image.ops.abi = WEIR_ABI | 0xffffu;
	plugin_destroy(assert_accepted(0));
}
END_TEST

START_TEST(one_byte_too_short)
{
	struct plugin *plugin = NULL;
	struct weir_error err;

	image.ops.size = VERIFY_TRANSPORT_BYTES_MIN - 1;
	ck_assert_int_eq(image_verify(0, &plugin, &err), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "/p/x.so: member size says "));
}
END_TEST

START_TEST(shortest_is_accepted)
{
	image.ops.size = VERIFY_TRANSPORT_BYTES_MIN;
	plugin_destroy(assert_accepted(VERIFY_TRANSPORT_BYTES_MIN));
}
END_TEST

START_TEST(longer_is_cut)
{
	struct plugin *plugin;

	image.ops.size = (uint32_t)sizeof(image);
	plugin = assert_accepted(sizeof(image));
	ck_assert_ptr_eq(plugin->ops.close, stub_close);
	plugin_destroy(plugin);
}
END_TEST

START_TEST(required_members)
{
	struct plugin *plugin = NULL;

	image.ops.offer = NULL;
	assert_refused("/p/x.so: member offer is missing");
	image.ops = valid;
	image.ops.join = NULL;
	assert_refused("/p/x.so: member join is missing");
	image.ops = valid;
	image.ops.send = NULL;
	assert_refused("/p/x.so: member send is missing");
	image.ops = valid;
	image.ops.recv = NULL;
	assert_refused("/p/x.so: member recv is missing");
	image.ops = valid;
	image.ops.close = NULL;
	assert_refused("/p/x.so: member close is missing");
	image.ops = valid;
	image.ops.accept = NULL;
	image.ops.collect = NULL;
	plugin = assert_accepted(0);
	plugin_destroy(plugin);
}
END_TEST

START_TEST(names_are_checked)
{
	image.ops.name = NULL;
	assert_refused("/p/x.so: member name is missing");
	image.ops.name = "y";
	assert_refused("/p/x.so: member name is \"y\", while the file name "
		       "says \"x\": rename one of them");
	image.ops = valid;
	image.ops.summary = NULL;
	assert_refused("/p/x.so: member summary is missing");
	image.ops.summary = "";
	assert_refused("/p/x.so: member summary is missing");
}
END_TEST

static int
any_flush(struct weir_channel *channel)
{
	(void)channel;
	return WEIR_OK;
}

static int
any_loan(struct weir_channel *channel, size_t len, void **ret_buf)
{
	(void)channel;
	(void)len;
	(void)ret_buf;
	return WEIR_ESYSTEM;
}

static int
any_release(struct weir_channel *channel, const void *buf)
{
	(void)channel;
	(void)buf;
	return WEIR_OK;
}

static int
any_send_many(struct weir_channel *channel, const void *buf, size_t stride,
	      size_t len, size_t n)
{
	(void)channel;
	(void)buf;
	(void)stride;
	(void)len;
	(void)n;
	return WEIR_OK;
}

START_TEST(capability_without_operation)
{
	image.ops.capabilities = WEIR_CAP_TRY;
	assert_refused("/p/x.so: member try_send is missing, though "
		       "capabilities has WEIR_CAP_TRY");
	image.ops.capabilities = WEIR_CAP_FLUSH;
	assert_refused("/p/x.so: member flush is missing, though "
		       "capabilities has WEIR_CAP_FLUSH");
	image.ops.capabilities = WEIR_CAP_LOAN;
	image.ops.loan = any_loan;
	assert_refused("/p/x.so: member commit is missing, though "
		       "capabilities has WEIR_CAP_LOAN");
	image.ops = valid;
	image.ops.capabilities = WEIR_CAP_BORROW;
	assert_refused("/p/x.so: member borrow is missing, though "
		       "capabilities has WEIR_CAP_BORROW");
	image.ops = valid;
	image.ops.capabilities = WEIR_CAP_MANY;
	image.ops.send_many = any_send_many;
	assert_refused("/p/x.so: member recv_many is missing, though "
		       "capabilities has WEIR_CAP_MANY");
}
END_TEST

START_TEST(operation_without_capability)
{
	image.ops.try_recv = stub_recv;
	assert_refused("/p/x.so: member try_recv is there, but capabilities "
		       "lacks WEIR_CAP_TRY");
	image.ops = valid;
	image.ops.flush = any_flush;
	assert_refused("/p/x.so: member flush is there, but capabilities "
		       "lacks WEIR_CAP_FLUSH");
	image.ops = valid;
	image.ops.release = any_release;
	assert_refused("/p/x.so: member release is there, but capabilities "
		       "lacks WEIR_CAP_BORROW");
	image.ops = valid;
	image.ops.send_many = any_send_many;
	assert_refused("/p/x.so: member send_many is there, but capabilities "
		       "lacks WEIR_CAP_MANY");
}
END_TEST

START_TEST(matching_capabilities)
{
	image.ops.capabilities = WEIR_CAP_TRY | WEIR_CAP_FLUSH |
				 WEIR_CAP_LOOPBACK | WEIR_CAP_LOSSY;
	image.ops.try_send = stub_send;
	image.ops.try_recv = stub_recv;
	image.ops.flush = any_flush;
	plugin_destroy(assert_accepted(0));
}
END_TEST

START_TEST(unknown_capability)
{
	image.ops.capabilities = UINT64_C(1) << 40;
	assert_refused("/p/x.so: member capabilities has bits that ABI 1.2 "
		       "does not know: 0x10000000000");
	image.ops.abi = WEIR_ABI + 1;
	plugin_destroy(assert_accepted(0));
}
END_TEST

START_TEST(destroy_takes_null)
{
	plugin_destroy(NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify");
	TCase *t = tcase_create("verify");

	tcase_add_checked_fixture(t, image_setup, NULL);
	tcase_add_test(t, valid_is_copied);
	tcase_add_test(t, unknown_symbol_size_is_accepted);
	tcase_add_test(t, symbol_without_head_is_refused);
	tcase_add_test(t, number_is_read_before_the_size);
	tcase_add_test(t, later_minor_number_is_accepted);
	tcase_add_test(t, one_byte_too_short);
	tcase_add_test(t, shortest_is_accepted);
	tcase_add_test(t, longer_is_cut);
	tcase_add_test(t, required_members);
	tcase_add_test(t, names_are_checked);
	tcase_add_test(t, capability_without_operation);
	tcase_add_test(t, operation_without_capability);
	tcase_add_test(t, matching_capabilities);
	tcase_add_test(t, unknown_capability);
	tcase_add_test(t, destroy_takes_null);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
