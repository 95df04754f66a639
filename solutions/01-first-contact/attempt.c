/* One attempt, stage by stage; see attempt.h.
 *
 * Each stage notes the moment at which it was completed, and has what is left
 * of one deadline. */
#include "attempt.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "exchange.h"
#include "http.h"
#include "pathmtu.h"
#include "reach.h"
#include "wait.h"

enum { REQUEST_BYTES = HTTP_PATH_BYTES + 1024 };

static void fail(struct attempt *attempt, enum stage stage,
                 enum failure failure)
{
    attempt->stage = stage;
    attempt->failure = failure;
}

static int send_request(int fd, const struct target *target,
                        int64_t deadline_ns)
{
    char *request = malloc(REQUEST_BYTES);
    if (request == NULL)
        return -ENOMEM;
    int bytes = http_request(request, REQUEST_BYTES, target->host, target->port,
                             target->path);
    int error = bytes;
    if (bytes > 0)
        error = send_all(fd, request, (size_t)bytes, deadline_ns);
    free(request);
    return error;
}

/* DOC: read-reply */
static void read_reply(struct attempt *attempt, int fd, int64_t deadline_ns)
{
    struct reply reply;
    int error = receive_reply(fd, deadline_ns, &reply);
    attempt->first_byte_ns = reply.first_byte_ns;
    attempt->status = reply.status;
    attempt->body_bytes = reply.body_bytes;
    if (error == 0)
        return;
    fail(attempt, reply.first_byte_ns ? STAGE_BODY : STAGE_TTFB,
         failure_of(error));
    /* BEGIN SOLUTION 6 */
    if (error == -ETIMEDOUT && attempt->stage == STAGE_BODY &&
        path_loses_large_packets(fd))
        attempt->hint = PATHMTU_HINT;
    /* END SOLUTION */
    //> /* Checkpoint 6: a reply that has begun and stalls has a reason. */
}

static void talk(struct attempt *attempt, int fd, int64_t deadline_ns)
{
    int error = send_request(fd, attempt->target, deadline_ns);
    if (error < 0) {
        fail(attempt, STAGE_SEND, failure_of(error));
        return;
    }
    attempt->sent_ns = clock_ns();
    read_reply(attempt, fd, deadline_ns);
}

/* DOC: stages */
static void pass_stages(struct attempt *attempt, int64_t deadline_ns)
{
    const struct target *target = attempt->target;
    struct addresses *addresses = &attempt->addresses;
    enum failure failure = resolve(target->host, target->port, target->family,
                                   deadline_ns, addresses);
    if (failure != FAILURE_NONE) {
        fail(attempt, STAGE_DNS, failure);
        return;
    }
    attempt->resolved_ns = clock_ns();
    addresses_interleave(addresses);
    int fd = reach(addresses, deadline_ns, &attempt->used);
    if (fd < 0) {
        fail(attempt, STAGE_CONNECT, failure_of(fd));
        return;
    }
    attempt->connected_ns = clock_ns();
    talk(attempt, fd, deadline_ns);
    (void)close(fd); /* nothing of ours is under way */
}

void attempt_run(struct attempt *attempt, const struct target *target)
{
    *attempt = (struct attempt){.target = target, .stage = STAGE_DONE};
    attempt->began_ns = clock_ns();
    pass_stages(attempt, attempt->began_ns + target->timeout_ns);
    attempt->ended_ns = clock_ns();
}
