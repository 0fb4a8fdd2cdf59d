/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "tests/bench/peers.h"

void
report_head(void)
{
	printf("%-36s %-13s %10s %10s  %-22s %-8s %s\n", "", "distance",
	       "other", "weir", "weir / other [95 %]", "reach", "pairs");
}

static const char *
figure_text(const struct line *line, double value, char ret_text[24])
{
	if (isnan(value))
		snprintf(ret_text, 24, "-");
	else if (line->metric == LINE_RATE)
		snprintf(ret_text, 24, "%.3f M/s", value / 1e6);
	else
		snprintf(ret_text, 24, "%.3f us", value / 1e3);
	return ret_text;
}

static void
print_bound(const struct line *line, const struct line_class *c,
	    const struct ratio *r, double bound, bool ratio)
{
	bool at_least = line->metric == LINE_RATE;
	double unit = ratio ? 1 : at_least ? 1e6 : 1e3;
	char interval[48], reach[24] = "";

	snprintf(interval, sizeof(interval), "%.3f [%.3f, %.3f]",
		 r->value / unit, r->low / unit, r->high / unit);
	if (bound != 0)
		snprintf(reach, sizeof(reach), "%s %.4g",
			 at_least ? ">=" : "<=", bound / unit);
	printf("  %-22s %-8s %3zu  %s", interval, reach, c->n,
	       line_verdicts[c->verdict]);
}

static void
print_class(const struct line *line, int class)
{
	const struct line_class *c = &line->classes[class];
	bool alone = !line->other.loop && !line->other.transport;
	double low = canary_class_low_ns(class);
	bool far = low >= CANARY_FAR_NS;
	double absolute = far ? line->absolute.far : line->absolute.near;
	char place[24], weir[24], other[24];

	snprintf(place, sizeof(place), "%s %.0f-%.0f", far ? "far" : "near",
		 low, 2 * low);
	printf("%-36s %-13s %10s %10s", line->name, place,
	       figure_text(line, alone ? NAN : c->other_median, other),
	       figure_text(line, c->weir_median, weir));
	if (!alone)
		print_bound(line, c, &c->ratio,
			    far ? line->ratio.far : line->ratio.near, true);
	if (!alone && absolute != 0)
		printf("\n%-72s", "");
	if (absolute != 0)
		print_bound(line, c, &c->absolute, absolute, false);
	if (line->weir.one_way && !isnan(c->p50_median))
		printf("  (one-way p50 %.2f us)", c->p50_median / 1e3);
	putchar('\n');
}

/* Of the class in which the peer was measured. */
static void
print_peer(const struct line *line, const struct line_class *c)
{
	const struct peer *peer = peers_of(line);
	double ratio, unit;

	if (!peer)
		return;
	ratio = peers_ratio(peer, c);
	unit = peer->rate ? 1e6 : 1e3;
	printf("%-36s   %.2f of %.4g %s (%s; another day, near)\n", "",
	       ratio, peer->figure / unit, peer->rate ? "M/s" : "us p50",
	       peer->who);
}

void
report_line(const struct line *line)
{
	if (line->why[0]) {
		printf("%-36s not possible yet: %s\n", line->name, line->why);
	} else {
		for (int i = 0; i < CANARY_CLASSES; i++) {
			if (!line->classes[i].n)
				continue;
			print_class(line, i);
			if (canary_class_low_ns(i) < CANARY_FAR_NS)
				print_peer(line, &line->classes[i]);
		}
		if (line->n_discarded)
			printf("%-36s   %zu of %zu pairs discarded (%.0f %%): "
			       "the distance changed\n", "",
			       line->n_discarded, line->n_run,
			       100.0 * (double)line->n_discarded /
				       (double)line->n_run);
	}
	fflush(stdout);
}

enum line_verdict
report_figure_verdict(const struct report_figure *figure)
{
	if (figure->at_most == 0)
		return LINE_NONE;
	return figure->value <= figure->at_most ? LINE_PASS : LINE_FAIL;
}

void
report_figure(const struct report_figure *figure)
{
	printf("%-48s %12.4g %s", figure->name, figure->value, figure->unit);
	if (figure->at_most != 0)
		printf(" (reach <= %.4g: %s)", figure->at_most,
		       line_verdicts[report_figure_verdict(figure)]);
	putchar('\n');
	fflush(stdout);
}

/* NaN and infinity have no number in JSON. */
static void
put_number(cJSON *object, const char *name, double value)
{
	if (isfinite(value))
		cJSON_AddNumberToObject(object, name, value);
	else
		cJSON_AddNullToObject(object, name);
}

