/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/distance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/result/block.h"
#include "core/result/json_value.h"
#include "core/result/samples.h"

void
distance_init(struct result_block *block)
{
	block->class = DISTANCE_ALL;
	for (int i = 0; i < GAUGE_CLASSES; i++)
		block->classes[i].elapsed_ns = 0;
}

void
distance_fini(struct result_block *block)
{
	for (int i = 0; i < GAUGE_CLASSES; i++) {
		free(block->classes[i].latency.histogram);
		block->classes[i].latency.histogram = NULL;
	}
}

int
distance_take(struct result_block *block, const struct plan *plan,
	      const struct report *taker, struct weir_error *err)
{
	int status = WEIR_OK;

	for (int i = 0; i < GAUGE_CLASSES && !status; i++) {
		const struct report_class *from = &taker->classes[i];
		struct result_class *to = &block->classes[i];

		to->messages = from->messages;
		to->segments = from->segments;
		to->elapsed_ns = (double)from->elapsed_ns;
		to->distance_sum_ns = (double)from->distance_sum_ns;
		status = result_samples_set(&to->latency, plan, from->latency,
					    err);
	}
	return status;
}

static int
merge_class(struct result_class *to, const struct result_block *const *from,
	    size_t n, int class, const struct plan *plan,
	    struct histogram *total, struct histogram *scratch,
	    struct weir_error *err)
{
	int status = WEIR_OK;

	histogram_reset(total);
	for (size_t i = 0; i < n && !status; i++) {
		const struct result_class *c = &from[i]->classes[class];

		to->messages += c->messages;
		to->segments += c->segments;
		to->elapsed_ns += c->elapsed_ns;
		to->distance_sum_ns += c->distance_sum_ns;
		status = result_samples_add(total, scratch, &c->latency, err);
	}
	return status ? status :
			result_samples_set(&to->latency, plan, total, err);
}

int
distance_merge(struct result_block *to, const struct result_block *const *from,
	       size_t n, const struct plan *plan, struct weir_error *err)
{
	struct histogram *total = histogram_create();
	struct histogram *scratch = histogram_create();
	int status = WEIR_OK;

	if (!total || !scratch)
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory for a histogram");
	for (int i = 0; i < GAUGE_CLASSES && !status; i++)
		status = merge_class(&to->classes[i], from, n, i, plan, total,
				     scratch, err);
	histogram_destroy(scratch);
	histogram_destroy(total);
	return status;
}

double
distance_share(const struct result_block *block, int class)
{
	double all_ns = 0;

	for (int i = 0; i < GAUGE_CLASSES; i++)
		all_ns += block->classes[i].elapsed_ns;
	return block->classes[class].elapsed_ns / all_ns;
}

/* ---- conditioning ---- */

/* Sums of log latency. */
struct moments {
	double n, sum, squares;
};

static int
add_moments(struct moments *m, const struct result_class *class,
	    struct histogram *h, struct weir_error *err)
{
	int status = histogram_decode(class->latency.histogram, h, err);

	for (uint32_t i = 0; i < HISTOGRAM_SLOTS && !status; i++) {
		double n = (double)h->count[i], x;

		if (!h->count[i])
			continue;
		x = log(histogram_slot_value_ns(i) + 1);
		m->n += n;
		m->sum += n * x;
		m->squares += n * x * x;
	}
	return status;
}

/* Between the classes against all: 0 … 1, NaN without samples. */
static int
explained(const struct result_block *block, double *ret_share,
	  struct weir_error *err)
{
	struct histogram *scratch = histogram_create();
	struct moments all = { 0 };
	double between = 0;
	int status = WEIR_OK;

	if (!scratch)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a histogram");
	for (int i = 0; i < GAUGE_UNCLEAR && !status; i++) {
		struct moments one = { 0 };

		if (!block->classes[i].latency.histogram)
			continue;
		status = add_moments(&one, &block->classes[i], scratch, err);
		all.n += one.n;
		all.sum += one.sum;
		all.squares += one.squares;
		between += one.sum * one.sum / one.n;
	}
	histogram_destroy(scratch);
	between -= all.sum * all.sum / all.n;
	all.squares -= all.sum * all.sum / all.n;
	/* What the slots are too coarse for is no variance. */
	*ret_share = all.squares > 1e-6 * all.n ? between / all.squares : 0;
	return status;
}

/* The class in which most of the time was spent; *ret_n: how many there are to
 * choose from. */
static int
find_dominant(const struct result_block *block, int *ret_n)
{
	uint64_t segments = 0;
	int best = 0;

	*ret_n = 0;
	for (int i = 0; i < GAUGE_UNCLEAR; i++) {
		segments += block->classes[i].segments;
		*ret_n += block->classes[i].messages != 0;
		if (block->classes[i].elapsed_ns >
		    block->classes[best].elapsed_ns)
			best = i;
	}
	if (segments < DISTANCE_SEGMENTS)
		*ret_n = 0;
	return best;
}

