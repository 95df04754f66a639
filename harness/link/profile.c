/* Reading tc-netem's grammar.
 *
 * A profile is a list of clauses, each opened by its keyword, in any order and
 * each at most once.  A keyword is followed by a fixed number of values that
 * must be there and some that may: what begins with a digit after the first
 * ones is an optional value, anything else opens the next clause.  So one
 * function a clause, a table that finds it by keyword, and at the end the
 * checks which need more than one clause to be known.
 *
 * tc lets the last of two equal clauses win.  Here the second is an error: in a
 * profile that somebody wrote it is a slip, and a silent one. */
#include "link/profile.h"

#include <string.h>

#include "link/clause.h"

enum { SHORTEST_PREFIX = 3 }; /* tc takes any; one letter reads badly */

/* In tc's order, which decides what an abbreviation means: `d` is delay. */
static const struct {
    const char *name;
    enum keyword key;
    int (*parse)(struct parser *);
} clauses[] = {
    {"limit", KEY_LIMIT, parse_limit},
    {"latency", KEY_DELAY, parse_delay},
    {"delay", KEY_DELAY, parse_delay},
    {"loss", KEY_LOSS, parse_loss},
    {"drop", KEY_LOSS, parse_loss},
    {"ecn", KEY_ECN, parse_ecn},
    {"reorder", KEY_REORDER, parse_reorder},
    {"corrupt", KEY_CORRUPT, parse_corrupt},
    {"gap", KEY_GAP, parse_gap},
    {"duplicate", KEY_DUPLICATE, parse_duplicate},
    {"distribution", KEY_DISTRIBUTION, parse_distribution},
    {"rate", KEY_RATE, parse_rate},
    {"slot", KEY_SLOT, parse_slot},
    {"seed", KEY_SEED, parse_seed},
};
enum { CLAUSE_COUNT = sizeof(clauses) / sizeof(clauses[0]) };

static bool is_abbreviation(struct scan_word word, const char *name)
{
    return word.form == SCAN_BARE && word.length >= SHORTEST_PREFIX &&
           strncmp(word.start, name, word.length) == 0;
}

static int unknown_word(struct parser *p, struct scan_word word)
{
    const char *names[CLAUSE_COUNT];
    char hint[160];
    for (size_t i = 0; i < CLAUSE_COUNT; i++)
        names[i] = clauses[i].name;
    const char *remedy =
        scan_is(word, "jitter")
            ? "jitter is the second value of delay: \"delay 50ms 10ms\""
            : scan_suggest(word, names, CLAUSE_COUNT, hint, sizeof(hint));
    return scan_fail(&p->scan, &word, p->error, remedy, "unknown word \"%.*s\"",
                     (int)word.length, word.start);
}

static int parse_clause(struct parser *p, struct scan_word word)
{
    for (size_t i = 0; i < CLAUSE_COUNT; i++) {
        if (!scan_is(word, clauses[i].name) &&
            !is_abbreviation(word, clauses[i].name))
            continue;
        enum keyword key = clauses[i].key;
        if (p->seen[key])
            return scan_fail(&p->scan, &word, p->error, "keep one of them",
                             "\"%.*s\" is given twice", (int)word.length,
                             word.start);
        p->seen[key] = true;
        p->where[key] = word;
        return clauses[i].parse(p);
    }
    return unknown_word(p, word);
}

/* ---- What only the whole can tell ---------------------------------------- */

static int lacks(struct parser *p, enum keyword key, const char *what,
                 const char *remedy)
{
    struct scan_word word = p->where[key];
    return scan_fail(&p->scan, &word, p->error, remedy, "\"%.*s\" %s",
                     (int)word.length, word.start, what);
}

static int check_state_model(struct parser *p)
{
    const struct loss *loss = &p->profile.loss;
    if (loss->model != LOSS_STATE)
        return 0;
    if (loss->state.p13 + loss->state.p14 > 100)
        return lacks(p, KEY_LOSS, "state: p13 and p14 add up to more than 100%",
                     "both leave state 1");
    if (loss->state.p31 + loss->state.p32 > 100)
        return lacks(p, KEY_LOSS, "state: p31 and p32 add up to more than 100%",
                     "both leave state 3");
    return 0;
}

static int check_whole(struct parser *p)
{
    struct profile *profile = &p->profile;
    if (profile->jitter_ns > 0 && profile->delay_ns == 0)
        return scan_fail(&p->scan, &p->jitter_word, p->error,
                         "write \"delay 10ms 5ms\"",
                         "jitter needs a delay above 0 to vary");
    if (p->seen[KEY_DISTRIBUTION] && profile->jitter_ns == 0)
        return lacks(p, KEY_DISTRIBUTION, "needs a delay and a jitter",
                     "write \"delay 50ms 10ms distribution normal\"");
    if (p->seen[KEY_ECN] && profile->loss.model == LOSS_NONE)
        return lacks(p, KEY_ECN, "needs a loss to put marks in place of",
                     "write \"loss 1% ecn\"");
    bool reorders = profile->reorder.percent > 0;
    if (p->seen[KEY_REORDER] && reorders && profile->delay_ns == 0)
        return lacks(p, KEY_REORDER,
                     "needs a delay: a reordered packet is one that has none",
                     "write \"delay 10ms reorder 25%\"");
    if (p->seen[KEY_GAP] && !reorders)
        return lacks(p, KEY_GAP, "needs a reorder above 0%",
                     "write \"reorder 25% gap 5\"");
    if (reorders && profile->gap == 0)
        profile->gap = 1;
    return check_state_model(p);
}

int profile_parse(struct profile *profile, const char *text,
                  struct scan_error *error)
{
    struct parser p = {
        .scan = {.text = text, .next = text, .separators = ","},
        .profile = {.limit_pkts = PROFILE_DEFAULT_LIMIT_PKTS},
        .error = error,
    };
    for (struct scan_word word; scan_next(&p.scan, &word);) {
        int rc = parse_clause(&p, word);
        if (rc < 0)
            return rc;
    }
    int rc = check_whole(&p);
    if (rc < 0)
        return rc;
    *profile = p.profile;
    return 0;
}

bool profile_is_perfect(const struct profile *profile)
{
    return profile->delay_ns == 0 && profile->loss.model == LOSS_NONE &&
           profile->corrupt.percent <= 0 && profile->duplicate.percent <= 0 &&
           profile->rate_bps == 0 && !profile->slots.on;
}

bool profile_times_each_packet(const struct profile *profile)
{
    return profile->rate_bps > 0 || profile->jitter_ns > 0 ||
           profile->reorder.percent > 0 || profile->slots.on;
}
