/* The tokens of somebody's C; see ctext.h.
 *
 * This is C's lexer as far as it matters here: comments and #include lines go,
 * all strings are one string and all numbers one number, since changing what is
 * in them is the cheapest disguise.  Names stay, for some are keywords. */
#include "grade/ctext.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME_BYTES = 40 };

struct lexer {
    struct ctext *text;
    const char *at, *end;
    uint32_t line;
};

static void emit(struct lexer *lexer, const char *token, size_t bytes)
{
    struct ctext *text = lexer->text;
    if (text->count == CTEXT_MAX_TOKENS) {
        text->overflowed = true;
        return;
    }
    if ((text->count & (text->count - 1)) == 0) /* room for twice as many */
        text->tokens = mem_realloc(text->tokens, 2 * (text->count + 1) *
                                                     sizeof(*text->tokens));
    text->tokens[text->count++] =
        (struct ctoken){.file = (uint32_t)text->file_count - 1,
                        .line = lexer->line,
                        .at = (uint32_t)text->lines.length,
                        .bytes = (uint32_t)bytes};
    strbuf_add(&text->lines, token, bytes);
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
    return is_letter(c) || isdigit((unsigned char)c);
}

/* Goes on to just behind the next `to`, or to the end. */
static void skip_behind(struct lexer *lexer, const char *to)
{
    size_t n = strlen(to);
    while (lexer->at < lexer->end) {
        if ((size_t)(lexer->end - lexer->at) >= n &&
            memcmp(lexer->at, to, n) == 0) {
            lexer->at += n;
            lexer->line += *to == '\n';
            return;
        }
        lexer->line += *lexer->at++ == '\n';
    }
}

/* A string or a character ends with its line at the latest. */
static void take_quoted(struct lexer *lexer, char quote)
{
    emit(lexer, quote == '"' ? "\"\"" : "'c'", quote == '"' ? 2 : 3);
    lexer->at++;
    while (lexer->at < lexer->end && *lexer->at != '\n') {
        char c = *lexer->at++;
        if (c == quote)
            return;
        if (c == '\\' && lexer->at < lexer->end)
            lexer->line += *lexer->at++ == '\n';
    }
}

static void take_name(struct lexer *lexer)
{
    char name[MAX_NAME_BYTES];
    size_t n = 0;
    for (; lexer->at < lexer->end && is_name(*lexer->at); lexer->at++) {
        if (n < sizeof(name))
            name[n++] = (unsigned char)*lexer->at < 0x80 ? *lexer->at : 'u';
    }
    emit(lexer, name, n);
}

static void take_number(struct lexer *lexer)
{
    while (lexer->at < lexer->end && (is_name(*lexer->at) || *lexer->at == '.'))
        lexer->at++;
    emit(lexer, "1", 1);
}

static void take_operator(struct lexer *lexer)
{
    static const char *const longer[] = {
        "<<=", ">>=", "...", "->", "++", "--", "&&", "||", "<<", ">>", "==",
        "!=",  "<=",  ">=",  "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="};
    size_t left = (size_t)(lexer->end - lexer->at), n = 1;
    for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]) && n == 1; i++) {
        size_t k = strlen(longer[i]);
        if (left >= k && memcmp(lexer->at, longer[i], k) == 0)
            n = k;
    }
    /* '#' begins a directive, whose words are compared like any others. */
    if (ispunct((unsigned char)*lexer->at) && !strchr("#\\@`$", *lexer->at))
        emit(lexer, lexer->at, n);
    lexer->at += n;
}

static bool is_include(const struct lexer *lexer)
{
    const char *at = lexer->at + 1;
    while (at < lexer->end && (*at == ' ' || *at == '\t'))
        at++;
    return (size_t)(lexer->end - at) > strlen("include") &&
           memcmp(at, "include", strlen("include")) == 0;
}

static void take(struct lexer *lexer)
{
    char c = *lexer->at;
    char next = (char)(lexer->at + 1 < lexer->end ? lexer->at[1] : '\0');
    if (c == '/' && next == '*') {
        lexer->at += 2;
        skip_behind(lexer, "*/");
    } else if ((c == '/' && next == '/') || (c == '#' && is_include(lexer))) {
        skip_behind(lexer, "\n");
    } else if (c == '"' || c == '\'') {
        take_quoted(lexer, c);
    } else if (is_letter(c)) {
        take_name(lexer);
    } else if (isdigit((unsigned char)c) ||
               (c == '.' && isdigit((unsigned char)next))) {
        take_number(lexer);
    } else if (isspace((unsigned char)c) || c == '\0') {
        lexer->line += c == '\n';
        lexer->at++;
    } else {
        take_operator(lexer);
    }
}

void ctext_add(struct ctext *text, const char *name, const char *data,
               size_t bytes)
{
    text->files =
        mem_realloc(text->files, (text->file_count + 1) * sizeof(*text->files));
    struct strbuf copy = {0};
    strbuf_add(&copy, data, bytes);
    text->files[text->file_count++] = (struct ctext_file){
        .name = mem_strdup(name), .text = mem_strdup(strbuf_text(&copy))};
    strbuf_fini(&copy);
    struct lexer lexer = {
        .text = text, .at = data, .end = data + bytes, .line = 1};
    while (lexer.at < lexer.end && !text->overflowed)
        take(&lexer);
}

void ctext_fini(struct ctext *text)
{
    for (size_t i = 0; i < text->file_count; i++) {
        free(text->files[i].name);
        free(text->files[i].text);
    }
    free(text->files);
    free(text->tokens);
    strbuf_fini(&text->lines);
    *text = (struct ctext){0};
}

void ctext_give(struct ctext *text, size_t from, size_t to)
{
    for (size_t i = from; i <= to && i < text->count; i++)
        text->tokens[i].given = true;
}

size_t ctext_own(const struct ctext *text)
{
    size_t own = 0;
    for (size_t i = 0; i < text->count; i++)
        own += !text->tokens[i].given;
    return own;
}

char *ctext_lines(const struct ctext *text)
{
    struct strbuf lines = {0};
    for (size_t i = 0; i < text->count; i++) {
        const struct ctoken *token = &text->tokens[i];
        if (!token->given)
            strbuf_add(&lines, text->lines.text + token->at, token->bytes);
        strbuf_add(&lines, "\n", 1);
    }
    return lines.text ? lines.text : mem_strdup("");
}
