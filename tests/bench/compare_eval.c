/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How well the comparison of core/stats/compare.h tells differences, on trials
 * that were recorded: see compare_eval.sh.
 *
 *	compare_eval TESTS SEED < RECORD
 *
 * RECORD has a line for each trial in the order in which they ran: cell,
 * distance class, p50, p90, p99 (in ns, or null). All trials of a cell are
 * alike, and whatever the test calls a difference is none. Blocks are made of
 * four trials in a row of one cell and class. For each of TESTS splits, chance
 * says of each block whether it was A B B A or B A A B, and the test is made
 * of all cells and percentiles together. To see whether it finds what is there,
 * the figures of all B of one cell are made ten per cent larger.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rand.h"
#include "core/stats/compare.h"

#define CELLS_MAX 8
#define CLASSES_MAX 16
#define FIGURES 3
#define NAME_BYTES 256
#define SLOWDOWN 1.10
#define ALPHA 0.05
#define REACH 12 /* trials of its cell that a block may span */

struct block {
	double figures[FIGURES][COMPARE_BLOCK];
};

/* A block that is not full yet. */
struct pending {
	char class[NAME_BYTES];
	struct block block;
	size_t n;
	size_t began; /* the trial of the cell */
};

struct cell {
	char name[NAME_BYTES];
	struct pending pending[CLASSES_MAX];
	size_t n_pending;
	struct block blocks[COMPARE_BLOCKS_MAX];
	size_t n_blocks;
	size_t n_trials;
};

struct record {
	struct cell cells[CELLS_MAX];
	size_t n_cells;
};

/* ---- what was recorded ---- */

static struct cell *
find_cell(struct record *record, const char *name)
{
	struct cell *cell;

	for (size_t i = 0; i < record->n_cells; i++)
		if (!strcmp(record->cells[i].name, name))
			return &record->cells[i];
	if (record->n_cells == CELLS_MAX)
		return NULL;
	cell = &record->cells[record->n_cells++];
	snprintf(cell->name, sizeof(cell->name), "%s", name);
	return cell;
}

static struct pending *
find_pending(struct cell *cell, const char *class)
{
	struct pending *pending;

	for (size_t i = 0; i < cell->n_pending; i++)
		if (!strcmp(cell->pending[i].class, class))
			return &cell->pending[i];
	if (cell->n_pending == CLASSES_MAX)
		return NULL;
	pending = &cell->pending[cell->n_pending++];
	snprintf(pending->class, sizeof(pending->class), "%s", class);
	return pending;
}

static void
add_trial(struct cell *cell, const char *class, const double *figures)
{
	struct pending *pending = find_pending(cell, class);
	size_t now = cell->n_trials++;

	if (!pending || cell->n_blocks == COMPARE_BLOCKS_MAX)
		return;
	if (pending->n && now - pending->began >= REACH)
		pending->n = 0;
	if (!pending->n)
		pending->began = now;
	for (int i = 0; i < FIGURES; i++)
		pending->block.figures[i][pending->n] = figures[i];
	if (++pending->n < COMPARE_BLOCK)
		return;
	cell->blocks[cell->n_blocks++] = pending->block;
	pending->n = 0;
}

static void
read_record(struct record *record)
{
	char name[NAME_BYTES], class[NAME_BYTES], text[FIGURES][32];

	while (scanf("%255s %255s %31s %31s %31s", name, class, text[0],
		     text[1], text[2]) == 2 + FIGURES) {
		struct cell *cell = find_cell(record, name);
		double figures[FIGURES];

		for (int i = 0; i < FIGURES; i++) {
			char *end;

			figures[i] = strtod(text[i], &end);
			if (end == text[i])
				figures[i] = NAN;
		}
		if (cell)
			add_trial(cell, class, figures);
	}
}

/* ---- one test ---- */

struct outcome {
	double p[CELLS_MAX][FIGURES]; /* adjusted */
	double ratio[CELLS_MAX][FIGURES];
};

