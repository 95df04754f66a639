/* sim_c compares texts; see similar.h.
 *
 * It is run twice: once against what is given, so that this can be taken out,
 * and once on what is left.  It reads our tokens, never what somebody handed
 * in; what takes it too long nevertheless is stopped. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/child.h"
#include "cli/install.h"
#include "cli/similar.h"

#define WALL_S "600"
enum { TIMED_OUT = 124, NUMBER_BYTES = 12 };

/* Words for a command, which come one by one. */
struct words {
    char least[NUMBER_BYTES];
    char (*numbers)[NUMBER_BYTES];
    const char **argv;
    size_t count;
};

static void add(struct words *words, const char *word)
{
    words->argv[words->count++] = word;
}

static void add_number(struct words *words, size_t number)
{
    (void)snprintf(words->numbers[number], NUMBER_BYTES, "%zu", number);
    add(words, words->numbers[number]);
}

static void words_init(struct words *words, size_t texts)
{
    *words =
        (struct words){.numbers = mem_zalloc(texts * sizeof(*words->numbers)),
                       .argv = mem_zalloc((texts + 32) * sizeof(*words->argv))};
}

static void words_fini(struct words *words)
{
    free(words->numbers);
    free(words->argv);
}

static int write_text(const struct comparing *comparing, size_t i)
{
    char *path = str_format("%s/%zu", comparing->scratch, i);
    char *lines = ctext_lines(&comparing->texts[i]);
    FILE *file = fopen(path, "we");
    bool failed = file == NULL || fputs(lines, file) < 0;
    if (file && fclose(file) != 0)
        failed = true;
    int status =
        failed ? infra_error("cannot write %s: %s", path, strerror(errno)) : 0;
    free(lines);
    free(path);
    return status;
}

static void begin(struct words *words, const char *how)
{
    (void)snprintf(words->least, NUMBER_BYTES, "%d", SIMILAR_RUN_TOKENS);
    const char *const head[] = {"timeout", "-k", "10", WALL_S, "sim_c",
                                "-n",      "-T", how,  "-r",   words->least};
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        add(words, head[i]);
}

/* Runs it and reads what it says of texts 0 to `count` - 1. */
static int run(struct comparing *comparing, const struct words *words,
               size_t count, struct similar_run **runs, size_t *run_count)
{
    char *output = NULL;
    int result = child_run(comparing->scratch, words->argv, &output);
    int status = 0;
    if (result == TIMED_OUT)
        status = infra_error("sim_c takes longer than " WALL_S " s: compare "
                             "fewer submissions at once");
    else if (result != 0 ||
             similar_read(output, comparing->texts, count, runs, run_count) < 0)
        status =
            infra_error("sim_c failed with status %d: %.200s", result, output);
    free(output);
    return status;
}

/* Takes the given text out of all others. */
static int take_out(struct comparing *comparing)
{
    struct words words;
    struct similar_run *runs = NULL;
    size_t given = comparing->count, run_count = 0;
    int status = 0;
    if (given == 0)
        return 0;
    words_init(&words, given + 1);
    begin(&words, "-S");
    for (size_t i = 0; i <= given && status == 0; i++) {
        if (i == given)
            add(&words, "/");
        add_number(&words, i);
        status = write_text(comparing, i);
    }
    if (status == 0)
        status = run(comparing, &words, given + 1, &runs, &run_count);
    for (size_t i = 0; i < run_count; i++)
        ctext_give(&comparing->texts[runs[i].a], runs[i].a_from, runs[i].a_to);
    free(runs);
    words_fini(&words);
    return status;
}

/* Whether there is anything of one's own; else it is told. */
static bool is_left(struct comparing *comparing, size_t i)
{
    size_t own = ctext_own(&comparing->texts[i]);
    if (own >= SIMILAR_LEAST_TOKENS)
        return true;
    char *why = own == 0 ? mem_strdup("it is the skeleton as it was given")
                         : str_format("it is the skeleton and %zu tokens, too "
                                      "few to compare",
                                      own);
    similar_leave_out(comparing, comparing->labels[i], why);
    free(why);
    return false;
}

static int compare_rest(struct comparing *comparing)
{
    struct words words;
    size_t run_count = 0, left = 0;
    int status = 0;
    words_init(&words, comparing->count);
    begin(&words, "-es");
    for (size_t i = 0; i < comparing->count && status == 0; i++) {
        if (!is_left(comparing, i))
            continue;
        left++;
        add_number(&words, i);
        status = write_text(comparing, i);
    }
    if (status == 0 && left > 1)
        status = run(comparing, &words, comparing->count, &comparing->runs,
                     &run_count);
    words_fini(&words);
    if (status)
        return status;
    comparing->pairs =
        similar_judge(comparing->texts, comparing->runs, run_count,
                      (int)comparing->threshold, &comparing->pair_count);
    return 0;
}

int similar_ready(const struct comparing *comparing)
{
    const struct text_list tools = {.items = {"sim_c"}, .count = 1};
    if (tool_is_there("sim_c"))
        return 0;
    char *command = install_command(&comparing->lab.project, &tools);
    int status =
        infra_error("sim_c, which compares programs, is missing: %s", command);
    free(command);
    return status;
}

int similar_compare(struct comparing *comparing)
{
    int status = take_out(comparing);
    return status ? status : compare_rest(comparing);
}
