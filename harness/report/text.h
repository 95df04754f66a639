/* What a learner reads in a terminal.
 *
 * A failure is told in five parts (docs: what a lab is): one sentence with
 * numbers; the last steps, the failing one marked; a ladder of the packets
 * around it; the likely cause and where to read on; where the evidence lies and
 * the command that runs it again.  A test that timed out also says what its
 * programs were doing.
 *
 * All functions take the objects of results.json: a test's entry, or the whole.
 * Nothing here fails: a member that is missing is a line that is not printed.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum { REPORT_UNWRAPPED = 100000 }; /* columns of a page without line breaks */

struct report_style {
    bool colour;
    bool utf8;   /* arrows and marks beyond ASCII */
    int columns; /* 0: 80 */
    bool brief;  /* of report_failure: parts 1, 4 and 5 only */
};

/* Chooses by what `stream` is: colour on a terminal unless NO_COLOR is set,
 * UTF-8 by the locale's variables. */
struct report_style report_style_for(FILE *stream);

/* One line for one test that has ended: mark, id, title, time.  `test` is an
 * entry of results.json or a bare verdict object. */
void report_progress(FILE *out, const json_t *test,
                     const struct report_style *style);

/* The whole story of a test that did not pass. */
void report_failure(FILE *out, const json_t *test,
                    const struct report_style *style);

/* The end of a check: figures beside real tools', a line for each checkpoint
 * with its points and marks, the total, where things lie, what to do next.
 * `results_path` is as the learner would type it, or NULL if nothing was kept.
 */
void report_summary(FILE *out, const json_t *results, const char *results_path,
                    const struct report_style *style);

/* Everything a check prints after its progress lines: the story of the first
 * failing test of each checkpoint, the others of that checkpoint in brief, then
 * the summary. */
void report_check(FILE *out, const json_t *results, const char *results_path,
                  const struct report_style *style);

/* Makes two runs' texts comparable: numbers, times, paths and seeds become
 * placeholders, the ladder's body is left out, blanks are squeezed.  Print the
 * text with REPORT_UNWRAPPED columns, or lines break where numbers are longer.
 * Returns a malloc'd text; the caller frees it. */
char *report_normalise(const char *text);

#endif
