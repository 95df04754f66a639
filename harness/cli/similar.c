/* wirelab similar: which submissions are alike?  See similar.h. */
#include "cli/similar.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "base/object.h"
#include "grade/csv.h"
#include "report/similarpage.h"
#include "run/output.h"

enum { USUAL_PERCENT = 30, MAX_TOLD = 20 };

/* ---- What it writes -------------------------------------------------------
 */

static bool wants_html(const char *out)
{
    const char *dot = strrchr(out, '.');
    return dot && strcmp(dot, ".html") == 0;
}

static bool wants_csv(const char *out)
{
    const char *dot = strrchr(out, '.');
    return dot && strcmp(dot, ".csv") == 0;
}

static void add_number(struct csv_table *table, size_t number)
{
    char figure[24];
    (void)snprintf(figure, sizeof(figure), "%zu", number);
    csv_add_figure(table, figure);
}

static int write_csv(const struct comparing *comparing)
{
    static const char *const columns[] = {
        "first",         "second",         "percent",
        "percent_first", "percent_second", "common_first",
        "common_second", "tokens_first",   "tokens_second"};
    struct csv_table table = {0};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        csv_add(&table, columns[i]);
    csv_end_row(&table);
    for (size_t i = 0; i < comparing->pair_count; i++) {
        const struct similar_pair *pair = &comparing->pairs[i];
        csv_add(&table, comparing->labels[pair->a]);
        csv_add(&table, comparing->labels[pair->b]);
        const size_t figures[] = {(size_t)pair->percent,
                                  (size_t)pair->a_percent,
                                  (size_t)pair->b_percent,
                                  pair->a_common,
                                  pair->b_common,
                                  pair->a_own,
                                  pair->b_own};
        for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++)
            add_number(&table, figures[k]);
        csv_end_row(&table);
    }
    int result =
        file_replace(comparing->out, table.text.text, table.text.length);
    strbuf_fini(&table.text);
    return result;
}

static size_t compared(const struct comparing *comparing)
{
    size_t n = 0;
    for (size_t i = 0; i < comparing->count; i++)
        n += ctext_own(&comparing->texts[i]) >= SIMILAR_LEAST_TOKENS &&
             strcmp(comparing->labels[i], SIMILAR_REFERENCE) != 0;
    return n;
}

static int write_html(const struct comparing *comparing)
{
    const struct similarpage page = {.lab = comparing->lab.json.id,
                                     .title = comparing->lab.json.title,
                                     .threshold = (int)comparing->threshold,
                                     .texts = comparing->texts,
                                     .labels = comparing->labels,
                                     .compared = compared(comparing),
                                     .pairs = comparing->pairs,
                                     .pair_count = comparing->pair_count,
                                     .left_out = comparing->left_out};
    return similarpage_write(&page, comparing->out);
}

/* ---- What it says ---------------------------------------------------------
 */

static void tell_left_out(const struct comparing *comparing)
{
    size_t i;
    json_t *one;
    json_array_foreach(comparing->left_out, i, one)
    {
        char *id = output_line(object_text(one, "id"));
        char *why = output_line(object_text(one, "why"));
        printf("  not compared: %s: %s\n", id, why);
        free(id);
        free(why);
    }
}

static void tell_pairs(const struct comparing *comparing)
{
    for (size_t i = 0; i < comparing->pair_count && i < MAX_TOLD; i++) {
        const struct similar_pair *pair = &comparing->pairs[i];
        char *a = output_line(comparing->labels[pair->a]);
        char *b = output_line(comparing->labels[pair->b]);
        printf("  %3d %%  %s and %s: %d %% of %zu tokens, %d %% of %zu\n",
               pair->percent, a, b, pair->a_percent, pair->a_own,
               pair->b_percent, pair->b_own);
        free(a);
        free(b);
    }
    if (comparing->pair_count > MAX_TOLD)
        printf("  ... and %zu pairs more\n", comparing->pair_count - MAX_TOLD);
}

static void tell(const struct comparing *comparing)
{
    tell_left_out(comparing);
    tell_pairs(comparing);
    printf("%zu submissions of lab %s compared, %zu not; %zu pairs at least "
           "%ld %% alike: %s\n",
           compared(comparing), comparing->lab.json.id,
           json_array_size(comparing->left_out), comparing->pair_count,
           comparing->threshold, comparing->out);
}

/* ---- The whole ------------------------------------------------------------
 */

