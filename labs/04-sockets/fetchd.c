/* fetchd [-t SECONDS] PORT DIR: serves the files of a directory, and takes new
 * ones.  The protocol is in proto.h.
 *
 * One connection carries one request after another.  After each the stream must
 * stand exactly at the beginning of the next: hence the body of an upload that
 * is refused is read all the same.  Where that is impossible (a line that makes
 * no sense, a body without end) the only way out is to say so and close. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "listen.h"
#include "options.h"
#include "reader.h"
#include "serve.h"
#include "store.h"
#include "talk.h"

enum { STALLED_S = 60 /* default of -t */ };

struct fetchd {
    struct store store;
    int stalled_s;
};

/* Checkpoint 5.  `context` points to the struct fetchd. */
static void serve_client(int fd, void *context)
{
    (void)fd, (void)context;
    not_done(5, "serve_client() in fetchd.c");
}

static int run(uint16_t port, struct fetchd *fetchd)
{
    int fd = listen_on(SOCK_STREAM, port);
    if (fd < 0) {
        complain("cannot listen on TCP port %d: %s", port, strerror(-fd));
        return EXIT_NETWORK;
    }
    struct service service = {
        .tcp_fd = fd, .udp_fd = -1, .client = serve_client, .context = fetchd};
    int error = serve(&service);
    if (error == 0)
        return 0;
    complain("cannot go on: %s", strerror(-error));
    return EXIT_NETWORK;
}

int main(int argc, char **argv)
{
    int64_t port, stalled_s = STALLED_S;
    int option, wrong = 0;
    while ((option = getopt(argc, argv, "t:")) != -1) {
        if (option != 't' || parse_number(optarg, 2, 3600, &stalled_s) < 0)
            wrong = 1;
    }
    if (wrong || optind != argc - 2 ||
        parse_number(argv[optind], 1, 65535, &port) < 0) {
        fputs("usage: fetchd [-t SECONDS] PORT DIR\n", stderr);
        return EXIT_USAGE;
    }
    static struct fetchd fetchd; /* threads may outlive main's frame */
    fetchd.stalled_s = (int)stalled_s;
    const char *dir = argv[optind + 1];
    int error = store_open(&fetchd.store, dir);
    if (error < 0) {
        complain("cannot serve %s: %s", dir, strerror(-error));
        return EXIT_FILE;
    }
    return run((uint16_t)port, &fetchd);
}
