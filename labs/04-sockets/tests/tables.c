/* A look at a program's TCP sockets through /proc; see common.h.
 *
 * /proc/PID/net/tcp and tcp6 have a line a socket of the program's network
 * namespace, in hex but for the first number:
 *
 *      0: 00000000:2328 00000000:0000 0A 00000000:00000000 ...
 *         local addr:port  remote  state  tx_queue:rx_queue
 *
 * What is read here leaves no packet on the link. */
#include <stdio.h>
#include <time.h>

#include "common.h"

enum { STATE_LISTEN = 0x0a };

/* What the table says of all sockets on one local port. */
struct tcp_port {
    bool listens;
    unsigned long unread_bytes;
};

static void add_line(const char *line, uint16_t port, struct tcp_port *sum)
{
    unsigned local_port, state, unread_bytes;
    int fields = sscanf(line,
                        " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x "
                        "%*x:%x",
                        &local_port, &state, &unread_bytes);
    if (fields != 3 || local_port != port)
        return;
    if (state == STATE_LISTEN)
        sum->listens = true;
    else
        sum->unread_bytes += unread_bytes;
}

static void add_table(struct proc *proc, const char *name, uint16_t port,
                      struct tcp_port *sum)
{
    char path[64], line[512];
    snprintf(path, sizeof(path), "/proc/%d/net/%s", proc_pid(proc), name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return; /* it has ended */
    while (fgets(line, sizeof(line), file))
        add_line(line, port, sum);
    fclose(file);
}

static struct tcp_port look(struct proc *proc, uint16_t port)
{
    struct tcp_port sum = {0};
    add_table(proc, "tcp", port, &sum);
    add_table(proc, "tcp6", port, &sum);
    return sum;
}

bool proc_listens(struct proc *proc, uint16_t port)
{
    return look(proc, port).listens;
}

void await_read(struct proc *proc, uint16_t port)
{
    int64_t deadline_ns = clock_now_ns() + PATIENCE;
    struct timespec pause = {.tv_nsec = 500000};
    while (look(proc, port).unread_bytes > 0) {
        if (clock_now_ns() > deadline_ns)
            test_fail("%s has not read what came 5 s ago", proc_name(proc));
        nanosleep(&pause, NULL); /* no event tells of a read */
    }
}
