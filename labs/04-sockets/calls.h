/* fanout's book: which requests are out, when each is due to be sent again,
 * which were answered.  It knows no socket and reads no clock. */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

enum {
    CALLS_MAX = 100000,
    CALLS_WINDOW = 32,           /* requests out at once, at most */
    CALLS_ATTEMPTS = 5,          /* sendings of one request, at most */
    CALLS_FIRST_WAIT_MS = 200,   /* doubles with each attempt … */
    CALLS_LONGEST_WAIT_MS = 800, /* … up to this */
};

struct call {
    int64_t due_ns;    /* if it is out: when its wait is over */
    uint16_t attempts; /* sendings so far */
};

struct calls {
    uint32_t run_id;
    uint32_t count;             /* of requests */
    uint32_t begun;             /* ids below this were sent at least once */
    struct call *all;           /* [count] */
    uint32_t out[CALLS_WINDOW]; /* ids that wait for an answer */
    unsigned out_count;
    uint32_t answered, unanswered, retries, duplicates, ignored;
};

/* Returns 0, or -ENOMEM.  Ownership: calls_fini frees. */
int calls_init(struct calls *calls, uint32_t count, uint32_t run_id);
void calls_fini(struct calls *calls);

/* Finds what is to be sent now: a request whose wait is over, or a new one
 * while the window has room.  Gives up those that had all their attempts.
 * Returns true and fills `next`; call again until it returns false. */
bool calls_next(struct calls *calls, int64_t now_ns, struct message *next);

/* When calls_next() will have something again, unless an answer comes first;
 * INT64_MAX if it never will. */
int64_t calls_due_ns(const struct calls *calls);

/* Books an answer: the first to a request counts, any other is a duplicate,
 * one to what was never asked is ignored. */
void calls_answer(struct calls *calls, const struct message *answer);

bool calls_done(const struct calls *calls);

#endif
