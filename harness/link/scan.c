/* Words of a line that a person wrote, and errors that point at one of them. */
#include "link/scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "link/text.h"

static bool is_separator(const struct scan *scan, char c)
{
    return isspace((unsigned char)c) ||
           (c != '\0' && strchr(scan->separators, c) != NULL);
}

/* Skips white space, separators and comments. */
static const char *skip(const struct scan *scan, const char *p)
{
    for (;;) {
        while (is_separator(scan, *p))
            p++;
        if (*p != '#')
            return p;
        p += strcspn(p, "\n");
    }
}

static const char *read_quoted(const char *open, struct scan_word *word)
{
    word->start = open + 1;
    word->length = strcspn(word->start, "\"");
    const char *close = word->start + word->length;
    word->form = *close == '"' ? SCAN_QUOTED : SCAN_UNCLOSED;
    return *close == '"' ? close + 1 : close;
}

bool scan_next(struct scan *scan, struct scan_word *word)
{
    const char *p = skip(scan, scan->next);
    scan->next = p;
    if (*p == '\0')
        return false;
    if (*p == '"') {
        scan->next = read_quoted(p, word);
        return true;
    }
    while (*p != '\0' && *p != '"' && !is_separator(scan, *p))
        p++;
    *word = (struct scan_word){.start = scan->next,
                               .length = (size_t)(p - scan->next)};
    scan->next = p;
    return true;
}

bool scan_peek(const struct scan *scan, struct scan_word *word)
{
    struct scan ahead = *scan;
    return scan_next(&ahead, word);
}

bool scan_is(struct scan_word word, const char *text)
{
    return word.form == SCAN_BARE && strlen(text) == word.length &&
           memcmp(word.start, text, word.length) == 0;
}

/* ---- Errors -------------------------------------------------------------- */

/* Where the text ends for a reader: behind its last word. */
static const char *end_of_words(const struct scan *scan)
{
    struct scan all = {scan->text, scan->text, scan->separators};
    const char *end = scan->text;
    for (struct scan_word word; scan_next(&all, &word);)
        end = all.next;
    return end;
}

static void locate(const char *text, struct scan_error *error)
{
    error->line = 1;
    error->column = 1;
    for (const char *p = text; p < text + error->offset; p++) {
        error->column = *p == '\n' ? 1 : error->column + 1;
        error->line += *p == '\n';
    }
}

static void compose(const struct scan *scan, struct scan_error *error)
{
    locate(scan->text, error);
    struct text message = text_in(error->message, sizeof(error->message));
    text_put(&message, "%s at ", error->what);
    if (error->line > 1)
        text_put(&message, "line %u ", error->line);
    text_put(&message, "column %u", error->column);
    if (error->remedy[0] != '\0')
        text_put(&message, " — %s", error->remedy);
}

int scan_fail(const struct scan *scan, const struct scan_word *word,
              struct scan_error *error, const char *remedy, const char *format,
              ...)
{
    const char *place = word ? word->start : end_of_words(scan);
    error->offset = (size_t)(place - scan->text);
    error->length = word ? (unsigned)word->length : 0;
    va_list args;
    va_start(args, format);
    vsnprintf(error->what, sizeof(error->what), format, args);
    va_end(args);
    snprintf(error->remedy, sizeof(error->remedy), "%s", remedy ? remedy : "");
    compose(scan, error);
    return -EINVAL;
}

int scan_fail_inside(const struct scan *scan, const char *part,
                     struct scan_error *error)
{
    error->offset += (size_t)(part - scan->text);
    compose(scan, error);
    return -EINVAL;
}

const char *scan_suggest(struct scan_word word, const char *const *words,
                         size_t count, char *text, size_t size)
{
    char copy[64];
    snprintf(copy, sizeof(copy), "%.*s", (int)word.length, word.start);
    const char *near = nearest_word(copy, words, count);
    struct text out = text_in(text, size);
    if (near != NULL) {
        text_put(&out, "did you mean \"%s\"?", near);
        return text;
    }
    text_put(&out, "it must be one of");
    for (size_t i = 0; i < count; i++)
        text_put(&out, "%s %s", i == 0 ? "" : ",", words[i]);
    return text;
}

int scan_error_caret(const struct scan_error *error, const char *text,
                     char *out, size_t size)
{
    for (unsigned line = 1; line < error->line; line++) {
        const char *end = strchr(text, '\n');
        if (end == NULL)
            break;
        text = end + 1;
    }
    struct text lines = text_in(out, size);
    text_put(&lines, "%.*s\n", (int)strcspn(text, "\n"), text);
    /* A tab above stays a tab below, so that the caret stands under its word
     * whatever a tab's width. */
    for (unsigned i = 0; i + 1 < error->column; i++)
        text_put(&lines, "%c", text[i] == '\t' ? '\t' : ' ');
    text_put(&lines, "^");
    for (unsigned i = 1; i < error->length; i++)
        text_put(&lines, "~");
    text_put(&lines, "\n");
    return (int)lines.length;
}
