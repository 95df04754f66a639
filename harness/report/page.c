/* A page of text. */
#include "report/page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

struct page page_on(FILE *out, const struct report_style *style)
{
    int columns = style->columns > 0 ? style->columns : PAGE_COLUMNS;
    return (struct page){
        .out = out,
        .style = *style,
        .columns = columns < 40 ? 40 : columns,
    };
}

static bool speaks_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return strstr(value, "UTF-8") || strstr(value, "utf8");
    }
    return false;
}

struct report_style report_style_for(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool terminal = isatty(fileno(stream));
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    return (struct report_style){
        .colour = terminal && !dumb && !(no_color && *no_color),
        .utf8 = speaks_utf8(),
    };
}

void page_tint(const struct page *page, enum tint tint)
{
    static const char *const codes[] = {
        [TINT_PLAIN] = "\033[0m", [TINT_GOOD] = "\033[32m",
        [TINT_BAD] = "\033[31m",  [TINT_WARN] = "\033[33m",
        [TINT_HEAD] = "\033[1m",  [TINT_DIM] = "\033[2m",
    };
    if (page->style.colour)
        fputs(codes[tint], page->out);
}

int text_columns(const char *text)
{
    int columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

void print_cell(FILE *out, const char *text, int columns)
{
    int width = text_columns(text);
    if (width <= columns) {
        fprintf(out, "%s%*s", text, columns - width, "");
        return;
    }
    const char *end = text;
    for (int used = 0; used < columns - 3; used++) {
        do
            end++;
        while (((unsigned char)*end & 0xc0) == 0x80);
    }
    fprintf(out, "%.*s...", (int)(end - text), text);
}

static int word_columns(const char *word, size_t bytes)
{
    int columns = 0;
    for (size_t i = 0; i < bytes; i++)
        columns += ((unsigned char)word[i] & 0xc0) != 0x80;
    return columns;
}

/* Prints one line of the text, wrapped; `at` is where the cursor stands. */
static void wrap_line(const struct page *page, int indent, const char *line,
                      size_t bytes)
{
    int at = indent;
    for (size_t i = 0; i < bytes;) {
        size_t blanks = strspn(line + i, " ");
        size_t word = strcspn(line + i + blanks, " \n");
        if (i + blanks + word > bytes)
            break;
        int columns = word_columns(line + i + blanks, word);
        if (at > indent && at + (int)blanks + columns > page->columns) {
            fprintf(page->out, "\n%*s", indent, "");
            at = indent;
            blanks = 0;
            i += strspn(line + i, " ");
        }
        fprintf(page->out, "%.*s", (int)(blanks + word), line + i);
        at += (int)blanks + columns;
        i += blanks + word;
        if (word == 0)
            break;
    }
    fputc('\n', page->out);
}

void page_paragraph(const struct page *page, const char *lead, const char *text)
{
    int indent = text_columns(lead);
    fputs(lead, page->out);
    for (;;) {
        size_t bytes = strcspn(text, "\n");
        wrap_line(page, indent, text, bytes);
        text += bytes;
        if (*text == '\0' || text[1] == '\0')
            return;
        text++;
        fprintf(page->out, "%*s", indent, "");
    }
}

void page_polls(const struct page *page, const json_t *test, const char *lead)
{
    const char *call = member_text(test, "polls");
    if (*call == '\0')
        return;
    struct strbuf text = {0};
    if (strcmp(call, "computing") == 0)
        strbuf_printf(&text, "A program of this test computes for seconds "
                             "without ever waiting.");
    else
        strbuf_printf(&text,
                      "A program of this test polls: it calls %s again and "
                      "again instead of waiting until there is something to "
                      "do (poll, epoll, or a call that blocks).",
                      call);
    strbuf_printf(&text, " That stops virtual time, so the test was run at "
                         "real speed; the verdict is of that run.");
    page_tint(page, TINT_WARN);
    page_paragraph(page, lead, strbuf_text(&text));
    page_tint(page, TINT_PLAIN);
    strbuf_fini(&text);
}

void page_heading(const struct page *page, const char *text)
{
    fputc('\n', page->out);
    page_tint(page, TINT_HEAD);
    fprintf(page->out, "  %s", text);
    page_tint(page, TINT_PLAIN);
    fputc('\n', page->out);
}

const char *member_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

double member_number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

void print_ms(FILE *out, double ms)
{
    if (ms < 999.5)
        fprintf(out, "%.0f ms", ms);
    else if (ms < 99950)
        fprintf(out, "%.1f s", ms / 1000);
    else
        fprintf(out, "%.0f s", ms / 1000);
}
