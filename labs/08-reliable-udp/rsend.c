/* rsend [-w WINDOW] [-i ISN] HOST PORT FILE: sends a file.
 *
 * The loop: take in what has come, let timers run, send what may be sent, wait
 * for an ACK or for the next timer.  It never waits without a deadline and
 * never without a reason.
 *
 * The time by which timers are judged is read before the socket is emptied.  We
 * may have had to wait for a CPU for longer than a timer runs, with the ACK
 * that would have stopped it in the socket all the while: a kernel takes that
 * in first, and so do we. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "exits.h"
#include "sender.h"

struct options {
    unsigned window;
    uint32_t initial;
    const char *host, *port, *file;
};

static int usage(void)
{
    fputs("usage: rsend [-w WINDOW] [-i ISN] HOST PORT FILE\n"
          "  -w WINDOW  at most this many segments under way, 1..65536\n"
          "  -i ISN     the first sequence number, instead of a random one\n",
          stderr);
    return EXIT_USAGE;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    uint64_t value;
    int option;

    while ((option = getopt(argc, argv, "w:i:")) != -1) {
        switch (option) {
        case 'w':
            if (!args_number(optarg, 1, SENDER_MAX_WINDOW, &value))
                return false;
            options->window = (unsigned)value;
            break;
        case 'i':
            if (!args_number(optarg, 0, UINT32_MAX, &value))
                return false;
            options->initial = (uint32_t)value;
            break;
        default:
            return false;
        }
    }
    if (argc - optind != 3)
        return false;
    options->host = argv[optind];
    options->port = argv[optind + 1];
    options->file = argv[optind + 2];
    return args_number(options->port, 1, UINT16_MAX, &value);
}

static int take_answers(struct sender *sender, struct udp_in *in)
{
    struct sockaddr_in from;
    const uint8_t *datagram;
    struct wire wire;
    size_t bytes;
    int n;

    while ((n = udp_in_fill(in)) > 0) {
        int64_t now = clock_now_us();
        while ((datagram = udp_in_next(in, &bytes, &from)))
            if (wire_decode(&wire, datagram, bytes) > 0)
                sender_receive(sender, &wire, now);
    }
    return n;
}

/* Returns 0 when the sender is no longer running, or -errno. */
static int run(struct sender *sender, struct udp_out *out, struct udp_in *in)
{
    int rc;

    while (sender->state == SENDER_RUNNING) {
        int64_t now_us = clock_now_us();
        if ((rc = take_answers(sender, in)) < 0)
            return rc;
        sender_tick(sender, now_us);
        while ((rc = sender_fill(sender, out, clock_now_us())) > 0)
            if ((rc = udp_out_flush(out, NULL)) < 0)
                return rc;
        if (rc < 0)
            return rc;
        if (sender->state == SENDER_RUNNING)
            clock_wait(in->fd, sender_deadline_us(sender), NULL);
    }
    return 0;
}

static int refused(const struct sender *sender, const struct options *options)
{
    static const char *const reasons[] = {
        [WIRE_UNKNOWN] = "it knows nothing of this transfer: was it restarted?",
        [WIRE_BUSY] = "it is busy with another transfer",
        [WIRE_STORAGE] = "it cannot write the file",
        [WIRE_DAMAGED] = "what it got is not what we sent",
    };
    const char *reason = NULL;

    if (sender->code < sizeof(reasons) / sizeof(reasons[0]))
        reason = reasons[sender->code];
    fprintf(stderr, "rsend: %s port %s has reset the transfer: %s\n",
            options->host, options->port, reason ? reason : "no reason given");
    return EXIT_RESET;
}

static int report(const struct sender *sender, const struct options *options,
                  int rc)
{
    if (rc < 0) {
        fprintf(stderr, "rsend: sending %s: %s\n", options->file,
                strerror(-rc));
        return EXIT_TROUBLE;
    }
    if (sender->state == SENDER_REFUSED)
        return refused(sender, options);
    if (sender->state == SENDER_DEAD) {
        fprintf(stderr,
                "rsend: %s port %s has said nothing for %d s: is rrecv "
                "running there?\n",
                options->host, options->port, SENDER_PATIENCE_US / 1000000);
        return EXIT_SILENT;
    }
    return EXIT_WHOLE;
}

static int transfer(struct sender *sender, const struct options *options)
{
    struct udp_out *out = malloc(sizeof(*out));
    struct udp_in *in = malloc(sizeof(*in));
    int status = EXIT_TROUBLE;
    int fd = udp_connect(options->host, options->port);

    if (!out || !in || fd < 0) {
        fprintf(stderr, "rsend: cannot reach %s: %s\n", options->host,
                strerror(fd < 0 ? -fd : ENOMEM));
        goto out;
    }
    udp_out_init(out, fd);
    udp_in_init(in, fd);
    int rc = run(sender, out, in);
    status = report(sender, options, rc);
    if (rc < 0 || sender->state == SENDER_DONE) {
        out->count = 0; /* what was being built is of no use any more */
        out->bytes = 0;
        sender_finish(sender, out, rc < 0 ? WIRE_ABORTED : 0);
        (void)udp_out_flush(out, NULL); /* a courtesy; nobody waits for it */
    }
out:
    if (fd >= 0)
        (void)close(fd); /* all that had to be sent was answered */
    free(in);
    free(out);
    return status;
}

static int not_done(void)
{
    fputs("rsend: checkpoint 1 is not done yet: write wire_encode and "
          "wire_decode in wire.c first, then sender.c (README.md, "
          "\"Checkpoints\")\n",
          stderr);
    return EXIT_UNWRITTEN;
}

int main(int argc, char **argv)
{
    struct options options = {.window = SENDER_DEFAULT_WINDOW};
    uint32_t random[2];
    struct sender sender;

    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        perror("rsend: getrandom");
        return EXIT_TROUBLE;
    }
    options.initial = random[0];
    if (!parse_options(argc, argv, &options))
        return usage();
    int file = open(options.file, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        fprintf(stderr, "rsend: cannot open %s: %s\n", options.file,
                strerror(errno));
        return EXIT_TROUBLE;
    }
    int rc = sender_init(&sender, file, options.window, random[1],
                         options.initial, clock_now_us());
    if (rc == -ENOSYS)
        return not_done();
    if (rc < 0) {
        fprintf(stderr, "rsend: cannot send %s: %s\n", options.file,
                rc == -EINVAL ? "not a regular file" : strerror(-rc));
        return EXIT_TROUBLE;
    }
    int status = transfer(&sender, &options);
    sender_fini(&sender);
    (void)close(file); /* only read */
    return status;
}
