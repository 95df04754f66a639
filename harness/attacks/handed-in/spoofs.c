/* tries: sends in the asker's name: raw, bound, by ancillary data
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <arpa/inet.h>
#include <linux/in6.h>

#include <netinet/ip.h>

static int sends_as(const char *addr, int option)
{
    struct sockaddr_in as = {.sin_family = AF_INET, .sin_port = htons(9001)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9000)};
    int on = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);
    (void)setsockopt(fd, IPPROTO_IP, option, &on, sizeof(on));
    (void)inet_pton(AF_INET, addr, &as.sin_addr);
    (void)inet_pton(AF_INET, "10.77.1.1", &to.sin_addr);
    int worked = bind(fd, (struct sockaddr *)&as, sizeof(as)) == 0;
    close(fd);
    return worked;
}

static int sends_with_source(const char *addr)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
                            .cmsg_level = IPPROTO_IP,
                            .cmsg_type = IP_PKTINFO}};
    struct in_pktinfo info = {0};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9000)};
    struct iovec data = {.iov_base = "x", .iov_len = 1};
    struct msghdr message = {.msg_name = &to,
                             .msg_namelen = sizeof(to),
                             .msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    (void)inet_pton(AF_INET, "10.77.1.1", &to.sin_addr);
    (void)inet_pton(AF_INET, addr, &info.ipi_spec_dst);
    memcpy(CMSG_DATA(&control.header), &info, sizeof(info));
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return sendmsg(fd, &message, 0) >= 0;
}

int main(void)
{
    attempt("is bound to the asker's address", sends_as("10.77.1.1", 0));
    attempt("is bound freely", sends_as("10.77.1.1", IP_FREEBIND));
    attempt("is bound transparently", sends_as("10.77.1.1", IP_TRANSPARENT));
    attempt("chose the asker as source", sends_with_source("10.77.1.1"));
    attempt("chose a stranger as source", sends_with_source("10.99.0.1"));
    attempt("opened a raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_RAW) >= 0);
    return tried();
}