/* Of n_blocks in a row; slowed is a cell, or CELLS_MAX: none. */
static void
test(const struct record *record, size_t n_blocks, size_t slowed,
     struct rand *rand, struct outcome *outcome)
{
	double p[CELLS_MAX * FIGURES], logs[COMPARE_BLOCKS_MAX];
	bool order[COMPARE_BLOCKS_MAX];
	size_t n = 0;

	for (size_t k = 0; k < n_blocks; k++)
		order[k] = rand_below(rand, 2);
	for (size_t c = 0; c < record->n_cells; c++) {
		const struct cell *cell = &record->cells[c];
		size_t most = n_blocks < cell->n_blocks ? n_blocks :
							  cell->n_blocks;
		size_t from = rand_below(rand, cell->n_blocks - most + 1);

		for (int f = 0; f < FIGURES; f++) {
			struct compare_ratio r;

			for (size_t k = 0; k < most; k++) {
				logs[k] = compare_block(
					cell->blocks[from + k].figures[f],
					order[k]);
				if (c == slowed)
					logs[k] += log(SLOWDOWN);
			}
			if (compare_ratios(logs, most, 1 - ALPHA, &r))
				abort();
			p[n++] = r.p;
			outcome->ratio[c][f] = r.ratio;
		}
	}
	if (compare_holm(p, n))
		abort();
	memcpy(outcome->p, p, n * sizeof(p[0]));
}

/* In how many tests anything was called different. */
static size_t
count_false(const struct record *record, size_t n_blocks, size_t n_tests,
	    struct rand *rand)
{
	struct outcome outcome;
	size_t n = 0;

	for (size_t t = 0; t < n_tests; t++) {
		bool any = false;

		test(record, n_blocks, CELLS_MAX, rand, &outcome);
		for (size_t c = 0; c < record->n_cells; c++)
			for (int f = 0; f < FIGURES; f++)
				any |= outcome.p[c][f] < ALPHA;
		n += any;
	}
	return n;
}

/* In how many the median of a slower cell was called larger. */
static size_t
count_seen(const struct record *record, size_t n_blocks, size_t n_tests,
	   size_t cell, struct rand *rand)
{
	struct outcome outcome;
	size_t n = 0;

	for (size_t t = 0; t < n_tests; t++) {
		test(record, n_blocks, cell, rand, &outcome);
		n += outcome.p[cell][0] < ALPHA && outcome.ratio[cell][0] > 1;
	}
	return n;
}

static void
evaluate(const struct record *record, size_t n_blocks, size_t n_tests,
	 struct rand *rand)
{
	printf("%zu blocks (%zu trials of A, %zu of B), %zu tests\n", n_blocks,
	       2 * n_blocks, 2 * n_blocks, n_tests);
	printf("  false differences: %.1f %%\n",
	       100. * (double)count_false(record, n_blocks, n_tests, rand) /
		       (double)n_tests);
	for (size_t c = 0; c < record->n_cells; c++)
		printf("  %s: 10 %% slower seen in %.1f %%\n",
		       record->cells[c].name,
		       100. * (double)count_seen(record, n_blocks, n_tests, c,
						 rand) / (double)n_tests);
}

int
main(int argc, char **argv)
{
	struct record *record = calloc(1, sizeof(*record));
	size_t n_tests, least = COMPARE_BLOCKS_MAX;
	struct rand rand;

	if (argc != 3 || !record) {
		fprintf(stderr, "compare_eval TESTS SEED < RECORD\n");
		return 2;
	}
	n_tests = strtoul(argv[1], NULL, 10);
	rand_init(&rand, strtoull(argv[2], NULL, 10));
	read_record(record);
	for (size_t c = 0; c < record->n_cells; c++) {
		const struct cell *cell = &record->cells[c];

		printf("%s: %zu trials, %zu classes, %zu blocks\n", cell->name,
		       cell->n_trials, cell->n_pending, cell->n_blocks);
		if (cell->n_blocks < least)
			least = cell->n_blocks;
	}
	if (!record->n_cells || !least) {
		fprintf(stderr, "too few trials for a block\n");
		return 1;
	}
	for (size_t n = least; n >= 6; n /= 2)
		evaluate(record, n, n_tests, &rand);
	free(record);
	return 0;
}
