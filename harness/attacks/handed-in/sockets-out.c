/* tries: vsock, packet, raw, netlink and crypto sockets, a TUN device
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <linux/netlink.h>
#include <net/ethernet.h>

int main(void)
{
    attempt("opened a vsock", socket(AF_VSOCK, SOCK_STREAM, 0) >= 0);
    attempt("opened a packet socket",
            socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) >= 0);
    attempt("opened a raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_UDP) >= 0);
    attempt("opened AF_ALG", socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0);
    attempt("opened Bluetooth", socket(AF_BLUETOOTH, SOCK_RAW, 1) >= 0);
    attempt("opened a TUN device", open("/dev/net/tun", O_RDWR) >= 0);
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    struct {
        struct nlmsghdr header;
        char rest[32];
    } request = {.header = {.nlmsg_len = sizeof(request),
                            .nlmsg_type = 16, /* RTM_NEWLINK */
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK}};
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[64];
    } answer = {.error.error = -1};
    (void)send(fd, &request, sizeof(request), 0);
    attempt("changed a device",
            recv(fd, &answer, sizeof(answer), 0) > 0 && !answer.error.error);
    return tried();
}
