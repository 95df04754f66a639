/* How much of two programs is alike, by what sim_c says of them.
 *
 * sim_c is given the texts of ctext.h as files called 0, 1, 2 ..., and finds
 * runs of tokens that two have in common, whatever the names in them.  A pair
 * is judged by its tokens in such runs, each counted once:
 *
 *      share of a = tokens of a in runs with b / tokens of a's own
 *
 * The two shares differ when one is part of the other, so the larger decides.
 * Given text (the skeleton) is nobody's own.  A few tokens in common are no
 * sign of anything, however small the programs. */
#ifndef GRADE_SIMILAR_H
#define GRADE_SIMILAR_H

#include "grade/ctext.h"

enum {
    SIMILAR_RUN_TOKENS = 20,   /* the shortest run: three lines, about */
    SIMILAR_LEAST_TOKENS = 40, /* in common, and of one's own */
};

/* Tokens of text a that are alike those of text b; both ends included. */
struct similar_run {
    size_t a, b; /* a < b */
    size_t a_from, a_to, b_from, b_to;
};

struct similar_pair {
    size_t a, b;
    size_t a_common, b_common; /* own tokens in runs */
    size_t a_own, b_own;
    int a_percent, b_percent, percent; /* percent: the larger */
    const struct similar_run *runs;    /* in the order of a's tokens */
    size_t run_count;
};

/* Reads what `sim_c -n -T` printed about texts that have `counts[i]` tokens.
 * Returns 0 with `*runs` malloc'd, or -EBADMSG: it says something else. */
int similar_read(const char *output, const struct ctext *texts, size_t count,
                 struct similar_run **runs, size_t *run_count);
/* Judges all pairs that have runs, which are sorted for that, and returns those
 * of at least so many percent, the most alike first; malloc'd. */
struct similar_pair *similar_judge(const struct ctext *texts,
                                   struct similar_run *runs, size_t run_count,
                                   int least_percent, size_t *pair_count);

#endif
