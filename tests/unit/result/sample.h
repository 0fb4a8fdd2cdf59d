/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan made by hand, and its result; reports.h has what to fill it with.
 */
#ifndef TESTS_UNIT_RESULT_SAMPLE_H
#define TESTS_UNIT_RESULT_SAMPLE_H

#include <stdio.h>
#include <string.h>

#include <check.h>

#include "core/result/result.h"

#define SAMPLE_TEXTS 32

enum { SAMPLE_UDS, SAMPLE_SPIN, SAMPLE_FUTEX, SAMPLE_TINY, SAMPLE_CELLS };

struct sample {
	struct weir_option wait, ring;
	struct plan_option uds[1], spin[2], futex[2];
	struct plan_cell cells[SAMPLE_CELLS];
	struct plan_value values[2];
	char texts[SAMPLE_TEXTS][48];
	size_t n_texts;
	struct plan plan;
	struct result *result;
	struct report host, client;
};

/* The plan's strings are not const: copies that it may point to. */
static char *
sample_text(struct sample *s, const char *text)
{
	char *at = s->texts[s->n_texts++];

	ck_assert_uint_le(s->n_texts, SAMPLE_TEXTS);
	snprintf(at, sizeof(s->texts[0]), "%s", text);
	return at;
}

static void
sample_cell(struct sample *s, size_t i, const char *id, const char *transport,
	    uint32_t pattern, uint64_t size)
{
	s->cells[i] = (struct plan_cell){
		.id = sample_text(s, id),
		.axes = { .transport = transport,
			  .pattern = pattern,
			  .size_bytes = size,
			  .boundary = PLAN_PROCESS,
			  .concurrency = 1 },
		.plugin = transport,
	};
}

static void
sample_options(struct sample *s)
{
	s->wait = (struct weir_option){ .name = "wait",
					.type = WEIR_OPTION_CHOICE };
	s->ring = (struct weir_option){ .name = "ring_size",
					.type = WEIR_OPTION_SIZE };
	s->uds[0] = (struct plan_option){ &s->wait, sample_text(s, "block"),
					  false };
	s->spin[0] = (struct plan_option){ &s->wait, sample_text(s, "spin"),
					   true };
	s->spin[1] = (struct plan_option){ &s->ring, sample_text(s, "1Mi"),
					   false };
	s->futex[0] = (struct plan_option){ &s->wait,
					    sample_text(s, "futex"),
					    true };
	s->futex[1] = s->spin[1];
	s->cells[SAMPLE_UDS].options = s->uds;
	s->cells[SAMPLE_UDS].n_options = 1;
	s->cells[SAMPLE_SPIN].options = s->spin;
	s->cells[SAMPLE_SPIN].n_options = 2;
	s->cells[SAMPLE_FUTEX].options = s->futex;
	s->cells[SAMPLE_FUTEX].n_options = 2;
}

/* Any content before; sample_fini frees. */
static void
sample_init(struct sample *s, int64_t repeat)
{
	memset(s, 0, sizeof(*s));
	sample_cell(s, SAMPLE_UDS, "uds/round_trip/64", "uds",
		    PLAN_ROUND_TRIP, 64);
	sample_cell(s, SAMPLE_SPIN, "shm/one_way/65536/spin", "shm",
		    PLAN_ONE_WAY, 65536);
	sample_cell(s, SAMPLE_FUTEX, "shm/one_way/65536/futex", "shm",
		    PLAN_ONE_WAY, 65536);
	sample_cell(s, SAMPLE_TINY, "null/one_way/8", "null", PLAN_ONE_WAY,
		    8);
	sample_options(s);
	s->values[0] = (struct plan_value){ sample_text(s, "repeat"),
					    sample_text(s, "3"),
					    sample_text(s, "sample.cfg:1") };
	s->values[1] = (struct plan_value){ sample_text(s, "verify"),
					    sample_text(s, "header"),
					    sample_text(s, "default") };
	s->plan = (struct plan){
		.run = { .name = "sample", .repeat = repeat },
		.cells = s->cells,
		.n_cells = SAMPLE_CELLS,
		.text = sample_text(s, "repeat = 3;\n"),
		.values = s->values,
		.n_values = 2,
	};
	s->result = result_create(&s->plan);
	ck_assert_ptr_nonnull(s->result);
	report_init(&s->host);
	report_init(&s->client);
}

static void
sample_fini(struct sample *s)
{
	report_fini(&s->host);
	report_fini(&s->client);
	result_destroy(s->result);
}

#endif
