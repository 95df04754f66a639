/* echod [-t SECONDS] PORT: sends back what it gets, on TCP and UDP.
 *
 * On TCP it is a stream: bytes come back in their order, in whatever pieces,
 * until the client has closed its half and everything is sent back.  On UDP it
 * is messages: each comes back whole or not at all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli.h"
#include "io.h"
#include "listen.h"
#include "options.h"
#include "serve.h"

enum {
    STREAM_BYTES = 64 * 1024,
    DATAGRAM_MAX_BYTES = 4096, /* longer ones are not answered */
    DATAGRAM_BURST = 64,       /* answered before TCP clients get a look */
    CONTROL_BYTES = 256,
    VANISHED_S = 60, /* default of -t */
};

/* BEGIN SOLUTION 1 */
/* DOC: echo-stream */
static void echo_stream(int fd, void *context)
{
    const int *vanished_s = context;
    char buffer[STREAM_BYTES];
    if (options_nodelay(fd) < 0 || options_keepalive(fd, *vanished_s) < 0)
        return; /* the client was gone before it was served */
    ssize_t n;
    while ((n = read_some(fd, buffer, sizeof(buffer))) > 0) {
        if (write_full(fd, buffer, (size_t)n) < 0)
            return;
    }
}

/* END SOLUTION */
/* BEGIN SOLUTION 3 */
/* DOC: echo-datagram
 * The buffer is as long as the longest message we answer; MSG_TRUNC in the
 * flags tells that there was more.  The control message says at which of our
 * addresses the datagram arrived, and given back to sendmsg(2) as it came makes
 * the answer leave from there. */
static ssize_t echo_datagram(int fd)
{
    char data[DATAGRAM_MAX_BYTES];
    _Alignas(struct cmsghdr) char control[CONTROL_BYTES];
    struct sockaddr_storage from;
    struct iovec part = {.iov_base = data, .iov_len = sizeof(data)};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof(from),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
    if (n < 0)
        return -errno;
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
        return 0;             /* half an echo would be a lie */
    part.iov_len = (size_t)n; /* 0 is a message like any other */
    (void)sendmsg(fd, &message, MSG_DONTWAIT); /* UDP may lose it: so may we */
    return 0;
}

static void echo_datagrams(int fd, void *context)
{
    (void)context;
    for (int i = 0; i < DATAGRAM_BURST && echo_datagram(fd) == 0; i++)
        ;
}

/* END SOLUTION */
//> /* Checkpoint 1: TCP.  `context` points to an int, the value of -t. */
//> static void echo_stream(int fd, void *context)
//> {
//>     (void)fd, (void)context;
//>     not_done(1, "echo_stream() in echod.c");
//> }
//>
//> /* Checkpoint 3: UDP.  Answer the datagrams that wait, without blocking. */
//> static void echo_datagrams(int fd, void *context)
//> {
//>     (void)fd, (void)context;
//>     not_done(3, "echo_datagrams() in echod.c");
//> }
//>
static int echo(uint16_t port, int vanished_s)
{
    int tcp_fd = listen_on(SOCK_STREAM, port);
    if (tcp_fd < 0) {
        complain("cannot listen on TCP port %d: %s", port, strerror(-tcp_fd));
        return EXIT_NETWORK;
    }
    int udp_fd = listen_on(SOCK_DGRAM, port);
    if (udp_fd < 0) {
        complain("cannot have UDP port %d: %s", port, strerror(-udp_fd));
        (void)close(tcp_fd); /* the program ends anyway */
        return EXIT_NETWORK;
    }
    struct service service = {.tcp_fd = tcp_fd,
                              .udp_fd = udp_fd,
                              .client = echo_stream,
                              .datagram = echo_datagrams,
                              .context = &vanished_s};
    int error = serve(&service);
    if (error == 0)
        return 0;
    complain("cannot go on: %s", strerror(-error));
    return EXIT_NETWORK;
}

int main(int argc, char **argv)
{
    int64_t port, vanished_s = VANISHED_S;
    int option, wrong = 0;
    while ((option = getopt(argc, argv, "t:")) != -1) {
        if (option != 't' || parse_number(optarg, 2, 3600, &vanished_s) < 0)
            wrong = 1;
    }
    if (wrong || optind != argc - 1 ||
        parse_number(argv[optind], 1, 65535, &port) < 0) {
        fputs("usage: echod [-t SECONDS] PORT\n", stderr);
        return EXIT_USAGE;
    }
    return echo((uint16_t)port, (int)vanished_s);
}
