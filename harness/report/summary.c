/* One line for a test, and the end of a whole check. */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "report/beside.h"
#include "report/page.h"
#include "report/text.h"

enum { ID_COLUMNS = 28, TIME_COLUMNS = 8, MARK_COLUMNS = 6 };

struct verdict_look {
    const char *verdict;
    const char *word; /* in front of a line */
    const char *sign, *utf8_sign;
    enum tint tint;
};

static const struct verdict_look looks[] = {
    {"pass", "ok", "+", "✓", TINT_GOOD},
    {"fail", "FAIL", "x", "✗", TINT_BAD},
    {"skip", "skip", "-", "–", TINT_WARN},
    {"blocked", "block", ".", "·", TINT_DIM},
    {"flaky", "flaky", "~", "≈", TINT_WARN},
    {"infra", "infra", "!", "!", TINT_WARN},
};
enum { LOOKS = sizeof(looks) / sizeof(looks[0]) };

static const struct verdict_look *look_of(const json_t *object)
{
    const char *verdict = member_text(object, "verdict");
    for (size_t i = 0; i < LOOKS; i++) {
        if (strcmp(looks[i].verdict, verdict) == 0)
            return &looks[i];
    }
    return &looks[LOOKS - 1];
}

static void print_duration(FILE *out, double ms)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    if (memory == NULL)
        return;
    print_ms(memory, ms);
    fclose(memory);
    fprintf(out, "%*s", TIME_COLUMNS, text);
    free(text);
}

void report_progress(FILE *out, const json_t *test,
                     const struct report_style *style)
{
    struct page page = page_on(out, style);
    const struct verdict_look *look = look_of(test);
    /* An id is there to be copied; what it takes, the title lacks. */
    const char *id = member_text(test, "id");
    int id_columns = text_columns(id);
    id_columns = id_columns < ID_COLUMNS ? ID_COLUMNS : id_columns;
    int title_columns =
        page.columns - MARK_COLUMNS - id_columns - TIME_COLUMNS - 2;
    page_tint(&page, look->tint);
    fprintf(out, "%-*s", MARK_COLUMNS, look->word);
    page_tint(&page, TINT_PLAIN);
    print_cell(out, id, id_columns);
    fputc(' ', out);
    if (title_columns > 10)
        print_cell(out, member_text(test, "title"), title_columns);
    print_duration(out, member_number(test, "duration_ms"));
    fputc('\n', out);
    /* A failure has its story, and a blocked test none of its own. */
    if (look->tint == TINT_WARN)
        page_paragraph(&page, "      ", member_text(test, "message"));
    page_polls(&page, test, "      ");
}

/* ---- The end ------------------------------------------------------------ */

static void print_signs(const struct page *page, const json_t *tests,
                        int checkpoint)
{
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test)
    {
        if ((int)member_number(test, "checkpoint") != checkpoint)
            continue;
        const struct verdict_look *look = look_of(test);
        page_tint(page, look->tint);
        fputs(page->style.utf8 ? look->utf8_sign : look->sign, page->out);
        page_tint(page, TINT_PLAIN);
    }
}

static void print_checkpoint(const struct page *page, const json_t *checkpoint,
                             const json_t *tests)
{
    int number = (int)member_number(checkpoint, "number");
    fprintf(page->out, "  %2d  ", number);
    print_cell(page->out, member_text(checkpoint, "title"), 40);
    fprintf(page->out, "%4d/%-3d  ", (int)member_number(checkpoint, "points"),
            (int)member_number(checkpoint, "max"));
    print_signs(page, tests, number);
    if (strcmp(member_text(checkpoint, "verdict"), "blocked") == 0)
        fputs(" blocked", page->out);
    fputc('\n', page->out);
}

static size_t count_verdict(const json_t *tests, const char *verdict)
{
    size_t n = 0, i;
    json_t *test;
    json_array_foreach(tests, i, test) n +=
        strcmp(member_text(test, "verdict"), verdict) == 0;
    return n;
}

