/* Results as other systems take them.
 *
 * Each format is a row in convert.c and a file to_NAME.c.  A format is made of
 * marks (marks.h), so what its readers may not know is not there to be told;
 * what formats share is here.  harness/README.md names the document that each
 * follows. */
#ifndef GRADE_CONVERT_H
#define GRADE_CONVERT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "grade/marks.h"

struct convert_format {
    const char *name;      /* "gradescope" */
    const char *product;   /* for --help: "Gradescope's results.json" */
    const char *extension; /* "json" */
    const char *text;      /* more for --help */
    bool wants_batch;      /* a table of people: one check is nobody's */
    /* One of the two.  The caller frees the text. */
    char *(*of_one)(const struct markbook *book, const struct marks *marks);
    char *(*of_all)(const struct markbook *book);
};

extern const struct convert_format convert_formats[];
extern const size_t convert_format_count;

char *to_autolab(const struct markbook *book, const struct marks *marks);
char *to_classroom(const struct markbook *book, const struct marks *marks);
char *to_gradescope(const struct markbook *book, const struct marks *marks);
char *to_junit(const struct markbook *book, const struct marks *marks);
char *to_prairielearn(const struct markbook *book, const struct marks *marks);
char *to_tap(const struct markbook *book, const struct marks *marks);
char *to_canvas(const struct markbook *book);
char *to_csv(const struct markbook *book);
char *to_moodle(const struct markbook *book);

/* ---- What formats share -------------------------------------------------- */
/* An object as a file, with LF at its end; takes the reference.  `flags` are
 * jansson's: JSON_INDENT(1), say. */
char *convert_json(json_t *json, size_t flags);
/* The score as a number, whole if it is; null if nothing could be judged. */
json_t *convert_score(const struct marks *marks);
/* Adds text to XML or HTML, between tags. */
void convert_add_xml(struct strbuf *out, const char *text);
/* Adds ` name="text"`. */
void convert_add_attribute(struct strbuf *out, const char *name,
                           const char *text);

#endif
