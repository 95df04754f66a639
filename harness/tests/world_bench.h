/* A world of guests for a test: errands by the shell, and how they ended. */
#ifndef WORLD_BENCH_H
#define WORLD_BENCH_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wirelab/suite.h>

#include "base/strbuf.h"
#include "topo/topo.h"
#include "world/boot.h"
#include "world/world.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define MODULES "/usr/lib/uml/modules"

struct told {
    struct errand errand;
    const char *argv[4];
    struct strbuf verdict;
    bool over;
    enum errand_end end;
    char *why;
};

struct bench {
    uv_loop_t loop;
    struct world *world;
    char dir[256]; /* holds "shown" and "kept" */
    char *shown_dir, *kept_dir;
    const char *shown[2];
};

/* Says SKIP, once a program, where there are no guests to be had. */
static inline bool guests_are_had(const char *program)
{
    char error[GUEST_ERROR_BYTES];
    char *kernel = boot_find_kernel(error);
    if (kernel == NULL)
        fprintf(stderr, "SKIP %s: %s\n", program, error);
    free(kernel);
    return kernel != NULL;
}

static inline void bench_open(struct bench *bench,
                              const struct guest_options *like)
{
    struct world_options options = {.kind = WORLD_UML, .max_guests = 1};
    if (like)
        options.guest = *like;
    ck_assert_int_eq(work_dir_make(bench->dir, sizeof(bench->dir)), 0);
    bench->shown_dir = str_format("%s/shown", bench->dir);
    bench->kept_dir = str_format("%s/kept", bench->dir);
    ck_assert_int_eq(mkdir(bench->shown_dir, 0755), 0);
    ck_assert_int_eq(mkdir(bench->kept_dir, 0755), 0);
    bench->shown[0] = bench->shown_dir;
    bench->shown[1] = NULL;
    options.guest.modules = MODULES;
    options.guest.shown = bench->shown;
    options.guest.kept = bench->kept_dir;
    options.guest_load = 100;
    ck_assert_int_eq(uv_loop_init(&bench->loop), 0);
    bench->world = world_open(&bench->loop, &options);
}

static inline void bench_close(struct bench *bench)
{
    world_close(bench->world);
    (void)uv_run(&bench->loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&bench->loop), 0); /* nothing is left */
    work_dir_remove(bench->dir);
    free(bench->shown_dir);
    free(bench->kept_dir);
}

static inline void on_told_verdict(struct errand *errand, const char *bytes,
                                   size_t n)
{
    struct told *told = errand->owner;
    strbuf_add(&told->verdict, bytes, n);
}

static inline void on_told_ended(struct errand *errand, enum errand_end end,
                                 const char *why)
{
    struct told *told = errand->owner;
    ck_assert(!told->over);
    told->over = true;
    told->end = end;
    told->why = mem_strdup(why);
}

/* `command` and `told` live until it is over. */
static inline void bench_start(struct bench *bench, struct told *told,
                               const char *command)
{
    *told = (struct told){.argv = {"/bin/sh", "-c", command, NULL}};
    told->errand = (struct errand){.argv = told->argv,
                                   .log_file = "/tmp/chore.log",
                                   .load = 1,
                                   .verdict = on_told_verdict,
                                   .ended = on_told_ended,
                                   .owner = told};
    world_start(bench->world, &told->errand);
}

static inline void bench_await(struct bench *bench, const bool *condition)
{
    while (!*condition)
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
}

/* Runs until the errand has written something to its verdict descriptor. */
static inline void bench_await_word(struct bench *bench,
                                    const struct told *told)
{
    while (told->verdict.length == 0 && !told->over)
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
    ck_assert_msg(!told->over, "it ended: %s", told->why);
}

static inline void told_free(struct told *told)
{
    strbuf_fini(&told->verdict);
    free(told->why);
}

#endif
