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

/* Checkpoint 1: TCP.  `context` points to an int, the value of -t. */
static void echo_stream(int fd, void *context)
{
    (void)fd, (void)context;
    not_done(1, "echo_stream() in echod.c");
}

/* Checkpoint 3: UDP.  Answer the datagrams that wait, without blocking. */
static void echo_datagrams(int fd, void *context)
{
    (void)fd, (void)context;
    not_done(3, "echo_datagrams() in echod.c");
}

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
