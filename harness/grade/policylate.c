/* What it costs to be late; see policy.h. */
#include "base/strbuf.h"
#include "grade/policy.h"
#include "grade/when.h"

enum { DAY_S = 24 * 3600, ALL = 100000 /* thousandths of a percent */ };

static int64_t percent_of(const struct late_rules *rules, int64_t late_s)
{
    if (late_s <= rules->grace_s)
        return 0;
    int64_t units = (late_s + rules->unit_s - 1) / rules->unit_s;
    int64_t percent = units * rules->per_unit;
    return percent < rules->cap ? percent : rules->cap;
}

static int64_t penalty_of(const struct late_rules *rules, int64_t points,
                          int64_t max, int64_t late_s)
{
    int64_t of = rules->of_max ? max : points;
    int64_t penalty = of * percent_of(rules, late_s) / ALL;
    return penalty < points ? penalty : points;
}

static bool is_closed(const struct late_rules *rules, int64_t late_s)
{
    return late_s > rules->grace_s && rules->closes_s >= 0 &&
           late_s > rules->closes_s;
}

int64_t policy_penalty(const struct late_rules *rules, int64_t points,
                       int64_t max, int64_t late_s, int64_t days_left,
                       int64_t *days_spent)
{
    *days_spent = 0;
    if (!rules->given)
        return 0;
    if (is_closed(rules, late_s))
        return points;
    int64_t least = penalty_of(rules, points, max, late_s);
    if (days_left > rules->days_here)
        days_left = rules->days_here;
    for (int64_t days = 1; days <= days_left && least > 0; days++) {
        int64_t penalty = penalty_of(rules, points, max, late_s - days * DAY_S);
        if (penalty < least) {
            least = penalty;
            *days_spent = days;
        }
    }
    return least;
}

char *policy_late_reason(const struct late_rules *rules, int64_t late_s,
                         int64_t days_spent, int64_t penalty)
{
    char span[WHEN_SPAN_BYTES];
    struct strbuf text = {0};
    when_span(late_s, span);
    strbuf_printf(&text, "handed in %s late", span);
    if (is_closed(rules, late_s)) {
        strbuf_printf(&text, ", after it was closed");
        return text.text;
    }
    if (days_spent > 0)
        strbuf_printf(&text, ", %lld late day%s spent", (long long)days_spent,
                      days_spent == 1 ? "" : "s");
    if (penalty > 0)
        strbuf_printf(&text, ": %g %% of the points %s",
                      (double)percent_of(rules, late_s - days_spent * DAY_S) /
                          1000,
                      rules->of_max ? "there are" : "earned");
    return text.text;
}
