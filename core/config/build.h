/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan while it is being made: what plan.c, transports.c, cells.c,
 * rules.c, unused.c, problems.c and print.c share. Nobody else includes this.
 */
#ifndef CORE_CONFIG_BUILD_H
#define CORE_CONFIG_BUILD_H

#include "core/config/plan.h"

/* One thing that is wrong, and what it is sorted by. */
struct problem {
	int layer;
	size_t order; /* of the setting; SIZE_MAX: about none */
	char *text;
};

#define PROBLEMS_SHOWN 100 /* the others are counted */

struct problems {
	struct problem *at;
	size_t n;
	int status; /* the gravest: EINVALID before all others */
};

/* The canonical texts of an axis or of a transport's option. */
struct values {
	const struct weir_option *row;
	struct strings texts;
	const struct setting *from; /* NULL: the default */
	struct plan_axes *typed;    /* of an axis: one for each text */
};

struct transport {
	char *name;
	char *plugin;
	const struct setting *first; /* in transports.NAME, or NULL */
	const struct setting *plugin_from;
	bool used;   /* matrix.transport names it */
	bool loaded; /* table is there */
	struct option_table table;
	struct values *options; /* one for each row of the table */
};

/* What plan->own points to: cells borrow from it. */
struct own {
	struct values *axes; /* one for each row of plan_axes_table */
	struct transport *transports;
	size_t n_transports;
};

struct build {
	const struct settings *settings;
	plan_plugin_fn *plugin;
	void *context;
	struct plan *plan;
	struct own *own;
	struct problems problems;
	bool no_memory;
};

/* problems.c: a sentence about a setting (NULL: about the whole config). */
void problems_add(struct build *b, int status, const struct setting *at,
		  const char *fmt, ...) WEIR_PRINTF(4, 5);
/* Sorts them by place and moves them out; returns the status. */
int problems_take(struct build *b, struct strings *ret_problems);

/* values.c: checks what a setting says (or the row's default where it is
 * NULL) by a row; prefix goes before the row's name in sentences. Where a
 * list does not multiply and the row holds none, it is a problem. */
void values_take(struct build *b, const struct weir_option *row,
		 const struct setting *from, const char *prefix,
		 bool multiplies, struct values *ret_values);
void values_fini(struct values *values);

/* The values of an axis of plan_axes_table. */
const struct values *plan_axis(const struct build *b, const char *name);
/* Whether that is among them, as it is written canonically. */
bool plan_has(const struct build *b, const char *axis, const char *text);

/* transports.c */
void transports_take(struct build *b);
struct transport *transports_find(const struct own *own, const char *name,
				  size_t len);
/* A name that a config file can give to a group. */
bool transports_is_group_name(const char *name, size_t len);
void transports_fini(struct own *own);

/* unknown.c: every setting that no table knows. */
void unknown_report(struct build *b);

/* rules.c: what single rows can't know. */
void rules_check(struct build *b);

/* rules_search.c: those of rate = "search". */
void rules_search_check(struct build *b);
/* Whether this was said of a search that a higher layer took away. */
bool rules_search_is_gone(const struct build *b, const struct setting *at);

/* cells.c: the cross product. */
void cells_make(struct build *b);

/* unused.c: what was said and changes no cell. */
void unused_warn(struct build *b);

/* print.c: plan->text and plan->values. */
void print_plan(struct build *b);

#endif
