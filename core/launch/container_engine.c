/* SPDX-License-Identifier: Apache-2.0 */
#include "core/launch/container_engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/io.h"
#include "core/base/log.h"
#include "core/base/text.h"

#define WAIT_NS (3 * NS_PER_S) /* from a process's end to its exit code */

int
container_not_usable(struct container *c, const char *what,
		     struct weir_error *err)
{
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "%s: %s (exit code %d): %.600s",
			      c->engine.program, what, c->output.exit_code,
			      engine_last_words(c->output.talk));
}

int
container_open_engine(struct container *c, struct weir_error *err)
{
	char state[8];
	int status;

	c->engine.program = c->run->container_engine;
	c->engine.uid = geteuid();
	c->engine.gid = getegid();
	c->engine.selinux = io_read_small("/sys/fs/selinux/enforce", state,
					  sizeof(state)) > 0;
	status = engine_ask(c->engine.program, CONTAINER_ASK_NS, c->stop_fd,
			    &c->output, err, "--version", NULL);
	if (status)
		return status;
	if (c->output.exit_code != 0)
		return container_not_usable(c, "does not work", err);
	if (!engine_take_version(c->output.out, &c->engine))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "container.engine: \"%s\" is neither "
				      "podman nor docker", c->engine.program);
	return WEIR_OK;
}

/* A copy of the answer's first line. */
static void
take_line(const char *answer, char *ret_line, size_t cap)
{
	snprintf(ret_line, cap, "%.*s", (int)strcspn(answer, "\r\n"), answer);
	text_clean(ret_line, strlen(ret_line));
}

int
container_find_image(struct container *c, struct weir_error *err)
{
	const char *image = c->run->container_image;
	int status = engine_ask(c->engine.program, CONTAINER_ASK_NS, c->stop_fd,
				&c->output, err, "image", "inspect",
				"--format={{.Id}}", image, NULL);

	if (status)
		return status;
	if (c->output.exit_code == 0) {
		take_line(c->output.out, c->image_id, sizeof(c->image_id));
		return WEIR_OK;
	}
	if (strcasestr(c->output.talk, "no such image") ||
	    strstr(c->output.talk, "image not known"))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s has no image \"%s\"%s: build it with "
				      "container/build-image.sh, or name "
				      "another one in container.image",
				      c->engine.program, image,
				      c->engine.uid ? " of this user" : "");
	return container_not_usable(c, "the image can't be looked at", err);
}

void
container_add_log(struct container *c, char *text, size_t cap)
{
	size_t used = strlen(text);
	char *talk = c->output.talk;

	if (engine_ask(c->engine.program, CONTAINER_ASK_NS, -1, &c->output,
		       NULL, "logs", "--tail=5", c->name, NULL))
		return;
	if (!*talk)
		talk = c->output.out;
	if (*talk)
		snprintf(text + used, cap - used, "; it said: %.300s",
			 engine_last_words(talk));
}

void
container_say_state(struct container *c, char ret_how[LAUNCH_HOW_BYTES])
{
	char status[32] = "", oom[8] = "";
	int code = 0;

	if (engine_ask(c->engine.program, CONTAINER_ASK_NS, -1, &c->output,
		       NULL, "inspect", "--format={{.State.Status}} "
		       "{{.State.OOMKilled}} {{.State.ExitCode}}", c->name,
		       NULL) ||
	    c->output.exit_code != 0 ||
	    sscanf(c->output.out, "%31s %7s %d", status, oom, &code) != 3) {
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "its container \"%s\" is not there any more",
			 c->name);
		return;
	}
	if (strcmp(status, "paused") == 0)
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "its container \"%s\" is paused", c->name);
	else if (strcmp(status, "running") == 0)
		ret_how[0] = '\0';
	else if (strcmp(oom, "true") == 0)
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "its container \"%s\" was killed for want of memory "
			 "(container.memory is %" PRIu64 " bytes)", c->name,
			 c->run->container_memory_bytes);
	else if (code > 128 && code <= 128 + 64)
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "its container \"%s\" was ended by signal %d (%s)",
			 c->name, code - 128, strsignal(code - 128));
	else {
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "its container \"%s\" ended with exit code %d",
			 c->name, code);
		container_add_log(c, ret_how, LAUNCH_HOW_BYTES);
	}
}

void
container_say_end(struct container *c, char ret_how[LAUNCH_HOW_BYTES])
{
	if (engine_ask(c->engine.program, WAIT_NS, -1, &c->output, NULL,
		       "wait", c->name, NULL))
		log_debug("%s does not see the end of \"%s\"",
			  c->engine.program, c->name);
	container_say_state(c, ret_how);
}
