/* fetch [-p] [-f] [-t SECONDS] HOST PORT NAME FILE [NAME FILE]…: gets files
 * from fetchd, or puts them there (-p), all on one connection.  The protocol is
 * in proto.h.
 *
 * What came is not believed before it is all there: a file that is fetched gets
 * its name when its last byte has arrived. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "dial.h"
#include "newfile.h"
#include "reader.h"
#include "talk.h"

enum { STALLED_S = 30 /* default of -t */ };

struct options {
    bool put;
    struct dial_options dial;
    const char *host, *port;
};

/* Carries out all NAME FILE pairs of the command line.
 * Returns the first exit status that is not 0. */
static int run(const struct options *options, char **pairs)
{
    int fd = dial(options->host, options->port, &options->dial);
    if (fd < 0) {
        complain("cannot reach %s port %s: %s", options->host, options->port,
                 dial_strerror(fd));
        return EXIT_NETWORK;
    }
    (void)pairs;
    not_done(5, "run() in fetch.c");
}

int main(int argc, char **argv)
{
    struct options options = {.dial = {.type = SOCK_STREAM}};
    int64_t port, deadline_s = STALLED_S;
    int option, wrong = 0;
    while ((option = getopt(argc, argv, "pft:")) != -1) {
        if (option == 'p')
            options.put = true;
        else if (option == 'f')
            options.dial.fast_open = true;
        else if (option != 't' ||
                 parse_number(optarg, 1, 3600, &deadline_s) < 0)
            wrong = 1;
    }
    int left = argc - optind;
    if (wrong || left < 4 || left % 2 != 0 ||
        parse_number(argv[optind + 1], 1, 65535, &port) < 0) {
        fputs("usage: fetch [-p] [-f] [-t SECONDS] HOST PORT NAME FILE "
              "[NAME FILE]...\n",
              stderr);
        return EXIT_USAGE;
    }
    options.dial.deadline_s = (int)deadline_s;
    options.host = argv[optind];
    options.port = argv[optind + 1];
    signal(SIGPIPE, SIG_IGN); /* a server that left is an error, not our end */
    return run(&options, argv + optind + 2);
}
