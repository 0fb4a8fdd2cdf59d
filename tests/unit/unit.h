/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main of a unit test: one Check suite per file of core/, its cases
 * printed as TAP on standard output. Include this, write
 * `static Suite *suite(void)`, end with UNIT_MAIN(suite). A case that takes two
 * minutes hangs; a machine may be slow, and busy with other things.
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <check.h>
#include <stdlib.h>

#define UNIT_MAIN(make_suite)                                          \
	int main(void)                                                 \
	{                                                              \
		SRunner *runner;                                       \
		int failed;                                            \
								       \
		setenv("CK_DEFAULT_TIMEOUT", "120", 0);                \
		runner = srunner_create(make_suite());                 \
		if (!getenv("CK_TAP_LOG_FILE_NAME"))                   \
			srunner_set_tap(runner, "-");                  \
		srunner_run_all(runner, CK_SILENT);                    \
		failed = srunner_ntests_failed(runner);                \
		srunner_free(runner);                                  \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;           \
	}

#endif
