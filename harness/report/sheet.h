/* A page that is one file: a template with styles, a script and data put in.
 *
 * It loads nothing, from nowhere.  What programs and people wrote is in it as
 * data, in JSON, where no byte of it can end the element it stands in; the
 * script turns it into text nodes, never into markup; and a content security
 * policy names the one script that may run by its digest. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include <jansson.h>
#include <stddef.h>

#include "base/strbuf.h"

enum { SHEET_STYLES = 2 };

struct sheet {
    const char *html; /* with @TITLE@ @DIGEST@ @STYLE@ @DATA@ @SCRIPT@ */
    const char *styles[SHEET_STYLES]; /* one after the other; NULL: none */
    const char *script;
    const char *title; /* any text */
    const json_t *data;
};

/* Appends the page to `page`. */
void sheet_fill(struct strbuf *page, const struct sheet *sheet);

/* How many bytes of the page such data take. */
size_t sheet_json_bytes(const json_t *json);

#endif
