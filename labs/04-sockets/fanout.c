/* fanout HOST PORT N: asks N questions by UDP, up to CALLS_WINDOW at once,
 * and counts the answers.  An echo server answers them: message.h has the
 * datagrams, calls.h the rules of asking again. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "cli.h"
#include "dial.h"
#include "message.h"

/* Asks on a connected socket.  Returns the exit status. */
static int run(int fd, uint32_t count)
{
    (void)fd, (void)count;
    not_done(3, "run() in fanout.c");
}

int main(int argc, char **argv)
{
    int64_t port, count;
    if (argc != 4 || parse_number(argv[2], 1, 65535, &port) < 0 ||
        parse_number(argv[3], 1, CALLS_MAX, &count) < 0) {
        fputs("usage: fanout HOST PORT N\n", stderr);
        return EXIT_USAGE;
    }
    struct dial_options options = {.type = SOCK_DGRAM};
    int fd = dial(argv[1], argv[2], &options);
    if (fd < 0) {
        complain("cannot reach %s port %s: %s", argv[1], argv[2],
                 dial_strerror(fd));
        return EXIT_NETWORK;
    }
    int status = run(fd, (uint32_t)count);
    (void)close(fd); /* a datagram socket has nothing left to send */
    return status;
}
