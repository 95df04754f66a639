/* What became of an attempt: the stage it failed in, and of what. */
#ifndef OUTCOME_H
#define OUTCOME_H

/* In the order in which a request passes them. */
enum stage {
    STAGE_DNS,     /* a name becomes addresses */
    STAGE_CONNECT, /* one of them takes a connection */
    STAGE_SEND,    /* the request is handed to the kernel */
    STAGE_TTFB,    /* the first byte of the reply comes */
    STAGE_BODY,    /* the rest of it comes */
    STAGE_DONE,
};

enum failure {
    FAILURE_NONE,
    FAILURE_NXDOMAIN,    /* there is no such name */
    FAILURE_NO_ADDRESS,  /* there is, but without an address of this family */
    FAILURE_DNS_TIMEOUT, /* no name server has answered by the deadline */
    FAILURE_DNS_FAILED,  /* name servers cannot be reached, or cannot tell */
    FAILURE_REFUSED,     /* the host lives, nobody has the port */
    FAILURE_TIMEOUT,     /* nothing came by the deadline */
    FAILURE_UNREACHABLE, /* a router, or our own kernel, knows no way */
    FAILURE_RESET,       /* the connection was torn down */
    FAILURE_TRUNCATED,   /* the reply ended before its end */
    FAILURE_MALFORMED,   /* what came is no HTTP/1.1 reply */
    FAILURE_SYSTEM,      /* our own machine refuses something */
    FAILURE_NOT_DONE,    /* the skeleton: this is still to be written */
};

/* "dns", "connect"; NULL for STAGE_DONE. */
const char *stage_name(enum stage stage);
/* "nxdomain", "refused"; NULL for FAILURE_NONE. */
const char *failure_name(enum failure failure);

/* What a system call's negative errno means to who reads the report: of
 * ENODATA (the stream ended too soon) and EBADMSG (no HTTP) too; 0 is none,
 * and all that is not told of here is FAILURE_SYSTEM. */
enum failure failure_of(int error);

#endif
