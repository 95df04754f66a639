/* The figures that a test took of a real tool and of the program, as a table.
 */
#ifndef REPORT_BESIDE_H
#define REPORT_BESIDE_H

#include <jansson.h>

#include "report/page.h"

/* Prints a test's comparisons under a heading; nothing if it has none. */
void print_beside(const struct page *page, const json_t *test);

#endif
