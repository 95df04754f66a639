/* Faults by name: reading a line. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "link/script_data.h"

/* One line, while it is read. */
struct reader {
    struct script *script;
    struct scan scan;
    const struct script_names *names;
    int64_t base_ns;
    struct scan_error *error;
};

/* ---- Words ----------------------------------------------------------------
 */

/* Reads the next word; its absence is an error that says what belongs there. */
static int need(struct reader *r, const char *what, struct scan_word *word)
{
    if (!scan_next(&r->scan, word))
        return scan_fail(&r->scan, NULL, r->error, NULL, "%s is missing", what);
    if (word->form == SCAN_UNCLOSED)
        return scan_fail(&r->scan, word, r->error, "close it with another \"",
                         "the quote that opens is never closed");
    return 0;
}

/* Reads this very word. */
static int need_exactly(struct reader *r, const char *text)
{
    struct scan_word word;
    int rc = need(r, text, &word);
    if (rc == 0 && !scan_is(word, text))
        rc = scan_fail(&r->scan, &word, r->error, NULL,
                       "\"%.*s\" stands where \"%s\" belongs", (int)word.length,
                       word.start, text);
    return rc;
}

static int need_time(struct reader *r, const char *what, int64_t *time_ns)
{
    struct scan_word word;
    const char *why;
    int rc = need(r, what, &word);
    if (rc == 0 && scan_time_ns(word, time_ns, &why) < 0)
        rc = scan_fail(&r->scan, &word, r->error, NULL, "%s: \"%.*s\" %s", what,
                       (int)word.length, word.start, why);
    return rc;
}

static int need_end(struct reader *r)
{
    struct scan_word word;
    if (!scan_next(&r->scan, &word))
        return 0;
    return scan_fail(&r->scan, &word, r->error, "one fault a line",
                     "\"%.*s\" is left over", (int)word.length, word.start);
}

/* A quoted text as a string of its own.  It holds no escapes, so its columns
 * are those of the line, shifted. */
static char *unquote(struct scan_word word)
{
    return str_format("%.*s", (int)word.length, word.start);
}

/* ---- Rules --------------------------------------------------------------- */

static int read_which(struct reader *r, struct rule *rule)
{
    static const char *const names[] = {"all", "first", "nth", "every"};
    struct scan_word word, number;
    const char *why;
    char hint[96];
    int64_t value = 0;
    int rc = need(r, "all, first N, nth N or every N", &word);
    if (rc < 0)
        return rc;
    for (rule->which = WHICH_ALL; rule->which <= WHICH_EVERY; rule->which++) {
        if (scan_is(word, names[rule->which]))
            break;
    }
    if (rule->which == WHICH_ALL)
        return 0;
    if (rule->which > WHICH_EVERY)
        return scan_fail(&r->scan, &word, r->error,
                         scan_suggest(word, names, 4, hint, sizeof(hint)),
                         "which packets: \"%.*s\" does not say",
                         (int)word.length, word.start);
    rc = need(r, "a number", &number);
    if (rc == 0 && scan_integer(number, 1, INT64_C(1) << 40, &value, &why) < 0)
        rc = scan_fail(&r->scan, &number, r->error, NULL, "%.*s: \"%.*s\" %s",
                       (int)word.length, word.start, (int)number.length,
                       number.start, why);
    rule->number = (uint64_t)value;
    return rc;
}

static int find_port(struct reader *r, struct scan_word word, unsigned *port)
{
    char hint[SCAN_MESSAGE_BYTES];
    for (size_t i = 0; i < r->names->port_count; i++) {
        if (scan_is(word, r->names->ports[i])) {
            *port = (unsigned)i;
            return 0;
        }
    }
    return scan_fail(&r->scan, &word, r->error,
                     scan_suggest(word, r->names->ports, r->names->port_count,
                                  hint, sizeof(hint)),
                     "host \"%.*s\" is not on this link", (int)word.length,
                     word.start);
}

static struct scan_word trimmed(const char *start, const char *end)
{
    while (start < end && isspace((unsigned char)*start))
        start++;
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    return (struct scan_word){.start = start, .length = (size_t)(end - start)};
}

/* Reads the rest of the line, `a->b` or nothing: both directions.  Hosts' names
 * have hyphens of their own, so the arrow is looked for as a whole. */
