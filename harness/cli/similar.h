/* wirelab similar: which submissions are alike?
 *
 *      DIR ──unpack──► tokens ──less the skeleton──► sim_c ──► pairs ──► FILE
 *
 * similar.c     the command, and what it writes
 * similartext.c what was handed in becomes texts
 * similarrun.c  sim_c compares them */
#ifndef CLI_SIMILAR_H
#define CLI_SIMILAR_H

#include <jansson.h>

#include "cli/cli.h"
#include "cli/lab.h"
#include "grade/handin.h"
#include "grade/similar.h"

struct comparing {
    const char *lab_word, *submissions, *roster_path, *out;
    long threshold; /* percent */
    struct lab lab;
    struct roster roster;
    bool has_roster;
    struct handins handins;
    char *scratch; /* a directory of this process */
    struct ctext *texts;
    const char **labels; /* whose they are: ids, or SIMILAR_REFERENCE */
    size_t count;        /* without the last, which is the given text */
    json_t *left_out;    /* [{"id", "why"}] */
    struct similar_run *runs;
    size_t run_count;
    struct similar_pair *pairs;
    size_t pair_count;
};

#define SIMILAR_REFERENCE "(the reference)"

/* Whether sim_c is there: 0, or an exit status after one line on stderr. */
int similar_ready(const struct comparing *comparing);
/* Finds, unpacks and reads what was handed in, the lab's reference, and what is
 * given: the skeleton.  Returns 0 or an exit status after one line on stderr.
 */
int similar_collect(struct comparing *comparing);
/* Notes somebody who is not compared. */
void similar_leave_out(struct comparing *comparing, const char *id,
                       const char *why);
/* Marks what is given, compares, and sets the pairs.  Returns likewise. */
int similar_compare(struct comparing *comparing);

#endif
