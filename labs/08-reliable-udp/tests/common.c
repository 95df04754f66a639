/* Two hosts, and a file sent from one to the other; see common.h. */
#include "common.h"

#include <stdio.h>

static struct net *newest_net;

struct net *rig_net(void)
{
    return newest_net;
}

void rig_describe(struct net *net)
{
    newest_net = net;
    ladder_decoder(message_describe);
}

struct rig rig_new(const char *profile)
{
    struct rig rig = {.net = net_new(_seed())};

    rig.sender = net_host(rig.net, "sender");
    rig.receiver = net_host(rig.net, "receiver");
    rig.link = net_link(rig.sender, rig.receiver, profile);
    rig_describe(rig.net);
    record_at_end(record_transfers);
    return rig;
}

void rig_let_damage_through(struct rig *rig)
{
    struct host *hosts[] = {rig->sender, rig->receiver};

    step("switch the kernel's UDP checksum off: damage reaches the programs");
    for (size_t i = 0; i < COUNT(hosts); i++)
        host_ignore_udp_checksums(hosts[i]);
}

unsigned segments_of(size_t bytes)
{
    return (unsigned)((bytes + SEGMENT - 1) / SEGMENT);
}

/* Options that were not given are left out of the argument list. */
static void add_option(const char **argv, size_t *count, const char *option,
                       const char *value)
{
    if (!value)
        return;
    argv[(*count)++] = option;
    argv[(*count)++] = value;
}

struct proc *start_rrecv(struct transfer *transfer)
{
    const char *argv[8];
    size_t count = 0;

    add_option(argv, &count, "-b", transfer->buffer);
    add_option(argv, &count, "-r", transfer->rate);
    argv[count++] = PORT;
    argv[count++] = "out.bin";
    argv[count] = NULL;
    transfer->rx = host_start_with(transfer->rig->receiver,
                                   PAIR_RECEIVER(transfer->pairing, "rrecv"),
                                   &(struct start_options){0}, argv);
    return transfer->rx;
}

struct proc *start_rsend(struct transfer *transfer)
{
    const char *argv[8];
    size_t count = 0;

    add_option(argv, &count, "-w", transfer->window);
    add_option(argv, &count, "-i", transfer->initial);
    argv[count++] = host_addr(transfer->rig->receiver);
    argv[count++] = PORT;
    argv[count++] = "in.bin";
    argv[count] = NULL;
    transfer->tx = host_start_with(transfer->rig->sender,
                                   PAIR_SENDER(transfer->pairing, "rsend"),
                                   &(struct start_options){0}, argv);
    return transfer->tx;
}

/* Who begins with the lab meets this first, and has to be told that it is as it
 * should be. */
static void fail_if_unwritten(struct proc *proc, int64_t timeout_ns)
{
    struct proc_end end = {0};

    if (!proc_wait(proc, timeout_ns, &end) || end.exit_code != EXIT_UNWRITTEN)
        return;
    test_fail("%s says that it is not written yet.  This failure is intended: "
              "the lab begins here.  Write wire_encode() and wire_decode() in "
              "wire.c first, then sender.c and receiver.c for one segment at a "
              "time; README.md#checkpoints tells how",
              proc_name(proc));
}

void ready_rrecv(struct transfer *transfer)
{
    if (proc_udp_or_end(start_rrecv(transfer), PORT_NUMBER))
        return;
    fail_if_unwritten(transfer->rx, 0);
    proc_await_udp(transfer->rx, PORT_NUMBER); /* says what is wrong */
}

void transfer_begin(struct transfer *transfer)
{
    file_random(transfer->rig->net, "sender:in.bin", transfer->bytes);
    ready_rrecv(transfer);
    start_rsend(transfer);
}

void transfer_end(struct transfer *transfer, int64_t limit_ns)
{
    fail_if_unwritten(transfer->tx, SECONDS(1)); /* it would say so at once */
    expect_exit(transfer->tx, EXIT_WHOLE, limit_ns);
    expect_equal(file_size(transfer->rig->net, "receiver:out.bin"),
                 (int64_t)transfer->bytes,
                 "rsend has reported success (status 0), and at that moment "
                 "receiver:out.bin has %lld bytes (-1: it is not there)",
                 (long long)file_size(transfer->rig->net, "receiver:out.bin"));
    expect_exit(transfer->rx, EXIT_WHOLE, SECONDS(8));
    expect_same_file(transfer->rig->net, "sender:in.bin", "receiver:out.bin");
}

void transfer_run(struct transfer *transfer, int64_t limit_ns)
{
    transfer_begin(transfer);
    transfer_end(transfer, limit_ns);
}
