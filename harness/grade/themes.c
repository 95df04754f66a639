/* A suite that is made of themes. */
#include <wirelab/suite.h>

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

int suite_themes_main(int argc, char **argv, const char *lab,
                      const struct suite_theme *const *themes, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += themes[i]->count;
    struct lab_test *all = mem_zalloc(total * sizeof(*all));
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(all + used, themes[i]->tests, themes[i]->count * sizeof(all[0]));
        used += themes[i]->count;
    }
    int status = suite_main(argc, argv, lab, all, total);
    free(all);
    return status;
}
