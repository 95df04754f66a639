/* The story of a test that did not pass, in its five parts. */
#include "report/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/draw.h"
#include "report/beside.h"
#include "report/page.h"

enum { STEPS_SHOWN = 10, TAIL_LINES = 12, BODY_INDENT = 4 };

static bool is(const json_t *test, const char *verdict)
{
    return strcmp(member_text(test, "verdict"), verdict) == 0;
}

/* ---- 1: what was expected, what happened -------------------------------- */

/* "fail, pass, fail", of the variant that is told of. */
static void print_history(const struct page *page, const json_t *test)
{
    const json_t *told = NULL;
    size_t i;
    json_t *variant, *verdict;
    json_array_foreach(json_object_get(test, "variants"), i, variant)
    {
        if (strcmp(member_text(variant, "name"),
                   member_text(test, "variant")) == 0)
            told = json_object_get(variant, "history");
    }
    if (json_array_size(told) < 2)
        return;
    struct strbuf text = {0};
    strbuf_printf(&text, "run %zu times:", json_array_size(told));
    json_array_foreach(told, i, verdict)
        strbuf_printf(&text, "%s %s", i ? "," : "", json_string_value(verdict));
    page_paragraph(page, "  ", strbuf_text(&text));
    strbuf_fini(&text);
}

static const char *headline(const json_t *test)
{
    if (is(test, "fail"))
        return "FAIL";
    if (is(test, "infra"))
        return "INFRA";
    if (is(test, "flaky"))
        return "FLAKY";
    return is(test, "skip") ? "SKIP" : "BLOCKED";
}

static void print_title(const struct page *page, const json_t *test)
{
    const char *variant = member_text(test, "variant");
    fputc('\n', page->out);
    page_tint(page, is(test, "fail") ? TINT_BAD : TINT_WARN);
    fprintf(page->out, "%s  %s%s%s", headline(test), member_text(test, "id"),
            *variant ? "/" : "", variant);
    page_tint(page, TINT_PLAIN);
    fputc('\n', page->out);
    page_tint(page, TINT_DIM);
    page_paragraph(page, "  ", member_text(test, "title"));
    page_tint(page, TINT_PLAIN);
}

static void print_member(const struct page *page, const json_t *object,
                         const char *key, const char *lead)
{
    const char *text = member_text(object, key);
    if (*text)
        page_paragraph(page, lead, text);
}

static void print_message(const struct page *page, const json_t *test)
{
    fputc('\n', page->out);
    page_tint(page, TINT_HEAD);
    print_member(page, test, "message", "  ");
    page_tint(page, TINT_PLAIN);
    if (is(test, "infra"))
        page_paragraph(page, "  ",
                       "This is not the fault of your program, and it costs no "
                       "points: the test could not be judged here.");
    if (is(test, "flaky"))
        page_paragraph(page, "  ",
                       "It counts as passed, since it passed more often than "
                       "it failed; the story below is of the run that failed.");
    page_polls(page, test, "  ");
    print_history(page, test);
    if (page->style.brief)
        return;
    print_member(page, test, "expected", "    expected  ");
    print_member(page, test, "actual", "    actual    ");
}

/* ---- 2: the last steps -------------------------------------------------- */

static void print_step(const struct page *page, const json_t *step)
{
    bool failed = json_is_true(json_object_get(step, "failed"));
    char *lead = str_format("  %s %9.1f ms  ", failed ? ">" : " ",
                            member_number(step, "t_ms"));
    if (failed)
        page_tint(page, TINT_BAD);
    page_paragraph(page, lead, member_text(step, "text"));
    if (failed)
        page_tint(page, TINT_PLAIN);
    free(lead);
}

/* A check that found nothing wrong is no step of the story. */
static bool is_ruled_out(const json_t *step)
{
    static const char beginning[] = "ruled out: ";
    return strncmp(member_text(step, "text"), beginning,
                   sizeof(beginning) - 1) == 0;
}

static void print_steps(const struct page *page, const json_t *test)
{
    size_t told = 0, hidden = 0, i;
    json_t *step;
    json_array_foreach(json_object_get(test, "steps"), i, step) told +=
        !is_ruled_out(step);
    if (told == 0)
        return;
    page_heading(page, "What the test did");
    if (told > STEPS_SHOWN)
        fprintf(page->out, "    (%zu earlier steps)\n", told - STEPS_SHOWN);
    json_array_foreach(json_object_get(test, "steps"), i, step)
    {
        if (!is_ruled_out(step) && hidden++ + STEPS_SHOWN >= told)
            print_step(page, step);
    }
}

/* ---- 3: the packets ----------------------------------------------------- */

static void print_ladder(const struct page *page, const json_t *test)
{
    const json_t *ladder = json_object_get(test, "ladder");
    if (json_array_size(json_object_get(ladder, "rows")) == 0)
        return;
    page_heading(page, "On the wire");
    const struct draw_style style = {
        .utf8 = page->style.utf8,
        .colour = page->style.colour,
        .columns = page->columns - 2,
    };
    ladder_draw(page->out, ladder, &style);
}

