/* pinger [-i INTERVAL_MS] [-w WAIT_MS] HOST COUNT: sends COUNT echo requests by
 * the raw ICMP socket that is open as descriptor 3, and tells what came back.
 *
 * Requests go out on a timetable, whatever comes in; after the last one pinger
 * waits WAIT_MS for what is late.  It does not leave when everything has been
 * answered: a duplicate may still come. */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lab.h"
#include "pings.h"

struct timetable {
    int64_t interval_ns, wait_ns;
};

/* DOC: ping-all
 * One loop, one wait: until the next request is due, or the end is.  Returns 0
 * or -errno. */
static int ping_all(struct pings *pings, const struct sockaddr_in *to,
                    struct timetable timetable)
{
    (void)pings, (void)to, (void)timetable;
    to_do(7, "ping_all() in pinger.c");
}

static void print_result(const struct pings *pings)
{
    printf("sent=%" PRIu32 " received=%" PRIu32 " lost=%" PRIu32
           " duplicates=%" PRIu32 " reordered=%" PRIu32 " ignored=%" PRIu32
           "\n",
           pings->sent, pings->received, pings->sent - pings->received,
           pings->duplicates, pings->reordered, pings->ignored);
    if (pings->received > 0)
        printf("rtt_min=%.3f rtt_avg=%.3f rtt_max=%.3f ms\n",
               (double)pings->rtt_min_ns / 1e6,
               (double)pings->rtt_sum_ns / pings->received / 1e6,
               (double)pings->rtt_max_ns / 1e6);
}

static int find_host(const char *name, struct sockaddr_in *address)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *list;
    int error = getaddrinfo(name, NULL, &hints, &list);
    if (error != 0)
        return fail(EXIT_TROUBLE, "%s: %s", name, gai_strerror(error));
    memcpy(address, list->ai_addr, sizeof(*address));
    freeaddrinfo(list);
    return 0;
}

static int run(const struct sockaddr_in *to, uint32_t count,
               struct timetable timetable)
{
    struct pings pings;
    uint16_t id;
    uint8_t peer[4];
    memcpy(peer, &to->sin_addr, sizeof(peer));
    if (getrandom(&id, sizeof(id), 0) != sizeof(id) ||
        pings_init(&pings, count, id, peer) < 0)
        return fail(EXIT_TROUBLE, "cannot begin: no randomness, or no memory");
    int error = ping_all(&pings, to, timetable);
    print_result(&pings);
    int status = pings.received > 0 ? 0 : EXIT_TROUBLE;
    if (error != 0)
        status =
            fail(EXIT_TROUBLE, "descriptor %d: %s", GIVEN_FD, strerror(-error));
    pings_fini(&pings);
    return status;
}

/* Digits alone, from 1.  Returns -1 if it is anything else. */
static int64_t parse_count(const char *text, int64_t limit)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool digits = text[strspn(text, "0123456789")] == '\0' && end != text;
    return digits && errno == 0 && number >= 1 && number <= limit ? number : -1;
}

int main(int argc, char **argv)
{
    int64_t interval_ms = 20, wait_ms = 1000;
    int option;
    bool wrong = false;
    while ((option = getopt(argc, argv, "i:w:")) != -1) {
        int64_t *value = option == 'i' ? &interval_ms : &wait_ms;
        if (option != '?')
            *value = parse_count(optarg, 3600000);
        wrong |= option == '?' || *value < 0;
    }
    int64_t count =
        optind == argc - 2 ? parse_count(argv[optind + 1], PINGS_MAX) : -1;
    if (wrong || count < 0) {
        fputs("usage: pinger [-i INTERVAL_MS] [-w WAIT_MS] HOST COUNT\n",
              stderr);
        return EXIT_USAGE;
    }
    struct sockaddr_in to;
    int status = find_host(argv[optind], &to);
    if (status != 0)
        return status;
    return run(&to, (uint32_t)count,
               (struct timetable){.interval_ns = interval_ms * 1000000,
                                  .wait_ns = wait_ms * 1000000});
}
