/* When a test is run again; see retry.h for the policy. */
#include "grade/retry.h"

static size_t count(const enum verdict *history, size_t n, enum verdict verdict)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += history[i] == verdict;
    return found;
}

struct retry retry_next(const enum verdict *history, size_t n)
{
    static const struct retry again = {.again = true, .verdict = VERDICT_INFRA};
    size_t passes = count(history, n, VERDICT_PASS);
    size_t fails = count(history, n, VERDICT_FAIL);
    if (count(history, n, VERDICT_SKIP) > 0)
        return (struct retry){.verdict = VERDICT_SKIP};
    if (fails >= 2)
        return (struct retry){.verdict = VERDICT_FAIL};
    if (passes > 0 && fails == 0)
        return (struct retry){.verdict = VERDICT_PASS};
    if (passes >= 2)
        return (struct retry){.verdict = VERDICT_FLAKY};
    /* Undecided.  A single fail that could not be confirmed, because the
     * machine gave out, is not held against the learner. */
    if (count(history, n, VERDICT_INFRA) >= RETRY_MAX_INFRA)
        return (struct retry){.verdict = VERDICT_INFRA};
    return again;
}
