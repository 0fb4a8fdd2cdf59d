/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin/verify.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/plugin/plugin.h"

#define VERIFY_HEAD_BYTES \
	(offsetof(struct weir_transport, size) + sizeof(uint32_t))

/* VERIFY_OP(x) is true where the operation x is there. */
#define VERIFY_OP(member) (ops->member != NULL)

void
plugin_destroy(struct plugin *plugin)
{
	union {
		const struct weir_option *borrowed;
		void *owned;
	} rows;

	if (!plugin || __atomic_load_n(&plugin->kept, __ATOMIC_RELAXED))
		return;
	rows.borrowed = plugin->options.rows;
	free(rows.owned);
	free(plugin->name);
	free(plugin->path);
	plugin->magic = 0;
	free(plugin);
}

void
plugin_keep(const struct plugin *plugin)
{
	union {
		const struct plugin *borrowed;
		struct plugin *owned;
	} it = { plugin };

	if (plugin)
		__atomic_store_n(&it.owned->kept, true, __ATOMIC_RELAXED);
}

/* ABI number and size: what the rest is read by. */
static int
verify_head(const struct verify_symbol *symbol, uint32_t *ret_size,
	    struct weir_error *err)
{
	uint32_t abi;
	uint32_t size;

	if (symbol->bytes && symbol->bytes < VERIFY_HEAD_BYTES)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: the symbol " WEIR_TRANSPORT_SYMBOL " has %zu "
			"bytes: it is no struct weir_transport",
			symbol->path, symbol->bytes);
	memcpy(&abi, symbol->at, sizeof(abi));
	memcpy(&size,
	       (const char *)symbol->at + offsetof(struct weir_transport, size),
	       sizeof(size));
	if (abi >> 16 != WEIR_ABI_MAJOR)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: made for plugin ABI %u.%u, while this weir has "
			"%u.%u: compile the plugin with this weir's headers",
			symbol->path, abi >> 16, abi & 0xffff, WEIR_ABI_MAJOR,
			WEIR_ABI_MINOR);
	if (size < VERIFY_TRANSPORT_BYTES_MIN)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member size says %u bytes, while struct "
			"weir_transport has at least %zu: begin it with "
			"WEIR_TRANSPORT_HEAD", symbol->path, size,
			(size_t)VERIFY_TRANSPORT_BYTES_MIN);
	if (symbol->bytes && size > symbol->bytes)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member size says %u bytes, while the symbol "
			WEIR_TRANSPORT_SYMBOL " has %zu: begin it with "
			"WEIR_TRANSPORT_HEAD", symbol->path, size,
			symbol->bytes);
	*ret_size = size;
	return WEIR_OK;
}

static int
verify_names(const struct plugin *plugin, struct weir_error *err)
{
	const struct weir_transport *ops = &plugin->ops;

	if (!ops->name)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: member name is missing",
				      plugin->path);
	if (strcmp(ops->name, plugin->name) != 0)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member name is \"%.64s\", while the file name "
			"says \"%s\": rename one of them", plugin->path,
			ops->name, plugin->name);
	if (!ops->summary || ops->summary[0] == '\0')
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "%s: member summary is missing",
				      plugin->path);
	return WEIR_OK;
}

/* A capability and the operations that it stands for. */
static int
verify_pair(const struct plugin *plugin, uint64_t bit, const char *capability,
	    const char *operation, bool present, struct weir_error *err)
{
	bool claimed = (plugin->ops.capabilities & bit) != 0;

	if (claimed && !present)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member %s is missing, though capabilities has "
			"%s", plugin->path, operation, capability);
	if (!claimed && present)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member %s is there, but capabilities lacks %s",
			plugin->path, operation, capability);
	return WEIR_OK;
}

static int
verify_capabilities(const struct plugin *plugin, struct weir_error *err)
{
	const struct weir_transport *ops = &plugin->ops;
	const struct {
		uint64_t bit;
		const char *capability;
		const char *operation;
		bool present;
	} pairs[] = {
		{ WEIR_CAP_TRY, "WEIR_CAP_TRY", "try_send",
		  VERIFY_OP(try_send) },
		{ WEIR_CAP_TRY, "WEIR_CAP_TRY", "try_recv",
		  VERIFY_OP(try_recv) },
		{ WEIR_CAP_FLUSH, "WEIR_CAP_FLUSH", "flush",
		  VERIFY_OP(flush) },
		{ WEIR_CAP_LOAN, "WEIR_CAP_LOAN", "loan", VERIFY_OP(loan) },
		{ WEIR_CAP_LOAN, "WEIR_CAP_LOAN", "commit",
		  VERIFY_OP(commit) },
		{ WEIR_CAP_BORROW, "WEIR_CAP_BORROW", "borrow",
		  VERIFY_OP(borrow) },
		{ WEIR_CAP_BORROW, "WEIR_CAP_BORROW", "release",
		  VERIFY_OP(release) },
		{ WEIR_CAP_MANY, "WEIR_CAP_MANY", "send_many",
		  VERIFY_OP(send_many) },
		{ WEIR_CAP_MANY, "WEIR_CAP_MANY", "recv_many",
		  VERIFY_OP(recv_many) },
		{ WEIR_CAP_UNTIL, "WEIR_CAP_UNTIL", "recv_until",
		  VERIFY_OP(recv_until) },
	};
	const uint64_t known = WEIR_CAP_TRY | WEIR_CAP_LOAN | WEIR_CAP_BORROW |
			       WEIR_CAP_FLUSH | WEIR_CAP_LOOPBACK |
			       WEIR_CAP_LOSSY | WEIR_CAP_PATH |
			       WEIR_CAP_UNSEALED | WEIR_CAP_MANY |
			       WEIR_CAP_FIXED_FDS | WEIR_CAP_UNTIL;
	int status = WEIR_OK;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		status = verify_pair(plugin, pairs[i].bit,
				     pairs[i].capability, pairs[i].operation,
				     pairs[i].present, err);
		if (status != WEIR_OK)
			return status;
	}
	/* A newer plugin may have capabilities that are news to this core. */
	if ((ops->capabilities & ~known) != 0 && ops->abi <= WEIR_ABI)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member capabilities has bits that ABI %u.%u does "
			"not know: 0x%llx", plugin->path, ops->abi >> 16,
			ops->abi & 0xffff,
			(unsigned long long)(ops->capabilities & ~known));
	return WEIR_OK;
}

