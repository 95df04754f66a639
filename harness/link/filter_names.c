/* libpcap filters in which a host's name stands for its addresses.
 *
 * A host's name may stand where libpcap takes an address: after `host`, `src`
 * or `dst`, or alone.  Since a host has several addresses, the name and the
 * qualifiers before it become a parenthesis,
 *
 *      ip src host a  ->  (ip src host 10.77.1.1 or ip src host 10.77.2.1)
 *
 * In libpcap an identifier alone repeats the qualifiers of the one before
 * ("src host a or b"); so it does here, and addresses get theirs spelled out,
 * as a parenthesis before them would have hidden it.  Nothing is replaced in
 * brackets (`tcp[tcpflags]`) or after words that want something else than a
 * host
 * (`port http`, `vlan 5`). */
#include "link/filter.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "link/text.h"
#include "link/token.h"

enum { MAX_TOKENS = 512, QUALIFIER_BYTES = 80 };

struct expander {
    const char *text;
    const struct filter_hosts *hosts;
    struct scan_error *error;
    struct token tokens[MAX_TOKENS];
    size_t count;
    const char *copied;               /* the text up to here is in the output */
    char qualifiers[QUALIFIER_BYTES]; /* of the last host, for one alone */
    bool after_host;                  /* the last primitive was a host */
};

static const struct filter_host *find_host(const struct filter_hosts *hosts,
                                           const struct token *token)
{
    for (size_t i = 0; hosts != NULL && i < hosts->count; i++) {
        const char *name = hosts->hosts[i].name;
        if (strlen(name) == token->length &&
            memcmp(name, token->start, token->length) == 0)
            return &hosts->hosts[i];
    }
    return NULL;
}

static int fail(struct expander *e, const struct token *token,
                const char *remedy, const char *what)
{
    struct scan scan = {.text = e->text, .separators = ""};
    struct scan_word word = {.start = token->start, .length = token->length};
    return scan_fail(&scan, &word, e->error, remedy, "filter: %s \"%.*s\"",
                     what, (int)token->length, token->start);
}

static int tokenise(struct expander *e)
{
    for (const char *p = e->text; *p != '\0';) {
        if (isspace((unsigned char)*p)) {
            p++;
            continue;
        }
        if (e->count == MAX_TOKENS)
            return fail(e, &e->tokens[MAX_TOKENS - 1], "shorten it",
                        "too many words; the last was");
        e->tokens[e->count] = token_read(p);
        p += e->tokens[e->count++].length;
    }
    return 0;
}

/* ---- Where a host is meant ----------------------------------------------- */

static bool is_direction(const struct token *token)
{
    return token_is(token, "src") || token_is(token, "dst");
}

/* "src or dst", "dst and src": two directions that make one qualifier. */
static bool is_joined_direction(const struct token *three)
{
    return is_direction(&three[0]) && is_direction(&three[2]) &&
           (token_is(&three[1], "or") || token_is(&three[1], "and"));
}

/* Finds where the qualifiers of the host at `at` begin:
 * [ip|ip6|…] [src|dst|src or dst|src and dst] [host]. */
static size_t qualifiers_from(const struct expander *e, size_t at)
{
    const struct token *t = e->tokens;
    size_t from = at;
    if (from > 0 && token_is(&t[from - 1], "host"))
        from--;
    if (from > 2 && is_joined_direction(&t[from - 3]))
        from -= 3;
    else if (from > 0 && is_direction(&t[from - 1]))
        from--;
    if (from > 0 && t[from - 1].kind == TOKEN_PROTO)
        from--;
    return from;
}

/* Whether the token at `at` says which host: it stands behind host, src or dst,
 * or alone.  A word of libpcap's own is a host behind `host` only. */
static bool is_operand(const struct expander *e, size_t at)
{
    const struct token *token = &e->tokens[at];
    bool fits = token->kind == TOKEN_NAME || token->kind == TOKEN_ADDR;
    if (at > 0 && token_is(&e->tokens[at - 1], "host"))
        return fits || find_host(e->hosts, token) != NULL;
    if (at > 0 && is_direction(&e->tokens[at - 1]))
        return fits;
    bool alone = at == 0 || e->tokens[at - 1].kind == TOKEN_AND;
    bool addr = token->kind == TOKEN_ADDR &&
                (memchr(token->start, '.', token->length) != NULL ||
                 memchr(token->start, ':', token->length) != NULL);
    return alone && (token->kind == TOKEN_NAME || (addr && e->after_host));
}

