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

//> #include "cli.h"

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

/* BEGIN SOLUTION 3 */
/* Back-off: a network that loses because it is full must get less, not more. */
static int64_t wait_ns(uint16_t attempts)
{
    int64_t ms = CALLS_FIRST_WAIT_MS;
    for (int i = 1; i < attempts && ms < CALLS_LONGEST_WAIT_MS; i++)
        ms *= 2;
    return ms * 1000000;
}

static void send_out(struct calls *calls, uint32_t id, int64_t now_ns,
                     struct message *next)
{
    struct call *call = &calls->all[id];
    call->attempts++;
    call->due_ns = now_ns + wait_ns(call->attempts);
    *next = (struct message){
        .run_id = calls->run_id, .request_id = id, .attempt = call->attempts};
}

/* Order among those that are out does not matter. */
static void bring_in(struct calls *calls, unsigned place)
{
    calls->out[place] = calls->out[--calls->out_count];
}

static bool next_retry(struct calls *calls, int64_t now_ns,
                       struct message *next)
{
    unsigned place = 0;
    while (place < calls->out_count) {
        uint32_t id = calls->out[place];
        if (calls->all[id].due_ns > now_ns) {
            place++;
        } else if (calls->all[id].attempts == CALLS_ATTEMPTS) {
            calls->unanswered++;
            bring_in(calls, place);
        } else {
            calls->retries++;
            send_out(calls, id, now_ns, next);
            return true;
        }
    }
    return false;
}

/* END SOLUTION */
/* DOC: calls-next */
bool calls_next(struct calls *calls, int64_t now_ns, struct message *next)
{
    /* BEGIN SOLUTION 3 */
    if (next_retry(calls, now_ns, next))
        return true;
    if (calls->begun == calls->count || calls->out_count == CALLS_WINDOW)
        return false;
    calls->out[calls->out_count++] = calls->begun;
    send_out(calls, calls->begun++, now_ns, next);
    return true;
    /* END SOLUTION */
    //> (void)calls, (void)now_ns, (void)next;
    //> not_done(3, "calls_next() in calls.c");
}

int64_t calls_due_ns(const struct calls *calls)
{
    /* BEGIN SOLUTION 3 */
    int64_t due_ns = INT64_MAX;
    for (unsigned i = 0; i < calls->out_count; i++) {
        if (calls->all[calls->out[i]].due_ns < due_ns)
            due_ns = calls->all[calls->out[i]].due_ns;
    }
    return due_ns;
    /* END SOLUTION */
    //> (void)calls;
    //> not_done(3, "calls_due_ns() in calls.c");
}

/* DOC: calls-answer */
void calls_answer(struct calls *calls, const struct message *answer)
{
    /* BEGIN SOLUTION 3 */
    uint32_t id = answer->request_id;
    if (answer->run_id != calls->run_id || id >= calls->begun ||
        answer->attempt == 0 || answer->attempt > calls->all[id].attempts) {
        calls->ignored++;
        return;
    }
    for (unsigned i = 0; i < calls->out_count; i++) {
        if (calls->out[i] == id) {
            bring_in(calls, i);
            calls->answered++;
            return;
        }
    }
    calls->duplicates++;
    /* END SOLUTION */
    //> (void)calls, (void)answer;
    //> not_done(3, "calls_answer() in calls.c");
}

bool calls_done(const struct calls *calls)
{
    return calls->answered + calls->unanswered == calls->count;
}
