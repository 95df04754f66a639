/* What a learner opens in a browser: one file that holds everything.
 *
 * The page is `page/report.html` with its styles, its scripts and the data of
 * one check put in; it loads nothing, from nowhere.  All that programs printed
 * is in it as data, in JSON, where no byte of it can end the element it stands
 * in; the scripts turn it into text nodes, never into markup; and a content
 * security policy names the one script that may run by its digest. */
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
};

/* Writes the report of a check to `path`, atomically.  Evidence that is
 * missing, cut short or damaged makes the page say so, and is no error.
 *
 * Returns 0, or with one line in `error` -EPROTO if the results are of another
 * version of wirelab, or the -errno of the file. */
int html_write(const json_t *results, const struct html_about *about,
               const char *path, char error[HTML_ERROR_BYTES]);

#endif