int
verify_members(const struct plugin *plugin, struct weir_error *err)
{
	const struct weir_transport *ops = &plugin->ops;
	const struct {
		const char *name;
		bool present;
	} required[] = {
		{ "offer", VERIFY_OP(offer) }, { "join", VERIFY_OP(join) },
		{ "send", VERIFY_OP(send) },   { "recv", VERIFY_OP(recv) },
		{ "close", VERIFY_OP(close) },
	};
	int status = verify_names(plugin, err);

	if (status != WEIR_OK)
		return status;
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		if (!required[i].present)
			return weir_error_set(err, WEIR_EUNAVAILABLE,
					      "%s: member %s is missing",
					      plugin->path, required[i].name);
	}
	return verify_capabilities(plugin, err);
}

/* The rows in the core's own layout; needs the sizes to be checked. */
static int
verify_copy_options(struct plugin *plugin, struct weir_error *err)
{
	struct weir_transport *ops = &plugin->ops;
	size_t row_bytes = ops->option_bytes;
	struct weir_option *rows;

	if (row_bytes > sizeof(*rows))
		row_bytes = sizeof(*rows);
	rows = calloc(ops->n_options, sizeof(*rows));
	if (!rows)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the options of %s",
				      plugin->path);
	for (uint32_t i = 0; i < ops->n_options; i++)
		memcpy(&rows[i],
		       (const char *)ops->options +
			       (size_t)i * ops->option_bytes,
		       row_bytes);
	plugin->options.rows = rows;
	plugin->options.n_rows = ops->n_options;
	plugin->options.struct_bytes = ops->options_struct_bytes;
	ops->options = rows;
	ops->option_bytes = (uint32_t)sizeof(*rows);
	return WEIR_OK;
}

/* Members that say how large the table is, and the copy made by them. */
static int
verify_take_options(struct plugin *plugin, struct weir_error *err)
{
	const struct weir_transport *ops = &plugin->ops;

	if (ops->n_options == 0) {
		plugin->ops.options = NULL;
		plugin->options.struct_bytes = 0;
		return WEIR_OK;
	}
	if (!ops->options)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member options is missing, though n_options is "
			"%u", plugin->path, ops->n_options);
	if (ops->n_options > VERIFY_OPTIONS_MAX)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member n_options is %u, while weir takes at most "
			"%u options", plugin->path, ops->n_options,
			VERIFY_OPTIONS_MAX);
	if (ops->option_bytes < VERIFY_OPTION_BYTES_MIN ||
	    ops->option_bytes > VERIFY_OPTION_BYTES_MAX)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member option_bytes is %u, while struct "
			"weir_option has %zu", plugin->path,
			ops->option_bytes, sizeof(struct weir_option));
	if (ops->options_struct_bytes == 0 ||
	    ops->options_struct_bytes > VERIFY_OPTIONS_STRUCT_BYTES_MAX)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member options_struct_bytes is %llu, while weir "
			"takes 1 to %llu", plugin->path,
			(unsigned long long)ops->options_struct_bytes,
			(unsigned long long)VERIFY_OPTIONS_STRUCT_BYTES_MAX);
	return verify_copy_options(plugin, err);
}

static int
verify_copy(const struct verify_symbol *symbol, uint32_t size,
	    struct plugin *plugin, struct weir_error *err)
{
	size_t bytes = size < sizeof(plugin->ops) ? size : sizeof(plugin->ops);

	plugin->magic = PLUGIN_MAGIC;
	memcpy(&plugin->ops, symbol->at, bytes);
	plugin->name = strdup(symbol->name);
	plugin->path = strdup(symbol->path);
	if (!plugin->name || !plugin->path)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the plugin %s",
				      symbol->path);
	return WEIR_OK;
}

int
verify_transport(const struct verify_symbol *symbol,
		 struct plugin **ret_plugin, struct weir_error *err)
{
	struct plugin *plugin;
	uint32_t size = 0;
	int status = verify_head(symbol, &size, err);

	if (status != WEIR_OK)
		return status;
	plugin = calloc(1, sizeof(*plugin));
	if (!plugin)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the plugin %s",
				      symbol->path);
	status = verify_copy(symbol, size, plugin, err);
	if (status == WEIR_OK)
		status = verify_members(plugin, err);
	if (status == WEIR_OK)
		status = verify_take_options(plugin, err);
	if (status == WEIR_OK)
		status = verify_options(plugin, err);
	if (status != WEIR_OK) {
		plugin_destroy(plugin);
		return status;
	}
	*ret_plugin = plugin;
	return WEIR_OK;
}
