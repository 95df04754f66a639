/* rrecv [-b BUFFER] [-r RATE] PORT OUTFILE: receives one file and leaves.
 *
 * The loop: wait for datagrams or for a timer, take in all that has come, write
 * what is in order, answer. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "exits.h"
#include "receiver.h"
#include "udp.h"

struct options {
    unsigned buffer;
    uint64_t rate;
    uint16_t port;
    const char *path;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
    interrupted = signal;
}

static int usage(void)
{
    fputs("usage: rrecv [-b BUFFER] [-r RATE] PORT OUTFILE\n"
          "  -b BUFFER  keep at most this many segments, 1..65536\n"
          "  -r RATE    write at most this many bytes a second\n",
          stderr);
    return EXIT_USAGE;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    uint64_t value;
    int option;

    while ((option = getopt(argc, argv, "b:r:")) != -1) {
        switch (option) {
        case 'b':
            if (!args_number(optarg, 1, RECEIVER_MAX_BUFFER, &value))
                return false;
            options->buffer = (unsigned)value;
            break;
        case 'r':
            if (!args_number(optarg, 1, UINT32_MAX, &options->rate))
                return false;
            break;
        default:
            return false;
        }
    }
    if (argc - optind != 2 || !args_number(argv[optind], 1, UINT16_MAX, &value))
        return false;
    options->port = (uint16_t)value;
    options->path = argv[optind + 1];
    return true;
}

static int send_wire(struct udp_out *out, const struct wire *wire,
                     const struct sockaddr_in *to)
{
    ssize_t bytes = wire_encode(wire, udp_out_room(out), WIRE_MAX_BYTES);

    if (bytes < 0)
        return (int)bytes;
    udp_out_add(out, (size_t)bytes);
    return udp_out_flush(out, to);
}

static int answer(struct receiver *receiver, struct udp_out *out)
{
    struct wire wire;

    receiver_answer(receiver, &wire);
    return send_wire(out, &wire, &receiver->peer);
}

static int refuse(struct receiver *receiver, struct udp_out *out,
                  const struct wire *wire, const struct sockaddr_in *from)
{
    struct wire reset;

    receiver_refuse(receiver, wire, &reset);
    return send_wire(out, &reset, from);
}

/* Takes in one batch.  An ACK for what came in order waits until the batch is
 * through and written, and so answers many at once. */
static int take_batch(struct receiver *receiver, struct udp_in *in,
                      struct udp_out *out)
{
    int64_t now = clock_now_us();
    struct sockaddr_in from;
    const uint8_t *datagram;
    struct wire wire;
    size_t bytes;
    int rc = 0;

    while (!rc && (datagram = udp_in_next(in, &bytes, &from))) {
        if (wire_decode(&wire, datagram, bytes) < 0)
            continue; /* damaged, or not ours at all */
        switch (receiver_receive(receiver, &wire, &from, now)) {
        case REACT_NOW:
            rc = answer(receiver, out);
            break;
        case REACT_LATER:
            receiver->answer = true;
            break;
        case REACT_RESET:
            rc = refuse(receiver, out, &wire, &from);
            break;
        case REACT_NOTHING:
            break;
        }
    }
    return rc;
}

static bool is_over(const struct receiver *receiver)
{
    return interrupted || receiver->over || receiver->state == RECEIVER_DONE ||
           receiver->state == RECEIVER_DEAD;
}

/* Returns 0 when the receiver is through, in whatever way, or -errno. */
static int run(struct receiver *receiver, struct udp_out *out,
               struct udp_in *in)
{
    sigset_t none;
    int rc = 0;

    sigemptyset(&none);
    while (!rc && !is_over(receiver)) {
        int64_t now_us = clock_now_us(); /* for timers: see rsend.c */
        int n = udp_in_fill(in);
        if (n < 0)
            return n;
        rc = take_batch(receiver, in, out);
        receiver_write(receiver, clock_now_us());
        if (!rc && receiver->answer)
            rc = answer(receiver, out);
        receiver_tick(receiver, now_us);
        if (!n && !is_over(receiver))
            clock_wait(in->fd, receiver_deadline_us(receiver), &none);
    }
    return rc;
}

static int report(const struct receiver *receiver,
                  const struct options *options, int rc)
{
    if (rc < 0) {
        fprintf(stderr, "rrecv: port %u: %s\n", options->port, strerror(-rc));
        return EXIT_TROUBLE;
    }
    switch (receiver->state) {
    case RECEIVER_LINGERING: /* interrupted, but the file is there */
    case RECEIVER_DONE:
        return EXIT_WHOLE;
    case RECEIVER_FAILED:
        fprintf(stderr, "rrecv: %s: %s\n", options->path,
                receiver->error == -EBADMSG
                    ? "length or CRC is not what the sender announced"
                    : strerror(-receiver->error));
        return EXIT_TROUBLE;
    case RECEIVER_DEAD:
        fprintf(stderr, "rrecv: the sender %s; %s was not made\n",
                receiver->code ? "has given up" : "has fallen silent",
                options->path);
        return receiver->code ? EXIT_RESET : EXIT_SILENT;
    default:
        fprintf(stderr, "rrecv: interrupted; %s was not made\n", options->path);
        return EXIT_TROUBLE;
    }
}

/* SIGINT and SIGTERM are blocked but while we wait, so that none can slip in
 * between the question whether there was one and the wait. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t both;

    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    sigprocmask(SIG_BLOCK, &both, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int transfer(struct receiver *receiver, const struct options *options)
{
    struct udp_out *out = malloc(sizeof(*out));
    struct udp_in *in = malloc(sizeof(*in));
    int status = EXIT_TROUBLE;
    int fd = udp_bind(options->port);

    if (!out || !in || fd < 0) {
        fprintf(stderr, "rrecv: cannot receive on port %u: %s\n", options->port,
                strerror(fd < 0 ? -fd : ENOMEM));
        goto out;
    }
    udp_out_init(out, fd);
    udp_in_init(in, fd);
    catch_signals();
    status = report(receiver, options, run(receiver, out, in));
out:
    if (fd >= 0)
        (void)close(fd); /* all that had to be sent was answered */
    free(in);
    free(out);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {.buffer = RECEIVER_DEFAULT_BUFFER};
    struct receiver receiver;

    if (!parse_options(argc, argv, &options))
        return usage();
    int rc =
        receiver_init(&receiver, options.path, options.buffer, options.rate);
    if (rc == -ENOSYS) {
        fputs("rrecv: checkpoint 1 is not done yet: write wire_encode and "
              "wire_decode in wire.c first, then receiver.c (README.md, "
              "\"Checkpoints\")\n",
              stderr);
        receiver_fini(&receiver);
        return EXIT_UNWRITTEN;
    }
    if (rc < 0) {
        fprintf(stderr, "rrecv: no memory for %u segments: take a smaller -b\n",
                options.buffer);
        return EXIT_TROUBLE;
    }
    int status = transfer(&receiver, &options);
    receiver_fini(&receiver);
    return status;
}
