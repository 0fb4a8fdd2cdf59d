/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities as people write them, to numbers and back.
 *
 * Parsers take the whole text or fail (WEIR_EINVALID) with a sentence that
 * says what is accepted; no white space, no sign but where named. Printers
 * come in two kinds: `exact` text parses back to the same number, `scaled`
 * text is for a person. Any thread.
 */
#ifndef CORE_BASE_UNITS_H
#define CORE_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

#define UNITS_TEXT_BYTES 48 /* enough for every printer here */

/* "64", "1k" (1000), "1Ki" (1024), "2MiB", "1MB", "1.5Mi" where whole. */
WEIR_MUST_USE int units_parse_size(const char *text, uint64_t *ret_bytes,
				   struct weir_error *err);

/* "100ns", "100us", "500ms", "30s", "2m", "1h", "1.5s"; bare only for "0". */
WEIR_MUST_USE int units_parse_duration(const char *text, uint64_t *ret_ns,
				       struct weir_error *err);

/* "1000", "10k", "2.5M", "1G", with or without "/s": per second, from one in
 * 1000 s to 1e12. */
WEIR_MUST_USE int units_parse_rate(const char *text, double *ret_per_s,
				   struct weir_error *err);

/* "1000", "-5", "100k", "10M": decimal with k, M or G. */
WEIR_MUST_USE int units_parse_int(const char *text, int64_t *ret_value,
				  struct weir_error *err);

/* A finite decimal number. */
WEIR_MUST_USE int units_parse_double(const char *text, double *ret_value,
				     struct weir_error *err);

/* "true", "yes", "on", "1" and their opposites, any case. */
WEIR_MUST_USE int units_parse_bool(const char *text, uint32_t *ret_value,
				   struct weir_error *err);

/* Exact: "64", "1Ki", "3Mi" / "1500us", "2s" / "10k", "2.5M" / "0.1". Sizes
 * take the largest power of 1024 that divides them, durations the largest of
 * ns, us, ms and s; the numbers must be of those that the parsers give. */
void units_print_size(uint64_t bytes, char ret_text[UNITS_TEXT_BYTES]);
void units_print_duration(uint64_t ns, char ret_text[UNITS_TEXT_BYTES]);
void units_print_rate(double per_s, char ret_text[UNITS_TEXT_BYTES]);
void units_print_double(double value, char ret_text[UNITS_TEXT_BYTES]);

/* Scaled, three or four digits: "1.23 us", "45.6 ms" / "1.23 M/s" /
 * "3.40 GB/s" (1 GB = 1e9). NaN prints an en dash. */
void units_scale_ns(double ns, char ret_text[UNITS_TEXT_BYTES]);
void units_scale_rate(double per_s, char ret_text[UNITS_TEXT_BYTES]);
void units_scale_bytes_per_s(double bytes_per_s,
			     char ret_text[UNITS_TEXT_BYTES]);

#endif
