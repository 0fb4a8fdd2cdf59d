/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "core/launch/engine.h"
#include "tests/unit/unit.h"

static struct plan_run run;
static struct engine engine;
static struct engine_order order;
static struct strings args;

static void
setup(void)
{
	run = (struct plan_run){
		.container_engine = "podman",
		.container_image = "localhost/weir:latest",
		.container_user = "1001:1002",
		.silence_timeout_ns = 2000000000,
	};
	engine = (struct engine){ .program = "podman" };
	order = (struct engine_order){
		.run = &run,
		.name = "weir-12ab",
		.run_id = "12ab",
		.directory = "/tmp/weir-12ab-XyZ",
		.pid = 42,
		.started = 4711,
	};
	args = (struct strings){ 0 };
}

static void
teardown(void)
{
	strings_fini(&args);
	strings_fini(&run.container_extra_args);
}

static void
build(void)
{
	engine_run_args(&engine, &order, &args);
	ck_assert(!args.failed);
}

static void
assert_has(const char *arg)
{
	ck_assert_msg(strings_contains(&args, arg), "no %s", arg);
}

static void
assert_none_begins(const char *begin)
{
	for (size_t i = 0; i < args.n; i++)
		ck_assert_msg(strncmp(args.at[i], begin, strlen(begin)) != 0,
			      "%s", args.at[i]);
}

static size_t
index_of(const char *arg)
{
	for (size_t i = 0; i < args.n; i++) {
		if (strcmp(args.at[i], arg) == 0)
			return i;
	}
	ck_abort_msg("no %s", arg);
	return 0;
}

/* ---- the arguments ---- */

START_TEST(isolation_is_said_in_full)
{
	static const char *const wanted[] = {
		"--network=none",
		"--ipc=private",
		"--pid=private",
		"--uts=private",
		"--read-only",
		"--cap-drop=all",
		"--security-opt=no-new-privileges",
		"--user=1001:1002",
		"--pull=never",
		"--detach",
	};

	build();
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_has(wanted[i]);
	assert_none_begins("--privileged");
	assert_none_begins("--cap-add");
	assert_none_begins("--userns");
}
END_TEST

START_TEST(one_mount)
{
	size_t mounts = 0;

	build();
	assert_has("--volume=/tmp/weir-12ab-XyZ:/run/weir");
	for (size_t i = 0; i < args.n; i++)
		mounts += strncmp(args.at[i], "--volume", 8) == 0 ||
			  strncmp(args.at[i], "--mount", 7) == 0;
	ck_assert_uint_eq(mounts, 1);
}
END_TEST

START_TEST(selinux_needs_a_label)
{
	engine.selinux = true;
	build();
	assert_has("--volume=/tmp/weir-12ab-XyZ:/run/weir:Z");
}
END_TEST

START_TEST(labels_say_whose_it_is)
{
	build();
	assert_has("--name=weir-12ab");
	assert_has("--label=weir.run=12ab");
	assert_has("--label=weir.pid=42");
	assert_has("--label=weir.started=4711");
	assert_has("--label=weir.directory=/tmp/weir-12ab-XyZ");
}
END_TEST

