/* A student's row of a class's page, from their entry in the grades. */
#ifndef REPORT_CLASSROW_H
#define REPORT_CLASSROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What all rows are made with. */
struct classrows {
    const json_t *index; /* of tests: id to column */
    size_t columns;
    size_t text_bytes; /* longer texts are cut */
    bool cut;          /* one was */
    json_t *texts;     /* each once */
    json_t *known;     /* text: its index in `texts` */
};

/* What classpage.c describes, but for times and the report. */
json_t *classrow_json(const json_t *student, struct classrows *rows);

/* Copies a text that should be short, cut where it is not; nothing if there is
 * none. */
void classrow_set_name(json_t *object, const char *key, const json_t *from);

#endif
