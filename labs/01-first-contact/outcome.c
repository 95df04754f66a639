/* What became of an attempt; see outcome.h. */
#include "outcome.h"

#include <errno.h>
#include <stddef.h>

const char *stage_name(enum stage stage)
{
    static const char *const names[] = {"dns",  "connect", "send",
                                        "ttfb", "body",    NULL};
    return names[stage];
}

const char *failure_name(enum failure failure)
{
    static const char *const names[] = {
        [FAILURE_NONE] = NULL,
        [FAILURE_NXDOMAIN] = "nxdomain",
        [FAILURE_NO_ADDRESS] = "no_address",
        [FAILURE_DNS_TIMEOUT] = "dns_timeout",
        [FAILURE_DNS_FAILED] = "dns_failed",
        [FAILURE_REFUSED] = "refused",
        [FAILURE_TIMEOUT] = "timeout",
        [FAILURE_UNREACHABLE] = "unreachable",
        [FAILURE_RESET] = "reset",
        [FAILURE_TRUNCATED] = "truncated",
        [FAILURE_MALFORMED] = "malformed",
        [FAILURE_SYSTEM] = "system",
        [FAILURE_NOT_DONE] = "not_done",
    };
    return names[failure];
}

/* DOC: failure-of */
enum failure failure_of(int error)
{
    switch (-error) {
    case 0:
        return FAILURE_NONE;
    case ENOSYS:
        return FAILURE_NOT_DONE;
    /* Checkpoint 2: refused, timeout, unreachable. */
    /* Checkpoint 3: reset, truncated, malformed. */
    default:
        return FAILURE_SYSTEM;
    }
}
