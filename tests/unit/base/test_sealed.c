/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/sealed.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct weir_error err;

START_TEST(both_sides_see_the_same_memory)
{
	size_t bytes;
	void *a, *b;
	int fd;

	ck_assert_int_eq(sealed_create("x", 4096, &fd, &err), WEIR_OK);
	ck_assert_int_eq(sealed_map(fd, 4096, 4096, &a, &bytes, &err),
			 WEIR_OK);
	ck_assert_int_eq(sealed_map(fd, 1, 8192, &b, &bytes, &err), WEIR_OK);
	ck_assert_uint_eq(bytes, 4096);
	*(char *)a = 'x';
	ck_assert_int_eq(*(char *)b, 'x');
	ck_assert_int_ne(ftruncate(fd, 0), 0);
	munmap(a, bytes);
	munmap(b, bytes);
	close(fd);
}
END_TEST

START_TEST(what_can_be_shrunk_is_refused)
{
	int fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t bytes;
	void *at;

	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	ck_assert_int_eq(sealed_map(fd, 4096, 4096, &at, &bytes, &err),
			 WEIR_EPROTOCOL);
	close(fd);
}
END_TEST

START_TEST(another_size_is_refused)
{
	size_t bytes;
	void *at;
	int fd;

	ck_assert_int_eq(sealed_create("x", 4096, &fd, &err), WEIR_OK);
	ck_assert_int_eq(sealed_map(fd, 8192, 8192, &at, &bytes, &err),
			 WEIR_EPROTOCOL);
	ck_assert_int_eq(sealed_map(fd, 1, 100, &at, &bytes, &err),
			 WEIR_EPROTOCOL);
	close(fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/sealed");
	TCase *c = tcase_create("sealed");

	tcase_add_test(c, both_sides_see_the_same_memory);
	tcase_add_test(c, what_can_be_shrunk_is_refused);
	tcase_add_test(c, another_size_is_refused);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
