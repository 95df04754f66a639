/* One attempt: from a name to the last byte of a reply. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "outcome.h"
#include "resolve.h"

/* What to ask of whom. */
struct target {
    const char *host, *path;
    uint16_t port;
    int family;         /* AF_UNSPEC, AF_INET, AF_INET6 */
    int64_t timeout_ns; /* of a whole attempt */
};

struct attempt {
    const struct target *target;
    struct addresses addresses;
    size_t used; /* which of them */
    /* Moments, see wait.h; 0: never. */
    int64_t began_ns, resolved_ns, connected_ns, sent_ns, first_byte_ns;
    int64_t ended_ns;
    int64_t body_bytes;
    int status; /* of HTTP, or 0 */
    enum stage stage;
    enum failure failure;
    const char *hint; /* what else may be said, or NULL */
};

/* Makes an attempt and tells all about it; failure is an answer too. */
void attempt_run(struct attempt *attempt, const struct target *target);

#endif