static void
put_ratio(cJSON *object, const char *name, const struct ratio *r)
{
	cJSON *ratio = cJSON_AddObjectToObject(object, name);

	put_number(ratio, "value", r->value);
	put_number(ratio, "low", r->low);
	put_number(ratio, "high", r->high);
}

static void
put_bound(cJSON *object, const char *name, const struct line_bound *bound)
{
	cJSON *o = cJSON_AddObjectToObject(object, name);

	put_number(o, "near", bound->near ? bound->near : NAN);
	put_number(o, "far", bound->far ? bound->far : NAN);
}

static void
put_peer(cJSON *object, const struct line *line, const struct line_class *c,
	 bool near)
{
	const struct peer *peer = peers_of(line);
	cJSON *o;

	if (!peer || !near)
		return;
	o = cJSON_AddObjectToObject(object, "peer");
	cJSON_AddStringToObject(o, "who", peer->who);
	cJSON_AddStringToObject(o, "metric",
				peer->rate ? "messages_per_s" : "p50_ns");
	put_number(o, "figure", peer->figure);
	put_number(o, "ratio", peers_ratio(peer, c));
}

static void
put_class(cJSON *classes, const struct line *line, int class)
{
	const struct line_class *c = &line->classes[class];
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToArray(classes, o);
	put_number(o, "distance_from_ns", canary_class_low_ns(class));
	put_number(o, "distance_to_ns", canary_class_low_ns(class + 1));
	put_number(o, "pairs", (double)c->n);
	put_number(o, "weir_median", c->weir_median);
	put_number(o, "other_median", c->other_median);
	put_number(o, "weir_p50_ns", c->p50_median);
	put_ratio(o, "ratio", &c->ratio);
	put_ratio(o, "absolute", &c->absolute);
	cJSON_AddStringToObject(o, "verdict", line_verdicts[c->verdict]);
	put_peer(o, line, c, canary_class_low_ns(class) < CANARY_FAR_NS);
}

static void
put_line(cJSON *lines, const struct line *line)
{
	static const char *const metrics[] = {
		[LINE_P50] = "p50_ns",
		[LINE_MEAN] = "mean_ns",
		[LINE_RATE] = "messages_per_s",
	};
	cJSON *o = cJSON_CreateObject(), *classes;

	cJSON_AddItemToArray(lines, o);
	cJSON_AddStringToObject(o, "name", line->name);
	cJSON_AddStringToObject(o, "metric", metrics[line->metric]);
	cJSON_AddStringToObject(o, "verdict",
				line_verdicts[line->verdict]);
	if (line->why[0])
		cJSON_AddStringToObject(o, "why", line->why);
	put_bound(o, "reach_ratio", &line->ratio);
	put_bound(o, "reach_absolute", &line->absolute);
	put_number(o, "pairs_run", (double)line->n_run);
	put_number(o, "pairs_discarded", (double)line->n_discarded);
	classes = cJSON_AddArrayToObject(o, "classes");
	for (int i = 0; line->classes && i < CANARY_CLASSES; i++) {
		if (line->classes[i].n)
			put_class(classes, line, i);
	}
}

bool
report_json(const char *path, const struct line *lines, size_t n_lines,
	    const struct report_figure *figures, size_t n_figures)
{
	cJSON *root = cJSON_CreateObject(), *array;
	FILE *file = fopen(path, "we");
	bool good = file != NULL;
	char *text;

	cJSON_AddStringToObject(root, "schema", "weir-bench/1");
	array = cJSON_AddArrayToObject(root, "figures");
	for (size_t i = 0; i < n_figures; i++) {
		cJSON *o = cJSON_CreateObject();

		cJSON_AddItemToArray(array, o);
		cJSON_AddStringToObject(o, "name", figures[i].name);
		cJSON_AddStringToObject(o, "unit", figures[i].unit);
		put_number(o, "value", figures[i].value);
		put_number(o, "at_most",
			   figures[i].at_most ? figures[i].at_most : NAN);
		cJSON_AddStringToObject(o, "verdict",
					line_verdicts[report_figure_verdict(
						&figures[i])]);
	}
	array = cJSON_AddArrayToObject(root, "lines");
	for (size_t i = 0; i < n_lines; i++)
		put_line(array, &lines[i]);
	text = cJSON_Print(root);
	cJSON_Delete(root);
	good = good && text && fprintf(file, "%s\n", text) > 0;
	free(text);
	if (file && fclose(file) != 0)
		good = false;
	return good;
}
