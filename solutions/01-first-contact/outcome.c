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
    /* BEGIN SOLUTION 2 */
    case ECONNREFUSED: /* a RST came back, or ICMP "port unreachable" */
        return FAILURE_REFUSED;
    case ETIMEDOUT:
        return FAILURE_TIMEOUT;
    case ENETUNREACH:  /* no route, here or at a router */
    case EHOSTUNREACH: /* a router says so, or ARP found nobody */
    case EACCES:       /* a filter of our own, or ICMP "prohibited" */
    case ENETDOWN:
    case EADDRNOTAVAIL: /* we have no address of that family */
        return FAILURE_UNREACHABLE;
    /* END SOLUTION */
    //> /* Checkpoint 2: refused, timeout, unreachable. */
    /* BEGIN SOLUTION 3 */
    case ECONNRESET:
    case EPIPE:
        return FAILURE_RESET;
    case ENODATA:
        return FAILURE_TRUNCATED;
    case EBADMSG:
        return FAILURE_MALFORMED;
    /* END SOLUTION */
    //> /* Checkpoint 3: reset, truncated, malformed. */
    default:
        return FAILURE_SYSTEM;
    }
}
