/* Programs under test that crashed. */
#ifndef EXPECT_CRASH_H
#define EXPECT_CRASH_H

#include <stdbool.h>

enum { CRASH_TEXT_BYTES = 160 };

/* Describes a program's death that is an error in any case: a sanitizer's
 * report in its stderr ("heap-buffer-overflow window.c:41 in window_add"), or a
 * signal that no test sends ("signal 11 (Segmentation fault)").
 * Returns false if there is none. */
bool crash_describe(const char *stderr_text, int signal,
                    char text[CRASH_TEXT_BYTES]);

/* Makes every failure's message begin with the crash, if there was one.  To be
 * called when the run begins. */
void crash_begin(void);

#endif
