/* Makes the texts of two runs comparable.
 *
 * What differs between two runs of the same failure is time, seeds, where
 * things lie, and how many packets there were; what must not differ is every
 * word.  So, line by line:
 *
 *   - the bodies of "On the wire" and "What the programs were doing" become one
 *     line, for neither packets nor stacks repeat exactly;
 *   - "12.5 ms" and "3 s" become TIME, since a unit changes with the size;
 *   - a path becomes PATH, bytes in hex become HEX, any other number N;
 *   - the ids of tests and the sections of RFCs stay: they are words;
 *   - runs of blanks become one, empty lines at the ends go. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "report/text.h"

static bool is_blank(const char *line, size_t bytes)
{
    return strspn(line, " ") >= bytes;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool starts(const char *at, const char *end, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(end - at) >= n && memcmp(at, word, n) == 0;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && isdigit((unsigned char)*at))
        at++;
    return at;
}

/* "08.4.reorder_no_storm": returns where it ends, or NULL. */
static const char *skip_id(const char *at, const char *end)
{
    const char *p = skip_digits(at, end);
    if (p - at != 2 || p == end || *p != '.')
        return NULL;
    const char *q = skip_digits(p + 1, end);
    if (q == p + 1 || q + 1 >= end || *q != '.' ||
        !islower((unsigned char)q[1]))
        return NULL;
    for (q++; q < end && (is_word(*q) || *q == '/' || *q == '-'); q++)
        ;
    return q;
}

/* "RFC 6298", "section 5.5". */
static const char *skip_reference(const char *at, const char *end)
{
    static const char *const words[] = {"RFC ", "section "};
    for (size_t i = 0; i < 2; i++) {
        if (!starts(at, end, words[i]))
            continue;
        const char *p = at + strlen(words[i]);
        const char *q = p;
        while (q < end &&
               (isdigit((unsigned char)*q) ||
                (*q == '.' && q + 1 < end && isdigit((unsigned char)q[1]))))
            q++;
        return q > p ? q : NULL;
    }
    return NULL;
}

/* The launcher is a word; what else begins like a path is one. */
static const char *skip_launcher(const char *at, const char *end)
{
    static const char launcher[] = "./wirelab";
    return starts(at, end, launcher) ? at + strlen(launcher) : NULL;
}

static const char *skip_path(const char *at, const char *end)
{
    static const char *const beginnings[] = {"/", "./", "../", "build/"};
    bool path = false;
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        path = path || starts(at, end, beginnings[i]);
    if (!path)
        return NULL;
    while (at < end && *at != ' ')
        at++;
    return at;
}

static bool is_byte(const char *at, const char *end)
{
    return end - at >= 2 && isxdigit((unsigned char)at[0]) &&
           isxdigit((unsigned char)at[1]) && (end - at == 2 || !is_word(at[2]));
}

/* "3f 22 00": two bytes in hex at least, or "0x3f". */
static const char *skip_hex(const char *at, const char *end)
{
    if (starts(at, end, "0x")) {
        at += 2;
        while (at < end && isxdigit((unsigned char)*at))
            at++;
        return at;
    }
    int bytes = 0;
    const char *after = at;
    for (; is_byte(at, end); bytes++) {
        after = at + 2;
        at = after < end && *after == ' ' ? after + 1 : end;
    }
    return bytes >= 2 ? after : NULL;
}

static const char *skip_unit(const char *at, const char *end)
{
    static const char *const units[] = {" ns", " us", " ms", " s"};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const char *after = at + strlen(units[i]);
        if (starts(at, end, units[i]) && (after == end || !is_word(*after)))
            return after;
    }
    return NULL;
}

/* A number with its decimals and its unit, if that is of time. */
static const char *put_number(struct strbuf *out, const char *at,
                              const char *end)
{
    at = skip_digits(at, end);
    while (at + 1 < end && (*at == '.' || *at == ',') &&
           isdigit((unsigned char)at[1]))
        at = skip_digits(at + 1, end);
    const char *after = skip_unit(at, end);
    strbuf_printf(out, after ? "TIME" : "N");
    return after ? after : at;
}

static const char *put_blanks(struct strbuf *out, const char *at,
                              const char *end)
{
    while (at < end && *at == ' ')
        at++;
    if (at < end)
        strbuf_add(out, " ", 1);
    return at;
}

static const char *put_kept(struct strbuf *out, const char *at, const char *end)
{
    strbuf_add(out, at, (size_t)(end - at));
    return end;
}

/* Puts what begins a word; returns where to go on. */
static const char *put_word(struct strbuf *out, const char *at, const char *end)
{
    const char *after;
    if ((after = skip_reference(at, end)) || (after = skip_id(at, end)) ||
        (after = skip_launcher(at, end)))
        return put_kept(out, at, after);
    if ((after = skip_path(at, end))) {
        strbuf_printf(out, "PATH");
        return after;
    }
    if ((after = skip_hex(at, end))) {
        strbuf_printf(out, "HEX");
        return after;
    }
    if (isdigit((unsigned char)*at))
        return put_number(out, at, end);
    return put_kept(out, at, at + 1);
}

static void put_line(struct strbuf *out, const char *line, size_t bytes)
{
    const char *at = line, *end = line + bytes;
    char before = ' ';
    while (at < end) {
        const char *start = at;
        if (*at == ' ')
            at = put_blanks(out, at, end);
        else if (is_word(before)) /* inside a word, digits belong to it */
            at = put_kept(out, at, at + 1);
        else
            at = put_word(out, at, end);
        before = at > start ? at[-1] : before;
    }
    strbuf_add(out, "\n", 1);
}

static bool is_reduced(const char *line, size_t bytes)
{
    static const char *const headings[] = {"  On the wire",
                                           "  What the programs were doing"};
    for (size_t i = 0; i < 2; i++) {
        if (bytes == strlen(headings[i]) &&
            memcmp(line, headings[i], bytes) == 0)
            return true;
    }
    return false;
}

char *report_normalise(const char *text)
{
    struct strbuf out = {0};
    bool inside = false, blank = true;
    while (*text) {
        size_t bytes = strcspn(text, "\n");
        bool empty = is_blank(text, bytes);
        inside = inside && !empty;
        if (empty && !blank)
            strbuf_add(&out, "\n", 1);
        else if (!empty && !inside)
            put_line(&out, text, bytes);
        if (is_reduced(text, bytes)) {
            strbuf_printf(&out, " ...\n");
            inside = true;
        }
        blank = empty;
        text += bytes + (text[bytes] == '\n');
    }
    while (out.length > 1 && out.text[out.length - 1] == '\n' &&
           out.text[out.length - 2] == '\n')
        out.text[--out.length] = '\0';
    return out.text ? out.text : mem_strdup("");
}