/* ---- What the programs were doing --------------------------------------- */

/* Sockets and stacks are told as text or as an array of lines; of a text that
 * has many, the last are shown. */
static void print_lines(const struct page *page, const char *name,
                        const json_t *value)
{
    struct strbuf text = {0};
    size_t i;
    json_t *line;
    json_array_foreach(value, i, line)
        strbuf_printf(&text, "%s%s", i ? "\n" : "", json_string_value(line));
    if (json_is_string(value))
        strbuf_printf(&text, "%s", json_string_value(value));
    const char *start = strbuf_text(&text);
    const char *at = start + text.length;
    for (int lines = 0; at > start && lines < TAIL_LINES;) {
        at--;
        if (*at == '\n' && at[1] != '\0')
            lines++;
    }
    if (*at == '\n')
        at++;
    char *lead = str_format("      %-8s", name);
    if (*at)
        page_paragraph(page, lead, at);
    free(lead);
    strbuf_fini(&text);
}

/* One that still ran when the test ended was killed then; that is not told. */
static char *program_state(const json_t *program)
{
    int signal = (int)member_number(program, "signal");
    if (strcmp(member_text(program, "state"), "running") == 0)
        return mem_strdup("still running");
    if (signal > 0)
        return str_format("killed by signal %d (%s)", signal,
                          strsignal(signal));
    return str_format("exited with status %d",
                      (int)member_number(program, "exit_code"));
}

/* Whether there is anything to say of it beyond that it ended well. */
static bool is_telling(const json_t *program)
{
    return strcmp(member_text(program, "state"), "running") == 0 ||
           json_object_get(program, "stack") != NULL ||
           member_number(program, "signal") > 0 ||
           member_number(program, "exit_code") != 0 ||
           *member_text(program, "stderr_tail") != '\0';
}

static void print_program(const struct page *page, const json_t *program)
{
    char *state = program_state(program);
    char *text = str_format(
        "%s on %s: %s, after %.0f ms of CPU time", member_text(program, "name"),
        member_text(program, "host"), state, member_number(program, "cpu_ms"));
    page_paragraph(page, "    ", text);
    print_lines(page, "sockets", json_object_get(program, "sockets"));
    print_lines(page, "stack", json_object_get(program, "stack"));
    print_lines(page, "stderr", json_object_get(program, "stderr_tail"));
    free(text);
    free(state);
}

static void print_programs(const struct page *page, const json_t *test)
{
    bool begun = false;
    size_t i;
    json_t *program;
    json_array_foreach(json_object_get(test, "programs"), i, program)
    {
        if (!is_telling(program))
            continue;
        if (!begun)
            page_heading(page, "What the programs were doing");
        begun = true;
        print_program(page, program);
    }
}

/* ---- 4: the likely cause ------------------------------------------------ */

static void print_cause(const struct page *page, const json_t *test)
{
    if (*member_text(test, "cause") == '\0' && !is(test, "fail"))
        return;
    if (!page->style.brief)
        page_heading(page, "Likely cause");
    print_member(page, test, "cause",
                 page->style.brief ? "  likely cause: " : "    ");
    if (page->style.brief)
        return;
    print_member(page, test, "see", "    read: ");
    print_member(page, test, "why", "    why it matters: ");
}

/* ---- 5: where things lie ------------------------------------------------ */

static void print_file(const struct page *page, const json_t *evidence,
                       const char *key, const char *name)
{
    const char *root = member_text(evidence, "root");
    const char *file = member_text(evidence, key);
    if (*file == '\0')
        return;
    /* Not wrapped: a path is there to be copied. */
    fprintf(page->out, "    %-8s %s%s%s\n", name, root, *root ? "/" : "", file);
}

static void print_evidence(const struct page *page, const json_t *test)
{
    const json_t *evidence = json_object_get(test, "evidence");
    const char *replay = member_text(test, "replay");
    if (json_object_size(evidence) == 0 && *replay == '\0')
        return;
    if (!page->style.brief) {
        page_heading(page, "Evidence");
        print_file(page, evidence, "capture", "capture");
        print_file(page, evidence, "stderr", "stderr");
        print_file(page, evidence, "dir", "folder");
    }
    if (*replay)
        fprintf(page->out, "    %-8s %s\n", "again", replay);
}

void report_failure(FILE *out, const json_t *test,
                    const struct report_style *style)
{
    struct page page = page_on(out, style);
    print_title(&page, test);
    print_message(&page, test);
    if (!style->brief) {
        print_steps(&page, test);
        print_ladder(&page, test);
        print_programs(&page, test);
        print_beside(&page, test);
    }
    print_cause(&page, test);
    print_evidence(&page, test);
    fputc('\n', out);
}