START_TEST(the_client_comes_last)
{
	static const char *const command[] = {
		"localhost/weir:latest",
		"client",
		"--ipc-path=/run/weir/control.sock",
		"--persist",
		"--silence-timeout=2s",
	};
	const size_t n = sizeof(command) / sizeof(command[0]);

	build();
	ck_assert_str_eq(args.at[0], "run");
	ck_assert_uint_gt(args.n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(args.at[args.n - n + i], command[i]);
}
END_TEST

START_TEST(extra_arguments_come_right_before_the_image)
{
	strings_add(&run.container_extra_args, "--cgroupns=private");
	strings_add(&run.container_extra_args, "--env=A=b c; rm -rf /");
	build();
	ck_assert_uint_eq(index_of("--cgroupns=private") + 2,
			  index_of("localhost/weir:latest"));
	ck_assert_uint_eq(index_of("--env=A=b c; rm -rf /") + 1,
			  index_of("localhost/weir:latest"));
}
END_TEST

START_TEST(no_limits_but_those_asked_for)
{
	build();
	assert_none_begins("--memory");
	assert_none_begins("--cpus");
	strings_fini(&args);
	run.container_memory_bytes = 64 << 20;
	run.container_cpus = 1.5;
	build();
	assert_has("--memory=67108864b");
	assert_has("--cpus=1.5");
}
END_TEST

START_TEST(rootless_podman_maps_the_own_ids)
{
	engine.uid = 1000;
	engine.gid = 100;
	build();
	assert_has("--userns=keep-id:uid=1001,gid=1002");
	assert_has("--user=1001:1002");
}
END_TEST

START_TEST(docker_has_no_words_for_some)
{
	engine.kind = ENGINE_DOCKER;
	build();
	assert_none_begins("--pid");
	assert_none_begins("--uts");
	assert_none_begins("--log-driver");
	assert_has("--ipc=private");
	assert_has("--user=1001:1002");
}
END_TEST

START_TEST(docker_of_a_user_takes_the_own_ids)
{
	engine.kind = ENGINE_DOCKER;
	engine.uid = 1000;
	engine.gid = 100;
	build();
	assert_has("--user=1000:100");
	assert_none_begins("--userns");
}
END_TEST

START_TEST(removal)
{
	engine_remove_args(&engine, "weir-12ab", &args);
	assert_has("--force");
	assert_has("--time=0");
	ck_assert_str_eq(args.at[0], "rm");
	ck_assert_str_eq(args.at[args.n - 1], "weir-12ab");
	strings_fini(&args);
	engine.kind = ENGINE_DOCKER;
	engine_remove_args(&engine, "weir-12ab", &args);
	assert_none_begins("--time");
}
END_TEST

/* ---- who is who ---- */

START_TEST(ids_inside_and_outside)
{
	static const struct {
		enum engine_kind kind;
		uint32_t uid, gid;
		struct engine_ids want;
	} cases[] = {
		{ ENGINE_PODMAN, 0, 0, { 1001, 1002, 1001, 1002 } },
		{ ENGINE_PODMAN, 1000, 100, { 1001, 1002, 1000, 100 } },
		{ ENGINE_DOCKER, 0, 0, { 1001, 1002, 1001, 1002 } },
		{ ENGINE_DOCKER, 1000, 100, { 1000, 100, 1000, 100 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct engine_ids ids;

		engine.kind = cases[i].kind;
		engine.uid = cases[i].uid;
		engine.gid = cases[i].gid;
		engine_ids(&engine, "1001:1002", &ids);
		ck_assert_mem_eq(&ids, &cases[i].want, sizeof(ids));
	}
}
END_TEST

START_TEST(versions)
{
	ck_assert(engine_take_version("podman version 4.3.1\n", &engine));
	ck_assert_int_eq(engine.kind, ENGINE_PODMAN);
	ck_assert_str_eq(engine.version, "4.3.1");
	ck_assert(engine_take_version("Docker version 24.0.7, build afdd53b\n",
				      &engine));
	ck_assert_int_eq(engine.kind, ENGINE_DOCKER);
	ck_assert_str_eq(engine.version, "24.0.7");
}
END_TEST

START_TEST(no_versions)
{
	static const char *const wrong[] = {
		"",
		"podman",
		"podman version ",
		"podman version \n",
		"true (GNU coreutils) 9.1\n",
		("podman version 1111111111111111111111111111111111111111111"
		 "11111111111111111111111111"),
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!engine_take_version(wrong[i], &engine), "%s",
			      wrong[i]);
}
END_TEST

START_TEST(a_process_is_known_by_its_begin)
{
	uint64_t own = engine_process_started(getpid());

	ck_assert_uint_gt(own, 0);
	ck_assert_uint_eq(engine_process_started(getpid()), own);
	ck_assert_uint_eq(engine_process_started(0), 0);
	ck_assert_uint_eq(engine_process_started(-1), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("engine");
	TCase *t = tcase_create("engine");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, isolation_is_said_in_full);
	tcase_add_test(t, one_mount);
	tcase_add_test(t, selinux_needs_a_label);
	tcase_add_test(t, labels_say_whose_it_is);
	tcase_add_test(t, the_client_comes_last);
	tcase_add_test(t, extra_arguments_come_right_before_the_image);
	tcase_add_test(t, no_limits_but_those_asked_for);
	tcase_add_test(t, rootless_podman_maps_the_own_ids);
	tcase_add_test(t, docker_has_no_words_for_some);
	tcase_add_test(t, docker_of_a_user_takes_the_own_ids);
	tcase_add_test(t, removal);
	tcase_add_test(t, ids_inside_and_outside);
	tcase_add_test(t, versions);
	tcase_add_test(t, no_versions);
	tcase_add_test(t, a_process_is_known_by_its_begin);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
