/* When a program is ready: it has the socket that others will look for.
 *
 * The kernel is asked which sockets exist (sock_diag), every 2 ms, and /proc
 * whether it is this program's: another one on the same host may hold the port,
 * and then waiting for it would prove nothing.  Connecting instead would be a
 * packet in the capture, a client in the server's log. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/diag.h"
#include "run/run.h"
#include "run/tree.h"

static const int64_t ready_timeout_ns = SECONDS(5);
static const int64_t poll_ns = MSECONDS(2);

struct search {
    const struct proc *proc;
    uint16_t port;
    bool found, foreign;
};

static bool is_it(const struct diag_socket *socket, void *context)
{
    struct search *search = context;
    const struct proc *proc = search->proc;
    if (socket->local_port != search->port)
        return true;
    if (tree_holds_socket(proc->pid_ns, proc->init_pid, socket->inode))
        search->found = true;
    else
        search->foreign = true;
    return !search->found;
}

/* Sleeps until the next look, or until a program ends.  Returns false when it
 * makes no sense to look again. */
static bool pause_or_end(struct proc *proc, int64_t deadline_ns)
{
    struct runner *runner = proc->runner;
    int64_t now_ns = clock_now_ns();
    pthread_mutex_lock(&runner->lock);
    while (!proc->ended && runner_await_change(runner, now_ns + poll_ns))
        continue;
    bool ended = proc->ended;
    pthread_mutex_unlock(&runner->lock);
    return !ended && now_ns < deadline_ns;
}

static bool await_socket(struct search *search, int protocol, unsigned states,
                         int64_t deadline_ns, struct proc *proc)
{
    int fd = diag_open(proc->host);
    if (fd < 0)
        infra("cannot ask for the sockets of %s: %s", proc->host->name,
              strerror(-fd));
    do {
        search->foreign = false;
        int result = diag_visit(fd, protocol, states, is_it, search);
        if (result < 0)
            infra("cannot list the sockets of %s: %s (is inet_diag in the "
                  "kernel?)",
                  proc->host->name, strerror(-result));
    } while (!search->found && pause_or_end(proc, deadline_ns));
    close(fd);
    return search->found;
}

bool proc_is_ready(struct proc *proc, int protocol, uint16_t port,
                   int64_t timeout_ns)
{
    unsigned states =
        protocol == IPPROTO_TCP ? 1U << TCP_LISTEN : (unsigned)DIAG_ALL_STATES;
    struct search search = {.proc = proc, .port = port};
    bool found = await_socket(&search, protocol, states,
                              clock_now_ns() + timeout_ns, proc);
    runner_check(proc->runner);
    return found;
}

/* Returns whether the program is ready; `may_end`: false if it has ended. */
static bool await_port(struct proc *proc, int protocol, unsigned states,
                       uint16_t port, bool may_end)
{
    const char *name = protocol == IPPROTO_TCP ? "TCP" : "UDP";
    struct search search = {.proc = proc, .port = port};
    struct proc_end end;
    journal_step("await %s on %s port %u", proc->name, name, port);
    bool found = await_socket(&search, protocol, states,
                              clock_now_ns() + ready_timeout_ns, proc);
    runner_check(proc->runner);
    if (found || (may_end && proc_wait(proc, 0, &end)))
        return found;
    proc_fail_waiting(
        proc,
        str_format("listened on %s %u%s", name, port,
                   search.foreign ? " (another program has that port)" : ""),
        ready_timeout_ns);
}

void proc_await_udp(struct proc *proc, uint16_t port)
{
    await_port(proc, IPPROTO_UDP, (unsigned)DIAG_ALL_STATES, port, false);
}

bool proc_udp_or_end(struct proc *proc, uint16_t port)
{
    return await_port(proc, IPPROTO_UDP, (unsigned)DIAG_ALL_STATES, port, true);
}

void proc_await_tcp(struct proc *proc, uint16_t port)
{
    await_port(proc, IPPROTO_TCP, 1U << TCP_LISTEN, port, false);
}
