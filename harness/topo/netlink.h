/* rtnetlink requests, as a message builder.
 *
 * Devices, addresses and routes are made by messages to the kernel instead of
 * by ip(8): a process costs a millisecond, a message ten microseconds, and a
 * topology needs dozens.  Several requests are queued and sent as one; the
 * kernel takes them in order and acknowledges each (RFC 3549 section 2). */
#ifndef TOPO_NETLINK_H
#define TOPO_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#include <linux/rtnetlink.h>

enum { RTNL_ERROR_BYTES = 160 };

struct rtnl {
    int fd;
    uint32_t sequence;   /* of the newest queued request */
    uint32_t unanswered; /* queued since the last commit */
    size_t length_bytes;
    struct nlmsghdr *open;        /* the request that rtnl_put adds to */
    char error[RTNL_ERROR_BYTES]; /* of the last commit that failed */
    /* Sees the answers that carry data, if it is set before the commit. */
    void (*visit)(const struct nlmsghdr *answer, void *context);
    void *visit_context;
    _Alignas(NLMSG_ALIGNTO) char queue[16384];
};

/* Opens a socket in the calling thread's network namespace, to which it belongs
 * from then on.  Returns 0 or -errno. */
int rtnl_open(struct rtnl *rtnl);
void rtnl_close(struct rtnl *rtnl);

/* Queues a request: `body` is the struct which its type begins with (ifinfomsg,
 * ifaddrmsg, rtmsg, ...).  `flags` are added to NLM_F_REQUEST | NLM_F_ACK. */
void rtnl_begin(struct rtnl *rtnl, uint16_t type, uint16_t flags,
                const void *body, size_t body_bytes);
/* Adds an attribute to the newest request. */
void rtnl_put(struct rtnl *rtnl, uint16_t type, const void *data, size_t bytes);
void rtnl_put_u8(struct rtnl *rtnl, uint16_t type, uint8_t value);
void rtnl_put_u32(struct rtnl *rtnl, uint16_t type, uint32_t value);
void rtnl_put_text(struct rtnl *rtnl, uint16_t type, const char *text);
/* Opens an attribute that holds attributes; pass what it returns to
 * rtnl_nest_end. */
size_t rtnl_nest(struct rtnl *rtnl, uint16_t type);
void rtnl_nest_end(struct rtnl *rtnl, size_t nest);
/* Adds bytes that are no attribute (veth's peer begins with an ifinfomsg). */
void rtnl_put_raw(struct rtnl *rtnl, const void *data, size_t bytes);

/* Finds an attribute among those in `bytes` bytes from `first` on; NULL if it
 * is not there. */
const struct rtattr *rtnl_find(const void *first, size_t bytes, uint16_t type);
/* The same among the attributes that another holds (which may be NULL). */
const struct rtattr *rtnl_find_in(const struct rtattr *holder, uint16_t type);

/* Sends what is queued and reads every answer.  Returns 0, or the first error
 * (-errno); `error` then says which request and, if the kernel does, why. */
int rtnl_commit(struct rtnl *rtnl);

#endif