static int read_direction(struct reader *r, struct rule *rule)
{
    struct scan_word first;
    rule->from = rule->to = SCRIPT_ANY_PORT;
    if (!scan_peek(&r->scan, &first))
        return 0;
    const char *end = first.start + strcspn(first.start, "#");
    const char *arrow = strstr(first.start, "->");
    if (arrow == NULL || arrow >= end)
        return scan_fail(&r->scan, &first, r->error,
                         "write the direction as sender->receiver",
                         "\"%.*s\" is no direction", (int)first.length,
                         first.start);
    int rc = find_port(r, trimmed(first.start, arrow), &rule->from);
    return rc < 0 ? rc : find_port(r, trimmed(arrow + 2, end), &rule->to);
}

static int read_rule(struct reader *r, enum script_action action)
{
    struct rule rule = {.action = action};
    struct scan_word filter = {0};
    int rc = 0;
    if (action == SCRIPT_HOLD)
        rc = need_time(r, "how long to hold", &rule.hold_ns);
    if (rc == 0)
        rc = read_which(r, &rule);
    if (rc == 0)
        rc = need_exactly(r, "of");
    if (rc == 0)
        rc = need(r, "a filter in quotes", &filter);
    if (rc < 0)
        return rc;
    rc = read_direction(r, &rule);
    if (rc < 0)
        return rc;
    char *text = unquote(filter);
    rc = filter_compile(&rule.filter, text, r->names->ethernet,
                        &r->names->hosts, r->error);
    free(text);
    if (rc < 0)
        return scan_fail_inside(&r->scan, filter.start, r->error);
    rule.line = mem_strdup(r->scan.text);
    struct script *script = r->script;
    script->rules =
        mem_realloc(script->rules, (script->rule_count + 1) * sizeof(rule));
    script->rules[script->rule_count++] = rule;
    return 0;
}

/* ---- Cuts and changes ---------------------------------------------------- */

static int read_cut(struct reader *r)
{
    struct cut cut = {0};
    int64_t at_ns = 0, for_ns = 0;
    int rc = need_exactly(r, "at");
    if (rc == 0)
        rc = need_time(r, "when to cut", &at_ns);
    if (rc == 0)
        rc = need_exactly(r, "for");
    if (rc == 0)
        rc = need_time(r, "how long to cut", &for_ns);
    if (rc == 0)
        rc = need_end(r);
    if (rc < 0)
        return rc;
    cut.from_ns = r->base_ns + at_ns;
    cut.to_ns = cut.from_ns + for_ns;
    cut.line = mem_strdup(r->scan.text);
    struct script *script = r->script;
    script->cuts =
        mem_realloc(script->cuts, (script->cut_count + 1) * sizeof(cut));
    script->cuts[script->cut_count++] = cut;
    return 0;
}

static int read_change(struct reader *r)
{
    struct change change = {0};
    struct scan_word word = {0};
    int64_t at_ns = 0;
    int rc = need_exactly(r, "at");
    if (rc == 0)
        rc = need_time(r, "when to change the profile", &at_ns);
    if (rc == 0)
        rc = need(r, "a profile in quotes", &word);
    if (rc == 0)
        rc = need_end(r);
    if (rc < 0)
        return rc;
    change.at_ns = r->base_ns + at_ns;
    char *text = unquote(word);
    rc = profile_parse(&change.profile, text, r->error);
    free(text);
    if (rc < 0)
        return scan_fail_inside(&r->scan, word.start, r->error);
    struct script *script = r->script;
    script->changes = mem_realloc(script->changes,
                                  (script->change_count + 1) * sizeof(change));
    script->changes[script->change_count++] = change;
    return 0;
}

int script_add(struct script *script, const char *line, int64_t base_ns,
               const struct script_names *names, struct scan_error *error)
{
    static const char *const words[] = {"drop",    "hold", "duplicate",
                                        "corrupt", "cut",  "profile"};
    static const enum script_action actions[] = {
        SCRIPT_DROP, SCRIPT_HOLD, SCRIPT_DUPLICATE, SCRIPT_CORRUPT};
    struct reader r = {.script = script,
                       .scan = {line, line, ""},
                       .names = names,
                       .base_ns = base_ns,
                       .error = error};
    struct scan_word word;
    char hint[120];
    int rc = need(&r, "a fault", &word);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < 4; i++) {
        if (scan_is(word, words[i]))
            return read_rule(&r, actions[i]);
    }
    if (scan_is(word, "cut"))
        return read_cut(&r);
    if (scan_is(word, "profile"))
        return read_change(&r);
    return scan_fail(&r.scan, &word, error,
                     scan_suggest(word, words, 6, hint, sizeof(hint)),
                     "unknown fault \"%.*s\"", (int)word.length, word.start);
}
