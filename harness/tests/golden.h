/* Golden transcripts: harness/tests/golden/NAME.txt says what a text must be,
 * to the byte.  After a change that is meant, WIRELAB_GOLDEN=write makes them
 * anew; `git diff` then shows what a learner will see differently. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

static inline void golden_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void golden_read(const char *path, struct strbuf *text)
{
    char chunk[4096];
    size_t n;
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL,
                  "cannot read %s; run this from the top of the project", path);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        strbuf_add(text, chunk, n);
    fclose(file);
}

static inline void expect_golden(const char *name, const char *text)
{
    struct strbuf golden = {0};
    const char *mode = getenv("WIRELAB_GOLDEN");
    char *path = str_format("harness/tests/golden/%s.txt", name);
    if (mode && strcmp(mode, "write") == 0)
        golden_write(path, text);
    golden_read(path, &golden);
    ck_assert_msg(strcmp(strbuf_text(&golden), text) == 0,
                  "%s is not what was printed:\n%s", path, text);
    strbuf_fini(&golden);
    free(path);
}

#endif
