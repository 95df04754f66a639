/* What an instructor opens: one page about a whole class.
 *
 *      struct classpage *page = classpage_new(grades);
 *      for each student: classpage_add_run(page, i, results, way);
 *      classpage_write(page, path, error);
 *      classpage_free(page);
 *
 * Grades say nothing of time, so that two runs of a batch give the same; how
 * long tests took is learnt from each student's own results.  The page is one
 * file, as html.h describes.  Of a large class long texts are cut, equally for
 * everybody, until it fits; each student's own report has them whole. */
#ifndef REPORT_CLASSPAGE_H
#define REPORT_CLASSPAGE_H

#include <jansson.h>
#include <stddef.h>

#define CLASSPAGE_FILE "index.html"

enum {
    CLASSPAGE_MAX_BYTES = 3000000, /* unless names alone take more */
    CLASSPAGE_ERROR_BYTES = 512,
};

struct classpage;

/* `grades` are as grades_load() gives them, and must live as long. */
struct classpage *classpage_new(const json_t *grades);
void classpage_free(struct classpage *page);

/* What the student with this index left: results as a check writes them, or
 * NULL; and the way from the page to their report, or NULL. */
void classpage_add_run(struct classpage *page, size_t student,
                       const json_t *results, const char *way);

/* Writes it, atomically.  Returns 0, or -errno with one line in `error`. */
int classpage_write(const struct classpage *page, const char *path,
                    char error[CLASSPAGE_ERROR_BYTES]);

#endif
