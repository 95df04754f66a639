/* Compares what two runs' links decided; see fates.h. */
#include "cli/fates.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/tree.h"

/* A unit and what became of it: the line, and where its last field begins. */
struct decision {
    const char *line;
    size_t key_bytes;
};

struct decisions {
    char *text;
    struct decision *items;
    size_t count;
};

static int by_key(const void *a, const void *b)
{
    const struct decision *x = a, *y = b;
    size_t n = x->key_bytes < y->key_bytes ? x->key_bytes : y->key_bytes;
    int order = memcmp(x->line, y->line, n);
    if (order)
        return order;
    return (x->key_bytes > y->key_bytes) - (x->key_bytes < y->key_bytes);
}

static void add_line(struct decisions *decisions, const char *line)
{
    const char *tab = strrchr(line, '\t');
    if (tab == NULL || *line == '#')
        return;
    decisions->items[decisions->count++] =
        (struct decision){.line = line, .key_bytes = (size_t)(tab - line)};
}

static size_t count_lines(const char *text)
{
    size_t n = 1;
    while ((text = strchr(text, '\n')) != NULL) {
        text++;
        n++;
    }
    return n;
}

static int load(struct decisions *decisions, const char *path)
{
    *decisions = (struct decisions){.text = file_load(path, NULL)};
    if (decisions->text == NULL)
        return -errno;
    decisions->items =
        mem_zalloc(count_lines(decisions->text) * sizeof(*decisions->items));
    char *rest = decisions->text;
    char *line;
    while ((line = strsep(&rest, "\n")) != NULL)
        add_line(decisions, line);
    qsort(decisions->items, decisions->count, sizeof(*decisions->items),
          by_key);
    return 0;
}

static void unload(struct decisions *decisions)
{
    free(decisions->text);
    free(decisions->items);
}

static void note_difference(struct fates_comparison *comparison,
                            const struct decision *a, const struct decision *b)
{
    if (comparison->differing++ > 0)
        return;
    char *text = comparison->first;
    snprintf(text, FATES_LINE_BYTES, "%.*s: %s, then %s", (int)a->key_bytes,
             a->line, a->line + a->key_bytes + 1, b->line + b->key_bytes + 1);
    for (; *text; text++) {
        if (*text == '\t')
            *text = ' ';
    }
}

int fates_compare(const char *earlier, const char *later,
                  struct fates_comparison *comparison)
{
    *comparison = (struct fates_comparison){0};
    struct decisions a = {0}, b = {0};
    int error = load(&a, earlier);
    if (error == 0)
        error = load(&b, later);
    size_t i = 0, j = 0;
    while (error == 0 && i < a.count && j < b.count) {
        int order = by_key(&a.items[i], &b.items[j]);
        if (order == 0) {
            comparison->common++;
            if (strcmp(a.items[i].line, b.items[j].line) != 0)
                note_difference(comparison, &a.items[i], &b.items[j]);
        }
        i += order <= 0;
        j += order >= 0;
    }
    unload(&a);
    unload(&b);
    return error;
}
