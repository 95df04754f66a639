/* What the programs did, for the verdict: how each ended, what it printed last
 * and, when time ran out, what it was doing.
 *
 * This is also where the run's programs end, before the verdict is written: a
 * tree that will not die is our fault, and the verdict has to say so. */
#include "run/run.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/diag.h"
#include "run/stack.h"
#include "run/tree.h"

enum { TAIL_BYTES = 4096, MAX_STACKS = 4, STRAY_TRIES = 1000 };

/* ---- Sockets ------------------------------------------------------------- */

struct listing {
    const struct proc *proc;
    struct strbuf *text;
};

static const char *state_name(const struct diag_socket *socket)
{
    static const char *const names[] = {
        [TCP_ESTABLISHED] = "ESTABLISHED",
        [TCP_SYN_SENT] = "SYN-SENT",
        [TCP_SYN_RECV] = "SYN-RECEIVED",
        [TCP_FIN_WAIT1] = "FIN-WAIT-1",
        [TCP_FIN_WAIT2] = "FIN-WAIT-2",
        [TCP_TIME_WAIT] = "TIME-WAIT",
        [TCP_CLOSE] = "CLOSED",
        [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
        [TCP_LAST_ACK] = "LAST-ACK",
        [TCP_LISTEN] = "LISTEN",
        [TCP_CLOSING] = "CLOSING",
    };
    size_t count = sizeof(names) / sizeof(names[0]);
    size_t state = (size_t)socket->state;
    if (socket->protocol == IPPROTO_UDP)
        return state == TCP_ESTABLISHED ? "connected" : "bound";
    return state < count && names[state] ? names[state] : "?";
}

static bool list_socket(const struct diag_socket *socket, void *context)
{
    struct listing *listing = context;
    const struct proc *proc = listing->proc;
    char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
    if (!tree_holds_socket(proc->pid_ns, proc->init_pid, socket->inode))
        return true;
    inet_ntop(socket->family, socket->local, local, sizeof(local));
    inet_ntop(socket->family, socket->remote, remote, sizeof(remote));
    strbuf_printf(listing->text,
                  "%s %s %s port %u <-> %s port %u, %u bytes to read, "
                  "%u bytes not yet acknowledged",
                  socket->protocol == IPPROTO_TCP ? "TCP" : "UDP",
                  state_name(socket), local, socket->local_port, remote,
                  socket->remote_port, socket->receive_queue_bytes,
                  socket->send_queue_bytes);
    if (socket->retransmits)
        strbuf_printf(listing->text, ", retransmitted %u times in a row",
                      socket->retransmits);
    strbuf_printf(listing->text, "\n");
    return true;
}

static void add_sockets(json_t *object, const struct proc *proc)
{
    struct strbuf text = {0};
    struct listing listing = {.proc = proc, .text = &text};
    int fd = diag_open(proc->host);
    if (fd < 0)
        return;
    (void)diag_visit(fd, IPPROTO_TCP, (unsigned)DIAG_ALL_STATES, list_socket,
                     &listing);
    (void)diag_visit(fd, IPPROTO_UDP, (unsigned)DIAG_ALL_STATES, list_socket,
                     &listing);
    close(fd);
    json_object_set_new(object, "sockets", json_string(strbuf_text(&text)));
    strbuf_fini(&text);
}

/* ---- Programs ------------------------------------------------------------ */

static json_t *argv_array(const struct proc *proc)
{
    json_t *array = json_array();
    for (char **arg = proc->argv; *arg; arg++)
        json_array_append_new(array, json_string(*arg));
    return array;
}

static const char *state_of(const struct proc *proc)
{
    if (!proc->ended)
        return "running";
    return WIFEXITED(proc->status) ? "exited" : "killed";
}

static void add_text(json_t *object, const char *key, char *text)
{
    json_object_set_new(object, key, json_string(text));
    free(text);
}

/* Before the programs are killed: what they are doing, if anybody asks. */
static json_t *begin_program(struct proc *proc, bool timed_out, int *stacks)
{
    static const char *const roles[] = {
        [PROGRAM_TESTED] = "tested",
        [PROGRAM_REFERENCE] = "reference",
        [PROGRAM_PEER] = "peer",
        [PROGRAM_TOOL] = "tool",
    };
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(proc->name));
    json_object_set_new(object, "host", json_string(proc->host->name));
    json_object_set_new(object, "role", json_string(roles[proc->program.role]));
    json_object_set_new(object, "argv", argv_array(proc));
    json_object_set_new(object, "state", json_string(state_of(proc)));
    if (!timed_out || proc->ended)
        return object;
    add_sockets(object, proc);
    if (proc->program.role != PROGRAM_PEER && (*stacks)++ < MAX_STACKS) {
        struct strbuf text = {0};
        stack_describe(proc->pid, host_uid(proc->host), &text);
        json_object_set_new(object, "stack", json_string(strbuf_text(&text)));
        strbuf_fini(&text);
    }
    return object;
}

