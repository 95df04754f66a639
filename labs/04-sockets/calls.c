/* fanout's book; see calls.h.
 *
 * A request's life:
 *
 *      new ──send──> out ──answer──> answered ──answer──> (duplicate)
 *                    │ ^ │
 *                    └─┘ └─5 waits over──> unanswered ──answer──> (late)
 *               wait over: send again
 *
 * UDP loses, repeats and reorders, so the only thing that ties an answer to its
 * request is the id they share.  Repeating a request is safe because asking
 * twice does the same as asking once; the id makes counting twice impossible
 * too.  An answer that comes after its request was given up is booked as a
 * duplicate: the result was told already. */
#include "calls.h"

#include <errno.h>
#include <stdlib.h>

#include "cli.h"

int calls_init(struct calls *calls, uint32_t count, uint32_t run_id)
{
    *calls = (struct calls){.run_id = run_id, .count = count};
    calls->all = calloc(count, sizeof(*calls->all));
    return calls->all == NULL ? -ENOMEM : 0;
}

void calls_fini(struct calls *calls)
{
    free(calls->all);
    calls->all = NULL;
}

/* DOC: calls-next */
bool calls_next(struct calls *calls, int64_t now_ns, struct message *next)
{
    (void)calls, (void)now_ns, (void)next;
    not_done(3, "calls_next() in calls.c");
}

int64_t calls_due_ns(const struct calls *calls)
{
    (void)calls;
    not_done(3, "calls_due_ns() in calls.c");
}

/* DOC: calls-answer */
void calls_answer(struct calls *calls, const struct message *answer)
{
    (void)calls, (void)answer;
    not_done(3, "calls_answer() in calls.c");
}

bool calls_done(const struct calls *calls)
{
    return calls->answered + calls->unanswered == calls->count;
}
