/* The page's sources, as this library carries them. */
#ifndef REPORT_PAGEFILES_H
#define REPORT_PAGEFILES_H

#include <stddef.h>

/* NUL-terminated text. */
extern const char page_html[], page_css[];
/* All scripts, in the order in which they depend on each other. */
extern const char page_js[];

/* The page of a class: its styles come after page_css. */
extern const char class_html[], class_css[], class_js[];
/* The page of similar submissions, likewise. */
extern const char similar_html[], similar_css[], similar_js[];

#endif
