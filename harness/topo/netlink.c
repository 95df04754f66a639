/* rtnetlink requests; see netlink.h. */
#include "topo/netlink.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

int rtnl_open(struct rtnl *rtnl)
{
    memset(rtnl, 0, offsetof(struct rtnl, queue));
    rtnl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (rtnl->fd < 0)
        return -errno;
    int on = 1; /* best effort: older kernels give the number alone */
    (void)setsockopt(rtnl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
    (void)setsockopt(rtnl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
    return 0;
}

void rtnl_close(struct rtnl *rtnl)
{
    if (rtnl->fd >= 0)
        close(rtnl->fd);
    rtnl->fd = -1;
}

/* Reserves aligned, zeroed room at the end of the queue. */
static void *grow(struct rtnl *rtnl, size_t bytes)
{
    size_t aligned = NLMSG_ALIGN(bytes);
    assert(rtnl->length_bytes + aligned <= sizeof(rtnl->queue));
    void *room = rtnl->queue + rtnl->length_bytes;
    memset(room, 0, aligned);
    rtnl->length_bytes += aligned;
    if (rtnl->open)
        rtnl->open->nlmsg_len += (uint32_t)aligned;
    return room;
}

void rtnl_begin(struct rtnl *rtnl, uint16_t type, uint16_t flags,
                const void *body, size_t body_bytes)
{
    rtnl->open = NULL;
    struct nlmsghdr *header = grow(rtnl, NLMSG_HDRLEN);
    header->nlmsg_len = NLMSG_HDRLEN;
    header->nlmsg_type = type;
    header->nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST | NLM_F_ACK);
    header->nlmsg_seq = ++rtnl->sequence;
    rtnl->open = header;
    rtnl->unanswered++;
    rtnl_put_raw(rtnl, body, body_bytes);
}

void rtnl_put_raw(struct rtnl *rtnl, const void *data, size_t bytes)
{
    void *room = grow(rtnl, bytes);
    if (bytes > 0)
        memcpy(room, data, bytes);
}

void rtnl_put(struct rtnl *rtnl, uint16_t type, const void *data, size_t bytes)
{
    struct rtattr *attribute = grow(rtnl, RTA_LENGTH(bytes));
    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(bytes);
    if (bytes > 0)
        memcpy(RTA_DATA(attribute), data, bytes);
}

void rtnl_put_u8(struct rtnl *rtnl, uint16_t type, uint8_t value)
{
    rtnl_put(rtnl, type, &value, sizeof(value));
}

void rtnl_put_u32(struct rtnl *rtnl, uint16_t type, uint32_t value)
{
    rtnl_put(rtnl, type, &value, sizeof(value));
}

void rtnl_put_text(struct rtnl *rtnl, uint16_t type, const char *text)
{
    rtnl_put(rtnl, type, text, strlen(text) + 1);
}

size_t rtnl_nest(struct rtnl *rtnl, uint16_t type)
{
    size_t nest = rtnl->length_bytes;
    rtnl_put(rtnl, type, NULL, 0);
    return nest;
}

void rtnl_nest_end(struct rtnl *rtnl, size_t nest)
{
    struct rtattr *attribute = (struct rtattr *)(void *)(rtnl->queue + nest);
    attribute->rta_len = (unsigned short)(rtnl->length_bytes - nest);
}

const struct rtattr *rtnl_find(const void *first, size_t bytes, uint16_t type)
{
    const struct rtattr *attribute = first;
    unsigned left = (unsigned)bytes;
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        if ((attribute->rta_type & NLA_TYPE_MASK) == type)
            return attribute;
    }
    return NULL;
}

const struct rtattr *rtnl_find_in(const struct rtattr *holder, uint16_t type)
{
    if (holder == NULL)
        return NULL;
    return rtnl_find(RTA_DATA(holder), RTA_PAYLOAD(holder), type);
}

/* Finds the kernel's own words behind an error, if it sent any. */
static const char *kernel_message(const struct nlmsghdr *header)
{
    if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
        return NULL;
    const struct nlmsgerr *answer = NLMSG_DATA(header);
    size_t skip = sizeof(*answer); /* the request's header is in it */
    if (!(header->nlmsg_flags & NLM_F_CAPPED))
        skip += NLMSG_ALIGN(answer->msg.nlmsg_len) - NLMSG_HDRLEN;
    const char *at = (const char *)answer + skip;
    const char *end = (const char *)header + header->nlmsg_len;
    const struct rtattr *words =
        rtnl_find(at, (size_t)(end - at), NLMSGERR_ATTR_MSG);
    return words ? RTA_DATA(words) : NULL;
}

static void keep_error(struct rtnl *rtnl, const struct nlmsghdr *header,
                       int error)
{
    const char *words = kernel_message(header);
    uint32_t first = rtnl->sequence - rtnl->unanswered;
    snprintf(rtnl->error, sizeof(rtnl->error), "%s (request %u)%s%s",
             strerror(-error), header->nlmsg_seq - first, words ? ": " : "",
             words ? words : "");
}

/* Reads one datagram of answers.  Counts them in *answered; the first error
 * goes to *result. */
static int read_answers(struct rtnl *rtnl, uint32_t *answered, int *result)
{
    _Alignas(NLMSG_ALIGNTO) char buffer[8192];
    ssize_t n = recv(rtnl->fd, buffer, sizeof(buffer), 0);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    struct nlmsghdr *header = (struct nlmsghdr *)(void *)buffer;
    unsigned left = (unsigned)n;
    for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
        if (header->nlmsg_type != NLMSG_ERROR) {
            if (rtnl->visit)
                rtnl->visit(header, rtnl->visit_context);
            continue;
        }
        int error = ((struct nlmsgerr *)NLMSG_DATA(header))->error;
        if (error != 0 && *result == 0) {
            *result = error;
            keep_error(rtnl, header, error);
        }
        (*answered)++;
    }
    return 0;
}

int rtnl_commit(struct rtnl *rtnl)
{
    int result = 0, error = 0;
    uint32_t answered = 0;
    if (rtnl->length_bytes > 0 &&
        send(rtnl->fd, rtnl->queue, rtnl->length_bytes, 0) < 0)
        error = -errno;
    while (error == 0 && answered < rtnl->unanswered)
        error = read_answers(rtnl, &answered, &result);
    if (error != 0) {
        snprintf(rtnl->error, sizeof(rtnl->error), "%s", strerror(-error));
        result = error;
    }
    rtnl->length_bytes = 0;
    rtnl->unanswered = 0;
    rtnl->open = NULL;
    return result;
}
