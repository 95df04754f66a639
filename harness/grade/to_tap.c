/* TAP version 14 ("TAP 14 specification", testanything.org).
 *
 * Points are in the YAML block behind each test; the whole is told in comments.
 */
#include <stdlib.h>
#include <string.h>

#include "grade/convert.h"

/* A description ends at an unescaped '#'. */
static void add_escaped(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '#' || *text == '\\')
            strbuf_add(out, "\\", 1);
        strbuf_add(out, text, 1);
    }
}

/* What cannot stand for itself in YAML's double quotes. */
static const struct {
    const char *character, *escape;
} escapes[] = {
    {"\"", "\\\""},
    {"\\", "\\\\"},
    {"\n", "\\n"},
    {"\t", "\\t"},
    {"\u2028", "\\u2028"}, /* to YAML 1.1 these two end a line */
    {"\u2029", "\\u2029"},
    {"\xef\xbf\xbe", "\\ufffd"}, /* these two are no characters */
    {"\xef\xbf\xbf", "\\ufffd"},
};

/* Adds one character; returns how many bytes it has. */
static size_t add_character(struct strbuf *out, const char *at)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        size_t n = strlen(escapes[i].character);
        if (strncmp(at, escapes[i].character, n) == 0) {
            strbuf_printf(out, "%s", escapes[i].escape);
            return n;
        }
    }
    strbuf_add(out, at, 1);
    return 1;
}

static void add_quoted(struct strbuf *out, const char *key, const char *text)
{
    strbuf_printf(out, "  %s: \"", key);
    while (*text)
        text += add_character(out, text);
    strbuf_printf(out, "\"\n");
}

static void add_test(struct strbuf *out, size_t number, const struct mark *mark)
{
    bool judged = mark_judged(mark);
    strbuf_printf(out, "%sok %zu - ",
                  judged && !mark_passed(mark) ? "not " : "", number);
    add_escaped(out, mark->name);
    if (!judged)
        strbuf_printf(out, " # SKIP could not be judged");
    strbuf_printf(out, "\n  ---\n");
    if (*mark->id)
        add_quoted(out, "id", mark->id);
    strbuf_printf(out, "  checkpoint: %d\n  points: %d\n  max: %d\n",
                  mark->checkpoint, mark->points, mark->max);
    if (*mark->text)
        add_quoted(out, "message", mark->text);
    strbuf_printf(out, "  ...\n");
}

static void add_comment(struct strbuf *out, const char *text)
{
    while (*text) {
        int n = (int)strcspn(text, "\n");
        strbuf_printf(out, "# %.*s\n", n, text);
        text += n + (text[n] == '\n');
    }
}

char *to_tap(const struct markbook *book, const struct marks *marks)
{
    struct strbuf out = {0};
    char *summary = marks_summary(book, marks);
    strbuf_printf(&out, "TAP version 14\n1..%zu%s\n", marks->count,
                  marks->count ? "" : " # no tests");
    add_comment(&out, summary);
    for (size_t i = 0; i < marks->count; i++)
        add_test(&out, i + 1, &marks->list[i]);
    free(summary);
    return out.text;
}