/* ---- Writing ------------------------------------------------------------- */

static void note_qualifiers(struct expander *e, size_t from, size_t at)
{
    struct text text = text_in(e->qualifiers, sizeof(e->qualifiers));
    for (size_t i = from; i < at; i++) {
        if (!token_is(&e->tokens[i], "host"))
            text_put(&text, "%.*s ", (int)e->tokens[i].length,
                     e->tokens[i].start);
    }
}

static bool qualified_by(const struct expander *e, const char *word)
{
    size_t length = strlen(word);
    return strncasecmp(e->qualifiers, word, length) == 0 &&
           e->qualifiers[length] == ' ';
}

static bool family_fits(const struct expander *e, const char *addr)
{
    if (strchr(addr, ':') == NULL)
        return !qualified_by(e, "ip6");
    return !qualified_by(e, "ip") && !qualified_by(e, "arp") &&
           !qualified_by(e, "rarp");
}

static int put_host(struct expander *e, const struct token *token,
                    const struct filter_host *host, struct strbuf *out)
{
    const char *separator = "(";
    for (size_t i = 0; i < host->addr_count; i++) {
        if (!family_fits(e, host->addrs[i]))
            continue;
        strbuf_printf(out, "%s%shost %s", separator, e->qualifiers,
                      host->addrs[i]);
        separator = " or ";
    }
    if (*separator == '(')
        return fail(e, token, "switch IPv6 on, or leave \"ip6\" out",
                    "there is no such address of host");
    strbuf_printf(out, ")");
    return 0;
}

static int unknown_host(struct expander *e, const struct token *token)
{
    enum { MAX_NAMES = 64 };
    const char *names[MAX_NAMES];
    size_t count = 0;
    char hint[SCAN_MESSAGE_BYTES];
    while (e->hosts != NULL && count < e->hosts->count && count < MAX_NAMES) {
        names[count] = e->hosts->hosts[count].name;
        count++;
    }
    struct scan_word word = {.start = token->start, .length = token->length};
    const char *remedy =
        count > 0 ? scan_suggest(word, names, count, hint, sizeof(hint))
                  : "give its address";
    return fail(e, token, remedy, "unknown host");
}

/* Replaces the operand at `at` and the qualifiers before it. */
static int put_operand(struct expander *e, size_t at, struct strbuf *out)
{
    const struct token *token = &e->tokens[at];
    size_t from = qualifiers_from(e, at);
    if (from < at)
        note_qualifiers(e, from, at);
    else if (!e->after_host)
        e->qualifiers[0] = '\0';
    e->after_host = true;
    strbuf_add(out, e->copied, (size_t)(e->tokens[from].start - e->copied));
    e->copied = token->start + token->length;
    const struct filter_host *host = find_host(e->hosts, token);
    if (qualified_by(e, "ether") && token->kind == TOKEN_NAME)
        return fail(e, token, "give its MAC address", "Ethernet knows no host");
    if (host != NULL)
        return put_host(e, token, host, out);
    if (token->kind == TOKEN_NAME)
        return unknown_host(e, token);
    strbuf_printf(out, "%shost %.*s", e->qualifiers, (int)token->length,
                  token->start);
    return 0;
}

static int expand(struct expander *e, struct strbuf *out)
{
    int rc = tokenise(e);
    for (size_t i = 0; rc == 0 && i < e->count; i++) {
        const struct token *token = &e->tokens[i];
        bool keeps = token->kind == TOKEN_AND || token->start[0] == ')' ||
                     token->kind == TOKEN_HOST || token->kind == TOKEN_PROTO;
        if (is_operand(e, i))
            rc = put_operand(e, i, out);
        else if (!keeps)
            e->after_host = false; /* a primitive of another kind */
    }
    strbuf_printf(out, "%s", e->copied);
    return rc;
}

int filter_expand(const char *text, const struct filter_hosts *hosts,
                  char **expanded, struct scan_error *error)
{
    struct expander *e = mem_zalloc(sizeof(*e)); /* too large for a stack */
    struct strbuf out = {0};
    e->text = e->copied = text;
    e->hosts = hosts;
    e->error = error;
    int rc = expand(e, &out);
    if (rc == 0)
        *expanded = mem_strdup(strbuf_text(&out));
    strbuf_fini(&out);
    free(e);
    return rc;
}
