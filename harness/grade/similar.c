/* How much of two programs is alike; see similar.h. */
#include "grade/similar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What sim_c says ------------------------------------------------------
 */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* "3: line 32-83    |5: line 32-83     [266]", with lines from 1. */
static int read_run(const char *line, const struct ctext *texts, size_t count,
                    struct similar_run *run)
{
    size_t a, b, a_from, a_to, b_from, b_to, tokens;
    if (sscanf(line, "%zu: line %zu-%zu |%zu: line %zu-%zu [%zu]", &a, &a_from,
               &a_to, &b, &b_from, &b_to, &tokens) != 7)
        return -EBADMSG;
    if (a >= count || b >= count || a == b || a_from < 1 || b_from < 1 ||
        a_to < a_from || b_to < b_from || a_to > texts[a].count ||
        b_to > texts[b].count)
        return -EBADMSG;
    *run =
        (struct similar_run){a, b, a_from - 1, a_to - 1, b_from - 1, b_to - 1};
    if (a > b)
        *run = (struct similar_run){b,        a,          b_from - 1,
                                    b_to - 1, a_from - 1, a_to - 1};
    return 0;
}

int similar_read(const char *output, const struct ctext *texts, size_t count,
                 struct similar_run **runs, size_t *run_count)
{
    static const char head[] = "Total input: "; /* comes first */
    size_t capacity = 0;
    int result = strncmp(output, head, strlen(head)) == 0 ? 0 : -EBADMSG;
    *runs = NULL;
    *run_count = 0;
    const char *line = output + strcspn(output, "\n");
    for (; *line && result == 0; line += strcspn(line, "\n")) {
        line += strspn(line, "\n");
        if (*line == '\0')
            break;
        if (*run_count == capacity) {
            capacity = 2 * capacity + 64;
            *runs = mem_realloc(*runs, capacity * sizeof(**runs));
        }
        result = read_run(line, texts, count, &(*runs)[*run_count]);
        *run_count += result == 0;
    }
    if (result < 0) {
        free(*runs);
        *runs = NULL;
        *run_count = 0;
    }
    return result;
}

/* ---- Pairs ----------------------------------------------------------------
 */

static int by_number(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int by_pair(const void *one, const void *other)
{
    const struct similar_run *x = one, *y = other;
    int order = by_number(x->a, y->a);
    if (order == 0)
        order = by_number(x->b, y->b);
    return order ? order : by_number(x->a_from, y->a_from);
}

static int by_likeness(const void *one, const void *other)
{
    const struct similar_pair *x = one, *y = other;
    int order = y->percent - x->percent;
    if (order == 0)
        order = by_number(larger(y->a_common, y->b_common),
                          larger(x->a_common, x->b_common));
    if (order == 0)
        order = by_number(x->a, y->a);
    return order ? order : by_number(x->b, y->b);
}

/* Own tokens of one side that some run holds. */
static size_t count_common(const struct similar_pair *pair,
                           const struct ctext *text, bool of_b)
{
    bool *seen = mem_zalloc(text->count + 1);
    size_t common = 0;
    for (size_t i = 0; i < pair->run_count; i++) {
        const struct similar_run *run = &pair->runs[i];
        size_t to = of_b ? run->b_to : run->a_to;
        for (size_t at = of_b ? run->b_from : run->a_from; at <= to; at++) {
            common += !seen[at] && !text->tokens[at].given;
            seen[at] = true;
        }
    }
    free(seen);
    return common;
}

static void judge(struct similar_pair *pair, const struct ctext *texts)
{
    pair->a_own = ctext_own(&texts[pair->a]);
    pair->b_own = ctext_own(&texts[pair->b]);
    pair->a_common = count_common(pair, &texts[pair->a], false);
    pair->b_common = count_common(pair, &texts[pair->b], true);
    pair->a_percent = (int)(100 * pair->a_common / larger(pair->a_own, 1));
    pair->b_percent = (int)(100 * pair->b_common / larger(pair->b_own, 1));
    pair->percent =
        pair->a_percent > pair->b_percent ? pair->a_percent : pair->b_percent;
}

struct similar_pair *similar_judge(const struct ctext *texts,
                                   struct similar_run *runs, size_t run_count,
                                   int least_percent, size_t *pair_count)
{
    struct similar_pair *pairs = mem_zalloc((run_count + 1) * sizeof(*pairs));
    *pair_count = 0;
    if (run_count > 0)
        qsort(runs, run_count, sizeof(*runs), by_pair);
    for (size_t i = 0, next; i < run_count; i = next) {
        for (next = i; next < run_count && runs[next].a == runs[i].a &&
                       runs[next].b == runs[i].b;)
            next++;
        struct similar_pair *pair = &pairs[*pair_count];
        *pair = (struct similar_pair){.a = runs[i].a,
                                      .b = runs[i].b,
                                      .runs = &runs[i],
                                      .run_count = next - i};
        judge(pair, texts);
        *pair_count +=
            pair->percent >= least_percent &&
            smaller(pair->a_common, pair->b_common) >= SIMILAR_LEAST_TOKENS;
    }
    if (*pair_count > 0)
        qsort(pairs, *pair_count, sizeof(*pairs), by_likeness);
    return pairs;
}