static void print_total(const struct page *page, const json_t *results)
{
    static const char *const words[] = {"passed",  "failed", "skipped",
                                        "blocked", "flaky",  "not judged"};
    const json_t *score = json_object_get(results, "score");
    const json_t *tests = json_object_get(results, "tests");
    fprintf(page->out, "      ");
    page_tint(page, TINT_HEAD);
    fprintf(page->out, "%-40s%4d/%d", "total",
            (int)member_number(score, "points"),
            (int)member_number(score, "max"));
    page_tint(page, TINT_PLAIN);
    fputs("\n\n  ", page->out);
    bool some = false;
    for (size_t i = 0; i < LOOKS; i++) {
        size_t n = count_verdict(tests, looks[i].verdict);
        if (n > 0)
            fprintf(page->out, "%s%zu %s", some ? ", " : "", n, words[i]);
        some |= n > 0;
    }
    fputs(" in ", page->out);
    print_ms(page->out, member_number(results, "duration_ms"));
    fputc('\n', page->out);
    int unjudged =
        (int)(member_number(score, "max") - member_number(score, "judged"));
    if (unjudged > 0)
        fprintf(page->out,
                "  %d points could not be judged here; they count neither "
                "way\n",
                unjudged);
}

static const json_t *first_with(const json_t *tests, const char *verdict)
{
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test)
    {
        if (strcmp(member_text(test, "verdict"), verdict) == 0)
            return test;
    }
    return NULL;
}

static void print_where(const struct page *page, const json_t *results,
                        const char *results_path)
{
    const json_t *failed =
        first_with(json_object_get(results, "tests"), "fail");
    const json_t *evidence = json_object_get(failed, "evidence");
    fprintf(page->out, "  seed     %s\n", member_text(results, "seed"));
    if (results_path == NULL)
        return;
    const char *slash = strrchr(results_path, '/');
    int dir = slash ? (int)(slash - results_path) : 1;
    fprintf(page->out, "  results  %s\n", results_path);
    const char *report = member_text(results, "report");
    if (*report)
        fprintf(page->out, "  report   %.*s/%s\n", dir,
                slash ? results_path : ".", report);
    fprintf(page->out,
            "  captures and logs, a folder for each test\n"
            "           %.*s/\n",
            dir, slash ? results_path : ".");
    if (*member_text(evidence, "capture"))
        fprintf(page->out,
                "  capture of the first failure\n           %.*s/%s\n", dir,
                slash ? results_path : ".", member_text(evidence, "capture"));
}

static void print_next(const struct page *page, const json_t *results)
{
    const json_t *tests = json_object_get(results, "tests");
    const json_t *failed = first_with(tests, "fail");
    const json_t *infra = first_with(tests, "infra");
    const char *lab = member_text(results, "lab");
    fputs("\n  ", page->out);
    page_tint(page, TINT_HEAD);
    if (failed)
        fprintf(page->out, "next: checkpoint %d, ./wirelab check %s --test %s",
                (int)member_number(failed, "checkpoint"), lab,
                member_text(failed, "id"));
    else if (infra)
        fprintf(page->out, "next: ./wirelab doctor, then check again");
    else
        fprintf(page->out, "nothing failed");
    page_tint(page, TINT_PLAIN);
    fputc('\n', page->out);
}

/* Those of failures are a part of their stories. */
static void print_comparisons(const struct page *page, const json_t *results)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(results, "tests"), i, test)
    {
        if (strcmp(member_text(test, "verdict"), "fail") != 0)
            print_beside(page, test);
    }
}

void report_summary(FILE *out, const json_t *results, const char *results_path,
                    const struct report_style *style)
{
    struct page page = page_on(out, style);
    const json_t *tests = json_object_get(results, "tests");
    size_t i;
    json_t *checkpoint;
    print_comparisons(&page, results);
    fprintf(out, "\n  lab %s, %s\n\n", member_text(results, "lab"),
            member_text(results, "impl"));
    json_array_foreach(json_object_get(results, "checkpoints"), i, checkpoint)
        print_checkpoint(&page, checkpoint, tests);
    print_total(&page, results);
    print_where(&page, results, results_path);
    print_next(&page, results);
}

void report_check(FILE *out, const json_t *results, const char *results_path,
                  const struct report_style *style)
{
    int told = 0; /* the checkpoint whose first failure was told in full */
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(results, "tests"), i, test)
    {
        if (strcmp(member_text(test, "verdict"), "fail") != 0)
            continue;
        struct report_style one = *style;
        int checkpoint = (int)member_number(test, "checkpoint");
        one.brief = checkpoint == told;
        told = checkpoint;
        report_failure(out, test, &one);
    }
    report_summary(out, results, results_path, style);
}
