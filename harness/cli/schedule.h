/* Runs many tests, each as a process of its own, in its world, several at once;
 * and, within the same budget, other work that is a process, such as a build.
 *
 * The budget is in loads (enum test_load): four per core, so that a machine of
 * two cores runs eight tests that mostly wait, or two that keep a core busy.
 * LOAD_ALONE runs when nothing else does, and one that asks for a calm machine
 * waits for that, too (world/calm.h).  Jobs start in the order in which
 * they were added; one that does not fit makes the later ones wait too, else a
 * stream of light tests would starve it.
 *
 * A job is over when its process has ended and its verdict pipe is closed.  The
 * verdict is the one JSON object that came through the pipe; anything else
 * (nothing, half an object, a killed process) is `infra`, and says so.  Work is
 * over when its process has ended. */
#ifndef CLI_SCHEDULE_H
#define CLI_SCHEDULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "world/world.h"

enum { JOB_CALL_BYTES = 96 };

struct job {
    const char *suite; /* the binary */
    const char *id;
    const char *variant; /* "" if the test has none */
    uint64_t seed;
    const char *engine;
    const char *out_dir; /* exists */
    const char *impl_dir, *reference_dir;
    enum world_kind world;
    const char *skip; /* why it is not run at all, or NULL */
    bool slow; /* a program spun, so that virtual time stood still: the job is
                  run with real running time */
    char spins_in[JOB_CALL_BYTES]; /* this call; "" if in none */
    const char *params; /* for the test, "NAME=VALUE,…"; NULL: none */
    int load, time_limit_s;
    bool calm; /* the machine was too busy for it: runs alone, and when timers
                  have their time again */
    /* Instead of a test: starts a process and returns its pidfd, which becomes
     * the schedule's, or -errno.  `done` is called when it has ended, or could
     * not be started; the caller reaps it. */
    int (*work)(struct job *job);
    void *owner; /* the caller's */

    bool found_calm; /* `calm`, and so it was when the job began */
    json_t *verdict; /* owned by the job once it is over; NULL if cancelled */
    double wall_ms, guest_ms; /* by our clock, and by its world's */
};

struct schedule;

struct schedule_events {
    /* Whether a job whose turn has come is still worth running.  May be NULL.
     * One that is not is handed to `done` without a verdict. */
    bool (*wanted)(struct job *job, void *context);
    void (*started)(struct job *job, void *context); /* may be NULL */
    /* May add further jobs. */
    void (*done)(struct job *job, void *context);
    /* Five times a second, for progress.  May be NULL. */
    void (*tick)(void *context);
    void *context;
};

/* `guests` describes the worlds beside the host; NULL if no job is to be run in
 * one.  `max_jobs` limits how many run at once; 0: only the budget does. */
struct schedule *schedule_new(const struct schedule_events *events,
                              const struct world_options *guests,
                              long max_jobs);
/* The job has to live until `done`; the schedule does not own it. */
void schedule_add(struct schedule *schedule, struct job *job);
/* As schedule_add, but before all others: a retry. */
void schedule_add_first(struct schedule *schedule, struct job *job);
/* Runs until nothing is left.  On SIGINT, SIGTERM or SIGHUP the running tests
 * are taken down, the others are not started.
 * Returns 0, or the signal's number; the jobs that did not end have no verdict
 * and `done` is not called for them. */
int schedule_run(struct schedule *schedule);
/* Takes down the running tests for which `condemned` holds; `done` is called
 * for them without a verdict. */
void schedule_cancel(struct schedule *schedule,
                     bool (*condemned)(struct job *job, void *context));
size_t schedule_running(const struct schedule *schedule);
/* Whether it waits for a calm machine. */
bool schedule_waits(const struct schedule *schedule);
void schedule_free(struct schedule *schedule);

/* An `infra` verdict of ours, as a suite would have written it. */
json_t *infra_verdict(const char *id, const char *variant, uint64_t seed,
                      const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
