/* What a learner opens in a browser: one file that holds everything.
 *
 * The page is `page/report.html` with its styles, its scripts and the data of
 * one check put in: sheet.h tells why nothing that a program printed can do
 * harm there. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <jansson.h>
#include <stddef.h>

#define HTML_FILE "report.html" /* in a run's folder */

enum {
    HTML_MAX_BYTES = 3000000, /* whatever happens */
    HTML_ERROR_BYTES = 512,
};

/* What results.json does not say. */
struct html_about {
    const char *title;   /* of the lab; may be NULL */
    const char *run_dir; /* absolute; evidence is looked for in it */
    const char *lab_dir; /* absolute; links lead there; may be NULL */
    const char *whose;   /* of a batch: the student; may be NULL */
    const char *back;    /* the way to the page of the class; may be NULL */
    size_t max_bytes;    /* 0: HTML_MAX_BYTES */
};

/* Writes the report of a check to `path`, atomically.  Evidence that is
 * missing, cut short or damaged makes the page say so, and is no error.
 *
 * Returns 0, or with one line in `error` -EPROTO if the results are of another
 * version of wirelab, or the -errno of the file. */
int html_write(const json_t *results, const struct html_about *about,
               const char *path, char error[HTML_ERROR_BYTES]);

#endif
