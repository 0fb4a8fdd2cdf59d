/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin/outcome.h"

#include <stdbool.h>
#include <string.h>

static bool
is_known(int status)
{
	return strcmp(weir_status_text(status), weir_status_text(-1)) != 0;
}

int
outcome_status(int status)
{
	return is_known(status) ? status : WEIR_ESYSTEM;
}

int
outcome_check(const char *transport, const char *operation, int status,
	      const struct weir_channel *channel, struct weir_error *err)
{
	if (status == WEIR_OK && !channel)
		return weir_error_set(err, WEIR_ESYSTEM,
				      "the transport \"%s\" succeeded in %s, "
				      "but made no channel",
				      transport, operation);
	if (!is_known(status))
		return weir_error_set(err, WEIR_ESYSTEM,
				      "the transport \"%s\" returned %d from "
				      "%s, which is no status of "
				      "<weir/status.h>",
				      transport, status, operation);
	if (status && !err->text[0])
		return weir_error_set(err, status,
				      "the transport \"%s\" failed in %s and "
				      "did not say why: %s",
				      transport, operation,
				      weir_status_text(status));
	return status;
}
