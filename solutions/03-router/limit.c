/* A token bucket; see limit.h.  It counts thousandths of tokens, so that one
 * millisecond brings a whole number of them at any rate. */
#include "limit.h"

//> #include "say.h"
//>
enum { WHOLE = 1000 };

void limit_init(struct limit *limit, unsigned per_s, unsigned burst,
                int64_t now_ms)
{
    *limit = (struct limit){.per_s = per_s,
                            .burst = burst,
                            .millitokens = (int64_t)burst * WHOLE,
                            .filled_ms = now_ms};
}

/* DOC: limit-take */
bool limit_take(struct limit *limit, int64_t now_ms)
{
    /* BEGIN SOLUTION 4 */
    int64_t most = (int64_t)limit->burst * WHOLE;
    limit->millitokens += (now_ms - limit->filled_ms) * limit->per_s;
    limit->filled_ms = now_ms;
    if (limit->millitokens > most)
        limit->millitokens = most;
    if (limit->millitokens < WHOLE)
        return false;
    limit->millitokens -= WHOLE;
    return true;
    /* END SOLUTION */
    //> (void)limit, (void)now_ms;
    //> UNWRITTEN_HERE(4, "limit_take() in limit.c");
    //> return true;
}