/* BUILD/similar/PID; what was left there by those who were killed, goes. */
static int make_scratch(struct comparing *comparing)
{
    char *top = str_format("%s/similar", comparing->lab.project.build);
    DIR *stream = opendir(top);
    const struct dirent *entry;
    while (stream && (entry = readdir(stream)) != NULL) {
        int pid = atoi(entry->d_name);
        char *left = str_format("%s/%s", top, entry->d_name);
        if (pid > 0 && (kill(pid, 0) == 0 || errno != ESRCH))
            pid = 0; /* it is at work */
        if (pid > 0)
            (void)tree_remove(left);
        free(left);
    }
    if (stream)
        (void)closedir(stream);
    comparing->scratch = str_format("%s/%d", top, getpid());
    free(top);
    if (tree_make(comparing->scratch) == 0)
        return 0;
    return infra_error("cannot make %s: %s", comparing->scratch,
                       strerror(errno));
}

static int compare(struct comparing *comparing)
{
    int status = lab_open(&comparing->lab, comparing->lab_word);
    if (status == 0)
        status = similar_ready(comparing);
    if (status == 0)
        status = make_scratch(comparing);
    if (status == 0)
        status = similar_collect(comparing);
    if (status == 0)
        status = similar_compare(comparing);
    if (status)
        return status;
    int result = wants_csv(comparing->out) ? write_csv(comparing)
                                           : write_html(comparing);
    if (result < 0)
        return infra_error("cannot write %s: %s", comparing->out,
                           strerror(-result));
    tell(comparing);
    return EXIT_PASSED;
}

static void release(struct comparing *comparing)
{
    if (comparing->scratch)
        (void)tree_remove(comparing->scratch);
    /* The last is the given text. */
    for (size_t i = 0; comparing->texts && i <= comparing->count; i++)
        ctext_fini(&comparing->texts[i]);
    free(comparing->scratch);
    free(comparing->texts);
    free(comparing->labels);
    free(comparing->runs);
    free(comparing->pairs);
    json_decref(comparing->left_out);
    handins_fini(&comparing->handins);
    roster_fini(&comparing->roster);
    lab_close(&comparing->lab);
}

static int check(const struct comparing *comparing,
                 const struct command *command)
{
    struct stat st;
    if (comparing->lab_word == NULL || comparing->submissions == NULL ||
        comparing->out == NULL)
        return usage_error("--lab, --submissions and --out are needed: wirelab "
                           "%s %s",
                           command->name, command->usage);
    if (!wants_csv(comparing->out) && !wants_html(comparing->out))
        return usage_error("--out %s: what is to be written is told by its "
                           "end: FILE.csv or FILE.html",
                           comparing->out);
    if (stat(comparing->out, &st) == 0 && S_ISDIR(st.st_mode))
        return usage_error("--out %s is a directory", comparing->out);
    if (comparing->threshold > 100)
        return usage_error("--threshold %ld: a percentage is 100 at most",
                           comparing->threshold);
    return 0;
}

int cli_similar(int argc, char **argv)
{
    struct comparing comparing = {.threshold = USUAL_PERCENT};
    const struct command_option options[] = {
        {"--lab", OPTION_TEXT, &comparing.lab_word, "NN", "the lab (required)",
         NULL},
        {"--submissions", OPTION_TEXT, &comparing.submissions, "DIR",
         "as for wirelab grade (required)", NULL},
        {"--out", OPTION_TEXT, &comparing.out, "FILE",
         "FILE.html shows them side by side, FILE.csv is a table", NULL},
        {"--threshold", OPTION_COUNT, &comparing.threshold, "P",
         "leaves out pairs less than P % alike (default: 30)", NULL},
        {"--roster", OPTION_TEXT, &comparing.roster_path, "CSV",
         "who is in the class: id, name, email", NULL},
    };
    const struct command command = {
        .name = "similar",
        .usage = "--lab NN --submissions DIR --out FILE [options]",
        .summary = "Says which submissions are alike",
        .text = "The skeleton's text is taken out first; layout, comments, "
                "names, and what is in\nstrings and numbers do not count.  The "
                "reference is compared, too.  Alike is what\nsim_c finds "
                "(Debian's similarity-tester); whether it was copied, is for "
                "people to say.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 0,
        .max_operands = 0,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    status = check(&comparing, &command);
    if (status)
        return status;
    comparing.left_out = json_array();
    status = compare(&comparing);
    release(&comparing);
    return status;
}
