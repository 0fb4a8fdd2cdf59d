/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/stream_lines.h"

#include <string.h>

#include "core/result/utf8.h"

#define DIGITS_MAX 20 /* of UINT64_MAX */

const char *const stream_headers[] = {
	[STREAM_JSON] = "",
	[STREAM_CSV] = "timestamp_ns,message_id,mechanism,message_size,"
		       "one_way_latency_ns,round_trip_latency_ns,cell,trial,"
		       "channel\r\n",
};

/* A JSON string, quotes included. */
static void
add_json_text(struct text *to, const char *s)
{
	struct text valid = { 0 };

	utf8_add(&valid, s);
	to->failed |= valid.failed;
	text_add(to, "\"");
	for (const char *at = text_get(&valid); *at; at++) {
		if (*at == '"' || *at == '\\')
			text_addf(to, "\\%c", *at);
		else if ((unsigned char)*at < ' ')
			text_addf(to, "\\u%04x", (unsigned int)*at);
		else
			text_add_bytes(to, at, 1);
	}
	text_add(to, "\"");
	text_fini(&valid);
}

/* A field of CSV, in quotes where it needs them. */
static void
add_csv_text(struct text *to, const char *s)
{
	if (!s[strcspn(s, ",\"\r\n")]) {
		text_add(to, s);
		return;
	}
	text_add(to, "\"");
	for (; *s; s++) {
		if (*s == '"')
			text_add(to, "\"");
		text_add_bytes(to, s, 1);
	}
	text_add(to, "\"");
}

static void
make_json(struct text *pieces, const struct plan_cell *cell, uint32_t trial,
	  uint32_t channel)
{
	bool one_way = !axes_answered(&cell->axes);

	text_add(&pieces[0], "{\"timestamp_ns\":");
	text_add(&pieces[1], ",\"message_id\":");
	text_add(&pieces[2], ",\"mechanism\":");
	add_json_text(&pieces[2], cell->axes.transport);
	text_addf(&pieces[2], ",\"message_size\":%llu,\"one_way_latency_ns\":",
		  (unsigned long long)cell->axes.size_bytes);
	if (!one_way)
		text_add(&pieces[2], "null,\"round_trip_latency_ns\":");
	else
		text_add(&pieces[3], ",\"round_trip_latency_ns\":null");
	text_add(&pieces[3], ",\"cell\":");
	add_json_text(&pieces[3], cell->id);
	text_addf(&pieces[3], ",\"trial\":%u,\"channel\":%u}\n", trial,
		  channel);
}

static void
make_csv(struct text *pieces, const struct plan_cell *cell, uint32_t trial,
	 uint32_t channel)
{
	text_add(&pieces[1], ",");
	text_add(&pieces[2], ",");
	add_csv_text(&pieces[2], cell->axes.transport);
	text_addf(&pieces[2], ",%llu,",
		  (unsigned long long)cell->axes.size_bytes);
	if (axes_answered(&cell->axes))
		text_add(&pieces[2], ",");
	else
		text_add(&pieces[3], ",");
	text_add(&pieces[3], ",");
	add_csv_text(&pieces[3], cell->id);
	text_addf(&pieces[3], ",%u,%u\r\n", trial, channel);
}

void
stream_lines_init(struct stream_lines *lines, enum stream_format format,
		  const struct plan_cell *cell, uint32_t trial,
		  uint32_t channel, uint64_t epoch_ns)
{
	memset(lines, 0, sizeof(*lines));
	lines->none = format == STREAM_JSON ? "null" : "";
	lines->epoch_ns = epoch_ns;
	if (format == STREAM_JSON)
		make_json(lines->pieces, cell, trial, channel);
	else
		make_csv(lines->pieces, cell, trial, channel);
	for (size_t i = 0; i < STREAM_PIECES; i++)
		lines->bytes_max += lines->pieces[i].len + DIGITS_MAX;
}

void
stream_lines_fini(struct stream_lines *lines)
{
	for (size_t i = 0; i < STREAM_PIECES; i++)
		text_fini(&lines->pieces[i]);
}

/* printf takes five times as long, of which a million lines a second have
 * none to spare. */
static char *
put_number(char *to, uint64_t value)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";
	char digits[DIGITS_MAX], *at = digits + DIGITS_MAX;
	size_t len;

	while (value >= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		at -= 2;
		memcpy(at, pairs + 2 * value, 2);
	} else {
		*--at = (char)('0' + value);
	}
	len = (size_t)(digits + DIGITS_MAX - at);
	memcpy(to, at, len);
	return to + len;
}

static char *
put_piece(char *to, const struct text *piece)
{
	if (piece->len)
		memcpy(to, piece->at, piece->len);
	return to + piece->len;
}

char *
stream_lines_write(const struct stream_lines *lines,
		   const struct tape_record *record, char *to)
{
	/* In shared memory: read once. */
	const struct tape_record r = *record;

	to = put_piece(to, &lines->pieces[0]);
	to = put_number(to, r.timestamp_ns + lines->epoch_ns);
	to = put_piece(to, &lines->pieces[1]);
	to = put_number(to, r.message_id);
	to = put_piece(to, &lines->pieces[2]);
	if (r.latency_ns == TAPE_NO_LATENCY) {
		size_t len = strlen(lines->none);

		memcpy(to, lines->none, len);
		to += len;
	} else {
		to = put_number(to, r.latency_ns);
	}
	return put_piece(to, &lines->pieces[3]);
}
