/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/hello.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int
hello_send(struct control *control, const struct facts *facts,
	   struct weir_error *err)
{
	struct message message = { .type = MESSAGE_HELLO };

	message.hello.protocol = MESSAGE_PROTOCOL;
	message.hello.abi = WEIR_ABI;
	message.hello.beat_ns = CONTROL_BEAT_NS;
	snprintf(message.hello.tool, sizeof(message.hello.tool), "%s",
		 WEIR_VERSION);
	message.hello.facts = *facts;
	return control_send(control, &message, NULL, 0, err);
}

int
hello_check(const struct control *control, const struct message *message,
	    struct weir_error *err)
{
	const struct message_hello *hello = &message->hello;

	if (message->type != MESSAGE_HELLO)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "%s began with \"%s\" and not with a "
				      "greeting", control_peer(control),
				      message_type_names[message->type]);
	if (hello->protocol != MESSAGE_PROTOCOL)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "%s is weir %s and speaks control "
				      "protocol %" PRIu64 ", this side is weir "
				      WEIR_VERSION " and speaks %d: install "
				      "the same version on both sides",
				      control_peer(control), hello->tool,
				      hello->protocol, MESSAGE_PROTOCOL);
	if (hello->abi >> 16 != WEIR_ABI_MAJOR)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "%s is weir %s with transport ABI "
				      "%" PRIu64 ", this side is weir "
				      WEIR_VERSION " with %u: install the "
				      "same version on both sides",
				      control_peer(control), hello->tool,
				      hello->abi >> 16, WEIR_ABI_MAJOR);
	return WEIR_OK;
}

static bool
same_text(const struct facts *a, const struct facts *b, const char *key)
{
	const struct fact *of_a = facts_get(a, key);
	const struct fact *of_b = facts_get(b, key);

	return of_a && of_b && of_a->kind == FACTS_TEXT &&
	       of_b->kind == FACTS_TEXT &&
	       strcmp(of_a->text, of_b->text) == 0;
}

bool
hello_comparable_clocks(const struct facts *a, const struct facts *b)
{
	bool told = facts_get(a, "clocksource") && facts_get(b, "clocksource");

	/* Of one boot they have one source, unless it was just changed; who
	 * has no /sys can't tell. */
	return same_text(a, b, "boot_id") &&
	       same_text(a, b, "time_namespace") &&
	       (!told || same_text(a, b, "clocksource"));
}
