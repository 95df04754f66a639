/* What `watch` runs, one after the other: checks of what the learner is at
 * (focus.h), and hints.
 *
 * Each is a process of its own (stage.h): a program that runs away, a compiler
 * that hangs and a harness that fails take nothing down with them.  A test that
 * has failed is run with the same seed until it passes, so that it meets the
 * same faults again. */
#ifndef CLI_ROUND_H
#define CLI_ROUND_H

#include "cli/focus.h"
#include "cli/lab.h"
#include "cli/stage.h"

enum { ROUND_SEED_BYTES = 32 };

enum round_kind { ROUND_NONE, ROUND_CHECK, ROUND_HINT };

struct round_options {
    const char *impl, *world, *engine;
    bool no_color;
};

struct round;
struct round_events {
    /* A check begins because the last one passed. */
    void (*goes_on)(struct round *round);
    /* Nothing runs, nor is about to. */
    void (*rests)(struct round *round);
};

struct round {
    const struct round_options *options;
    const struct round_events *events;
    const struct lab *lab; /* its tests are listed */
    uv_loop_t *loop;
    struct focus focus;
    struct stage stage;
    enum round_kind runs, next;
    bool done; /* all tests passed */
    char seed[ROUND_SEED_BYTES];
    char work_dir[256], *results_path;
    int status; /* exit status of the last check */
    void *owner;
};

/* Gets ready; the pointers have to be set.  Returns 0 or -errno. */
int round_init(struct round *round);
void round_fini(struct round *round);

/* Stops what runs and begins this; ROUND_NONE: nothing more. */
void round_begin(struct round *round, enum round_kind kind);
/* What the next check is about, in words, malloc'd. */
char *round_goal(const struct round *round);

#endif
