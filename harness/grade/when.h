/* Moments and spans as people and course systems write them. */
#ifndef GRADE_WHEN_H
#define GRADE_WHEN_H

#include <stdint.h>

enum { WHEN_TEXT_BYTES = 32, WHEN_SPAN_BYTES = 64 };

/* Reads a moment, RFC 3339: "2026-11-20T23:59:00+01:00", a fraction of the
 * second is dropped.  The zone must be there: a deadline without one is wrong
 * by hours somewhere.  Returns 0, or -EINVAL if it is none, of a day that the
 * calendar lacks, say. */
int when_parse(const char *text, int64_t *unix_s);
/* Writes it in UTC, "2026-11-20T22:59:00Z". */
void when_text(int64_t unix_s, char text[WHEN_TEXT_BYTES]);
/* Writes a span of time, not negative: "1 d 3 h", "4 min 1 s". */
void when_span(int64_t span_s, char text[WHEN_SPAN_BYTES]);

#endif
