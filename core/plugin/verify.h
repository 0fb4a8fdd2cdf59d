/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what a module exports (lenient, of its own version) to a struct
 * plugin (strict). The order is the rule: nothing but ABI number and size is
 * read before they are believed, and no pointer is followed before it was
 * seen to be inside the declared size.
 */
#ifndef CORE_PLUGIN_VERIFY_H
#define CORE_PLUGIN_VERIFY_H

#include <stddef.h>

#include <weir/option.h>
#include <weir/transport.h>

struct plugin;

/* Up to the last member of ABI 1.0: no module is shorter. These two never
 * change, whatever is appended. */
#define VERIFY_TRANSPORT_BYTES_MIN \
	(offsetof(struct weir_transport, close) + sizeof(void (*)(void)))
#define VERIFY_OPTION_BYTES_MIN \
	(offsetof(struct weir_option, offset) + sizeof(size_t))

#define VERIFY_OPTIONS_MAX 256u
#define VERIFY_OPTION_BYTES_MAX 4096u
#define VERIFY_OPTIONS_STRUCT_BYTES_MAX (UINT64_C(1) << 20)

/* What the loader found; borrowed. */
struct verify_symbol {
	const void *at;
	size_t bytes; /* as the symbol table says; 0: it does not say */
	const char *path;
	const char *name; /* that the file stands for */
};

/*
 * Checks and copies. The caller destroys *ret_plugin. Errors: EUNAVAILABLE
 * (the sentence begins with the path and names the member), ENOMEMORY.
 */
WEIR_MUST_USE int verify_transport(const struct verify_symbol *symbol,
				   struct plugin **ret_plugin,
				   struct weir_error *err);

/* The checks of the members alone, as done by verify_transport once they are
 * copied. Needs name, path and ops of the plugin. */
WEIR_MUST_USE int verify_members(const struct plugin *plugin,
				 struct weir_error *err);

/* Those of the option table. */
WEIR_MUST_USE int verify_options(const struct plugin *plugin,
				 struct weir_error *err);

#endif
