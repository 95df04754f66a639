/* Faults by name: keeping them, and asking them. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/script_data.h"

struct script *script_new(void)
{
    return mem_zalloc(sizeof(struct script));
}

void script_free(struct script *script)
{
    if (script == NULL)
        return;
    for (size_t i = 0; i < script->rule_count; i++) {
        filter_free(script->rules[i].filter);
        free(script->rules[i].line);
    }
    for (size_t i = 0; i < script->cut_count; i++)
        free(script->cuts[i].line);
    free(script->rules);
    free(script->cuts);
    free(script->changes);
    free(script);
}

static bool is_chosen(const struct rule *rule)
{
    switch (rule->which) {
    case WHICH_ALL:
        return true;
    case WHICH_FIRST:
        return rule->matched <= rule->number;
    case WHICH_NTH:
        return rule->matched == rule->number;
    case WHICH_EVERY:
        return rule->matched % rule->number == 0;
    }
    return false;
}

/* A broadcast goes to every port. */
static bool goes_there(const struct rule *rule, unsigned from, unsigned to)
{
    return (rule->from == SCRIPT_ANY_PORT || rule->from == from) &&
           (rule->to == SCRIPT_ANY_PORT || rule->to == to ||
            to == SCRIPT_TO_ALL);
}

static void act(const struct rule *rule, size_t number,
                struct script_verdict *verdict)
{
    if (verdict->actions == 0)
        verdict->reason = rule->line;
    verdict->actions |= rule->action;
    verdict->hold_ns += rule->hold_ns;
    verdict->copies += rule->action == SCRIPT_DUPLICATE;
    if (rule->action == SCRIPT_CORRUPT)
        verdict->draw = hash_words((uint64_t[]){number, rule->matched}, 2);
}

void script_match(struct script *script, unsigned from, unsigned to,
                  const uint8_t *data, size_t captured_bytes,
                  size_t length_bytes, struct script_verdict *verdict)
{
    *verdict = (struct script_verdict){0};
    for (size_t i = 0; i < script->rule_count; i++) {
        struct rule *rule = &script->rules[i];
        if (!goes_there(rule, from, to) ||
            !filter_match(rule->filter, data, captured_bytes, length_bytes))
            continue;
        rule->matched++;
        if (is_chosen(rule))
            act(rule, i, verdict);
    }
}

bool script_is_cut(const struct script *script, int64_t now_ns,
                   const char **reason)
{
    for (size_t i = 0; i < script->cut_count; i++) {
        const struct cut *cut = &script->cuts[i];
        if (now_ns < cut->from_ns || now_ns >= cut->to_ns)
            continue;
        if (reason != NULL)
            *reason = cut->line;
        return true;
    }
    return false;
}

bool script_take_profile(struct script *script, int64_t now_ns,
                         struct profile *profile)
{
    struct change *next = NULL;
    for (size_t i = 0; i < script->change_count; i++) {
        struct change *change = &script->changes[i];
        bool due = !change->taken && change->at_ns <= now_ns;
        if (due && (next == NULL || change->at_ns < next->at_ns))
            next = change;
    }
    if (next == NULL)
        return false;
    next->taken = true;
    *profile = next->profile;
    return true;
}

bool script_has_rules(const struct script *script)
{
    return script->rule_count > 0;
}