double
distance_rate(const struct result_cell *cell, int class)
{
	const struct result_class *c = &cell->block.classes[class];

	if (!(c->elapsed_ns > 0))
		return NAN;
	/* Each channel has its own time. */
	return (double)c->messages * 1e9 *
	       (double)cell->cell->axes.concurrency / c->elapsed_ns;
}

static int
take_figures(struct result_cell *cell, int class, struct weir_error *err)
{
	struct result_block *block = &cell->block;
	const struct result_class *from = &block->classes[class];

	block->class = class;
	if (from->elapsed_ns > 0) {
		block->messages_per_s = distance_rate(cell, class);
		block->bytes_per_s = block->messages_per_s *
				     (double)cell->cell->axes.size_bytes;
	}
	if (!from->latency.histogram)
		return WEIR_OK;
	free(block->histogram);
	block->histogram = strdup(from->latency.histogram);
	if (!block->histogram)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a histogram");
	block->latency = from->latency.summary;
	block->latency_sum_ns = from->latency.sum_ns;
	result_block_judge_tail(block);
	return WEIR_OK;
}

int
distance_condition(struct result_cell *cell, struct weir_error *err)
{
	bool spins = plan_cell_says(cell->cell, "wait", "spin");
	double share = 0;
	int n, status = WEIR_OK;
	int class = find_dominant(&cell->block, &n);

	if (n < 2)
		return WEIR_OK;
	if (!spins)
		status = explained(&cell->block, &share, err);
	if (status || !(spins || share >= DISTANCE_EXPLAINS))
		return status;
	return take_figures(cell, class, err);
}

/* ---- comparing ---- */

/* Whether the figures of a cell hang on the class; one that met a single
 * class has them from there as it is. */
static bool
matters(const struct result_cell *cell)
{
	int n;

	if (cell->block.class != DISTANCE_ALL)
		return true;
	find_dominant(&cell->block, &n);
	return n == 1 && plan_cell_says(cell->cell, "wait", "spin");
}

int
distance_common(const struct result_cell *a, const struct result_cell *b)
{
	double share, best_share = 0;
	int best = DISTANCE_NONE;

	if (!matters(a) || !matters(b))
		return DISTANCE_ALL;
	for (int i = 0; i < GAUGE_UNCLEAR; i++) {
		if (!a->block.classes[i].messages ||
		    !b->block.classes[i].messages)
			continue;
		share = fmin(distance_share(&a->block, i),
			     distance_share(&b->block, i));
		if (best == DISTANCE_NONE || share > best_share) {
			best = i;
			best_share = share;
		}
	}
	return best;
}

/* ---- out ---- */

static void
add_edge(struct json *j, struct cJSON *to, const char *key, double ns)
{
	if (isfinite(ns))
		json_add_number(j, to, key, ns);
	else
		json_add_null(j, to, key);
}

void
distance_edges_to_json(struct json *j, struct cJSON *to, int class)
{
	add_edge(j, to, "from_ns", gauge_class_low_ns(class));
	add_edge(j, to, "below_ns", gauge_class_high_ns(class));
}

static void
add_class(struct json *j, struct cJSON *array,
	  const struct result_block *block, int class)
{
	const struct result_class *c = &block->classes[class];
	struct cJSON *o = json_append_object(j, array);

	json_add_bool(j, o, "clear", class != GAUGE_UNCLEAR);
	json_add_bool(j, o, "chosen", class == block->class);
	distance_edges_to_json(j, o, class);
	add_edge(j, o, "mean_ns",
		 c->distance_sum_ns > 0 ?
			 c->distance_sum_ns / (double)c->segments : NAN);
	json_add_u64(j, o, "segments", c->segments);
	json_add_number(j, o, "share", distance_share(block, class));
	json_add_u64(j, o, "messages", c->messages);
	json_add_number(j, o, "elapsed_ns", c->elapsed_ns);
	result_samples_to_json(j, o, "latency_ns", &c->latency.summary,
			       c->latency.sum_ns, c->latency.histogram);
}

void
distance_to_json(struct json *j, struct cJSON *to,
		 const struct result_block *block)
{
	struct cJSON *array;
	uint64_t segments = 0;

	for (int i = 0; i < GAUGE_CLASSES; i++)
		segments += block->classes[i].segments;
	if (!segments) {
		json_add_null(j, to, "distance");
		return;
	}
	array = json_add_array(j, to, "distance");
	for (int i = 0; i < GAUGE_CLASSES; i++) {
		if (block->classes[i].segments)
			add_class(j, array, block, i);
	}
}
