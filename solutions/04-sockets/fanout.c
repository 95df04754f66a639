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

/* BEGIN SOLUTION 3 */
static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* DOC: is-fatal
 * The socket is connected, so that the kernel can tell us of an ICMP "port
 * unreachable" that one of our datagrams caused (RFC 1122 section 4.1.3.3).  It
 * is reported by whichever call comes next, as ECONNREFUSED: nobody is there,
 * and asking again would not help.  Everything else that a datagram may suffer
 * is like its loss. */
static bool is_fatal(int error)
{
    return error == ECONNREFUSED;
}

static int send_due(int fd, struct calls *calls)
{
    struct message next;
    while (calls_next(calls, clock_ns(), &next)) {
        uint8_t datagram[MESSAGE_BYTES];
        message_format(datagram, &next);
        if (send(fd, datagram, sizeof(datagram), 0) < 0 && is_fatal(errno))
            return -errno;
    }
    return 0;
}

/* DOC: receive-waiting
 * One byte more than a message has: a longer datagram is cut to that, and so
 * does not look like a right one. */
static int receive_waiting(int fd, struct calls *calls)
{
    for (;;) {
        uint8_t datagram[MESSAGE_BYTES + 1];
        ssize_t n = recv(fd, datagram, sizeof(datagram), MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return is_fatal(errno) ? -errno : 0;
        struct message answer;
        if (message_parse(datagram, (size_t)n, &answer) > 0)
            calls_answer(calls, &answer);
        else
            calls->ignored++;
    }
}

/* Waits for an answer, or until the next request is due. */
static int await(int fd, const struct calls *calls)
{
    int64_t left_ns = calls_due_ns(calls) - clock_ns();
    if (left_ns < 0)
        left_ns = 0;
    struct timespec left = {.tv_sec = left_ns / 1000000000,
                            .tv_nsec = left_ns % 1000000000};
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (ppoll(&wait, 1, &left, NULL) < 0 && errno != EINTR)
        return -errno;
    return 0;
}

static int ask_all(int fd, struct calls *calls)
{
    int error = send_due(fd, calls);
    while (error == 0 && !calls_done(calls)) {
        error = await(fd, calls);
        if (error == 0)
            error = receive_waiting(fd, calls);
        if (error == 0)
            error = send_due(fd, calls);
    }
    return error;
}

static void print_result(const struct calls *calls)
{
    printf("requests=%" PRIu32 " answered=%" PRIu32 " unanswered=%" PRIu32
           " retries=%" PRIu32 " duplicates=%" PRIu32 " ignored=%" PRIu32 "\n",
           calls->count, calls->answered, calls->unanswered, calls->retries,
           calls->duplicates, calls->ignored);
}

/* A run id that no earlier run had, so that its late answers are not ours. */
static int random_id(uint32_t *id)
{
    return getrandom(id, sizeof(*id), 0) == sizeof(*id) ? 0 : -EIO;
}

/* END SOLUTION */
/* Asks on a connected socket.  Returns the exit status. */
static int run(int fd, uint32_t count)
{
    /* BEGIN SOLUTION 3 */
    struct calls calls;
    uint32_t run_id;
    int error = random_id(&run_id);
    if (error == 0)
        error = calls_init(&calls, count, run_id);
    if (error != 0) {
        complain("cannot begin: %s", strerror(-error));
        return EXIT_FILE;
    }
    error = ask_all(fd, &calls);
    print_result(&calls);
    int status = calls.unanswered > 0 ? EXIT_REFUSED : 0;
    if (error != 0) {
        complain("%s", strerror(-error));
        status = EXIT_NETWORK;
    }
    calls_fini(&calls);
    return status;
    /* END SOLUTION */
    //> (void)fd, (void)count;
    //> not_done(3, "run() in fanout.c");
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