/* After the end: how it ended, what it used, what it said. */
static void finish_program(json_t *object, struct proc *proc)
{
    static const char *const names[STREAMS] = {"stdout", "stderr"};
    static const char *const tails[STREAMS] = {"stdout_tail", "stderr_tail"};
    bool exited = WIFEXITED(proc->status);
    json_object_set_new(object, "exit_code",
                        json_integer(exited ? WEXITSTATUS(proc->status) : -1));
    json_object_set_new(object, "signal",
                        json_integer(exited ? 0 : WTERMSIG(proc->status)));
    json_object_set_new(object, "cpu_ms",
                        json_real((double)proc->cpu_ns / 1e6));
    json_object_set_new(
        object, "run_delay_ms",
        json_real((double)cpulog_last(&proc->cpulog).waited_ns / 1e6));
    json_object_set_new(object, "peak_rss_bytes",
                        json_integer(proc->peak_rss_bytes));
    for (int stream = 0; stream < STREAMS; stream++) {
        if (proc->files[stream])
            json_object_set_new(object, names[stream],
                                json_string(proc->files[stream]));
        add_text(object, tails[stream],
                 output_tail(&proc->output[stream], TAIL_BYTES));
    }
}

/* Somebody is still there, or the keeper could not do its work: whatever the
 * test found, it is not to be relied on. */
void verdict_turn_infra(json_t *verdict, const char *message)
{
    json_object_set_new(verdict, "verdict",
                        json_string(verdict_name(VERDICT_INFRA)));
    json_object_set_new(verdict, "message", json_string(message));
}

/* Each net has a runner, and each runner a witness: only the last one that is
 * asked may expect that nobody is left. */
static bool is_last(void)
{
    for (const struct net *net = net_current(); net; net = net->older) {
        const struct runner *runner = net->runner;
        for (size_t i = 0; runner && i < runner->proc_count; i++) {
            if (!runner->procs[i]->ended)
                return false;
        }
    }
    return true;
}

/* Whatever the programs' own records say: is anybody left in a sandbox, a mount
 * or a namespace with him?  The kernel takes a moment to let go of the last. */
static bool somebody_is_left(char *message, size_t size)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    pid_t stray = 0;
    for (int tries = 0; tries < STRAY_TRIES; tries++) {
        stray = tree_stray();
        if (stray == 0)
            return false;
        nanosleep(&pause, NULL);
    }
    snprintf(message, size, "process %d of a sandbox outlives the programs",
             stray);
    return true;
}

static void witness(json_t *verdict, const struct ending *ending, void *context)
{
    struct runner *runner = context;
    json_t *programs = json_array();
    char left[128];
    int stacks = 0;
    for (size_t i = 0; i < runner->proc_count; i++)
        json_array_append_new(
            programs,
            begin_program(runner->procs[i], ending->timed_out, &stacks));
    bool all_ended = runner_end_all(runner);
    for (size_t i = 0; i < runner->proc_count; i++)
        finish_program(json_array_get(programs, i), runner->procs[i]);
    json_object_set_new(verdict, "programs", programs);
    json_object_set_new(verdict, "tier",
                        json_string(cgroup_tier_name(runner->cgroups.tier)));
    if (!all_ended)
        verdict_turn_infra(verdict, "a program survived being killed");
    else if (is_last() && somebody_is_left(left, sizeof(left)))
        verdict_turn_infra(verdict, left);
    else if (runner->trouble[0])
        verdict_turn_infra(verdict, runner->trouble);
}

void runner_witness(struct runner *runner)
{
    testrun_witness(witness, runner);
}
