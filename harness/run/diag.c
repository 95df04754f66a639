/* sock_diag(7): what `ss` asks. */
#include "run/diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_BYTES = 32 * 1024, TIMER_RETRANSMIT = 1 };

int diag_open(const struct host *host)
{
    host_enter(host);
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    int result = fd < 0 ? -errno : fd;
    host_leave();
    return result;
}

static int ask(int fd, int family, int protocol, unsigned states)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } message = {
        .header = {.nlmsg_len = sizeof(message),
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = (uint8_t)family,
                    .sdiag_protocol = (uint8_t)protocol,
                    .idiag_states = states},
    };
    return send(fd, &message, sizeof(message), 0) < 0 ? -errno : 0;
}

static void decode(const struct inet_diag_msg *from, int protocol,
                   struct diag_socket *to)
{
    *to = (struct diag_socket){
        .family = from->idiag_family,
        .protocol = protocol,
        .state = from->idiag_state,
        .local_port = ntohs(from->id.idiag_sport),
        .remote_port = ntohs(from->id.idiag_dport),
        .receive_queue_bytes = from->idiag_rqueue,
        .send_queue_bytes = from->idiag_wqueue,
        .retransmits =
            from->idiag_timer == TIMER_RETRANSMIT ? from->idiag_retrans : 0,
        .inode = from->idiag_inode,
    };
    memcpy(to->local, from->id.idiag_src, sizeof(to->local));
    memcpy(to->remote, from->id.idiag_dst, sizeof(to->remote));
}

struct visit {
    int protocol;
    diag_fn *fn;
    void *context;
    bool stopped; /* the rest of the answer is read and thrown away */
};

/* Returns 1 at the end of the answer, 0 if more follows, or -errno. */
static int take_messages(char *data, ssize_t bytes, struct visit *visit)
{
    unsigned left = (unsigned)bytes;
    struct nlmsghdr *header = (struct nlmsghdr *)data;
    for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
        struct diag_socket socket;
        if (header->nlmsg_type == NLMSG_DONE)
            return 1;
        if (header->nlmsg_type == NLMSG_ERROR) {
            const struct nlmsgerr *error = NLMSG_DATA(header);
            return error->error ? error->error : 1;
        }
        if (visit->stopped)
            continue;
        decode(NLMSG_DATA(header), visit->protocol, &socket);
        visit->stopped = !visit->fn(&socket, visit->context);
    }
    return 0;
}

static int visit_family(int fd, int family, unsigned states,
                        struct visit *visit)
{
    _Alignas(struct nlmsghdr) char data[ANSWER_BYTES];
    int result = ask(fd, family, visit->protocol, states);
    while (result == 0) {
        ssize_t n = recv(fd, data, sizeof(data), 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        result = take_messages(data, n, visit);
    }
    return result < 0 ? result : 0;
}

int diag_visit(int fd, int protocol, unsigned states, diag_fn *fn,
               void *context)
{
    struct visit visit = {.protocol = protocol, .fn = fn, .context = context};
    int result = visit_family(fd, AF_INET, states, &visit);
    if (result < 0 || visit.stopped)
        return result;
    result = visit_family(fd, AF_INET6, states, &visit);
    /* A kernel without IPv6 has no such sockets. */
    return result == -ENOENT || result == -EAFNOSUPPORT ? 0 : result;
}
