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
#include "cli/progress.h"
#include "cli/similar.h"

#define WALL_S "120"
enum { TIMED_OUT = 124, NUMBER_BYTES = 12 };

/* Texts that are compared in one go.  sim_c looks through all places in all
 * files that begin alike, so its work grows with the cube of their number. */
enum { BLOCK = 8 };

/* Words of a command, which come one by one. */
struct words {
    char least[NUMBER_BYTES];
    char numbers[2 * BLOCK][NUMBER_BYTES];
    size_t number_count;
    const char *argv[2 * BLOCK + 16];
    size_t count;
};

struct block {
    size_t texts[BLOCK];
    size_t count;
};

static void add(struct words *words, const char *word)
{
    words->argv[words->count++] = word;
}

static void add_number(struct words *words, size_t number)
{
    char *text = words->numbers[words->number_count++];
    (void)snprintf(text, NUMBER_BYTES, "%zu", number);
    add(words, text);
}

static void add_block(struct words *words, const struct block *block)
{
    for (size_t i = 0; i < block->count; i++)
        add_number(words, block->texts[i]);
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
    *words = (struct words){0};
    (void)snprintf(words->least, NUMBER_BYTES, "%d", SIMILAR_RUN_TOKENS);
    const char *const head[] = {"timeout", "-k", "10", WALL_S, "sim_c",
                                "-n",      "-T", how,  "-r",   words->least};
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        add(words, head[i]);
}

/* Adds what sim_c finds to comparing->runs. */
static int run(struct comparing *comparing, const struct words *words)
{
    struct similar_run *runs = NULL;
    size_t count = 0, before = comparing->run_count;
    char *output = NULL;
    int result = child_run(comparing->scratch, words->argv, &output);
    int status = 0;
    if (result == TIMED_OUT)
        status = infra_error("sim_c took longer than " WALL_S " s for a few "
                             "submissions; the first is %s",
                             comparing->labels[atoi(words->numbers[0])]);
    else if (result != 0 ||
             similar_read(output, comparing->texts, comparing->count + 1, &runs,
                          &count) < 0)
        status =
            infra_error("sim_c failed with status %d: %.200s", result, output);
    if (count > 0) {
        comparing->runs = mem_realloc(
            comparing->runs, (before + count) * sizeof(*comparing->runs));
        memcpy(comparing->runs + before, runs, count * sizeof(*runs));
    }
    comparing->run_count = before + count;
    free(runs);
    free(output);
    return status;
}

/* Takes the given text, the last, out of a block's. */
static int take_out(struct comparing *comparing, const struct block *block)
{
    struct words words;
    begin(&words, "-S");
    add_block(&words, block);
    add(&words, "/");
    add_number(&words, comparing->count);
    int status = run(comparing, &words);
    for (size_t i = 0; i < comparing->run_count; i++) {
        const struct similar_run *run = &comparing->runs[i];
        ctext_give(&comparing->texts[run->a], run->a_from, run->a_to);
    }
    comparing->run_count = 0;
    for (size_t i = 0; i < block->count && status == 0; i++)
        status = write_text(comparing, block->texts[i]);
    return status;
}

/* Each of one block with each of another, or with the others of its own. */
static int compare(struct comparing *comparing, const struct block *a,
                   const struct block *b)
{
    struct words words;
    begin(&words, a == b ? "-es" : "-eS");
    add_block(&words, a);
    if (a != b) {
        add(&words, "/");
        add_block(&words, b);
    }
    return a == b && a->count < 2 ? 0 : run(comparing, &words);
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

/* Adds a text to the last block, or to a new one. */
static void add_text(struct block *blocks, size_t *count, size_t text)
{
    if (*count == 0 || blocks[*count - 1].count == BLOCK)
        (*count)++;
    struct block *last = &blocks[*count - 1];
    last->texts[last->count++] = text;
}

static int take_out_all(struct comparing *comparing)
{
    int status = write_text(comparing, comparing->count);
    for (size_t i = 0; i < comparing->count && status == 0; i += BLOCK) {
        struct block block = {0};
        for (size_t k = i; k < comparing->count && k < i + BLOCK; k++)
            block.texts[block.count++] = k;
        for (size_t k = 0; k < block.count && status == 0; k++)
            status = write_text(comparing, block.texts[k]);
        if (status == 0)
            status = take_out(comparing, &block);
    }
    return status;
}

static int compare_all(struct comparing *comparing, const struct block *blocks,
                       size_t count)
{
    struct progress progress;
    int status = 0;
    progress_init(&progress, stdout);
    for (size_t i = 0; i < count && status == 0; i++) {
        progress_show(&progress, "  %.0f %% of all pairs",
                      100.0 * (double)(i * (2 * count - i)) /
                          (double)(count * count));
        for (size_t k = i; k < count && status == 0; k++)
            status = compare(comparing, &blocks[i], &blocks[k]);
    }
    progress_clear(&progress);
    return status;
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
    size_t count = 0;
    int status = take_out_all(comparing);
    struct block *blocks =
        mem_zalloc((comparing->count / BLOCK + 1) * sizeof(*blocks));
    for (size_t i = 0; i < comparing->count && status == 0; i++) {
        if (is_left(comparing, i))
            add_text(blocks, &count, i);
    }
    if (status == 0)
        status = compare_all(comparing, blocks, count);
    free(blocks);
    if (status == 0)
        comparing->pairs = similar_judge(
            comparing->texts, comparing->runs, comparing->run_count,
            (int)comparing->threshold, &comparing->pair_count);
    return status;
}
