/* Real servers: configured, started, awaited, watched.
 *
 * A server is a peer like any other program of the system, but one on which
 * the test leans: what the tested program does without it proves nothing.  So
 * its end is looked for when the run ends, by a witness that is heard before
 * the runner's kills all programs, and turns whatever the test found into
 * `infra`. */
#include <wirelab/server.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/run.h"

enum { LOG_TAIL_BYTES = 400 };

static const int64_t ready_ns = SECONDS(10);
static const int64_t stop_ns = SECONDS(3);

struct watch {
    struct proc *proc;
    bool stopped; /* by the test: its end is no accident */
    struct watch *next;
};

/* Those of this process; a run has one process. */
static struct watch *watches;

/* The end of its log on one line, "" if it said nothing.  Caller frees. */
static char *log_tail(struct proc *proc)
{
    struct output *log = &proc->output[STREAM_STDERR];
    pthread_mutex_lock(&proc->runner->lock);
    char *tail = output_tail(log, LOG_TAIL_BYTES);
    pthread_mutex_unlock(&proc->runner->lock);
    size_t length = strlen(tail);
    while (length > 0 && tail[length - 1] == '\n')
        tail[--length] = '\0';
    for (char *c = tail; (c = strchr(c, '\n')) != NULL;)
        *c = '|';
    return tail;
}

/* "nginx on web exited with 1; its log ends: ..." */
static char *describe(struct proc *proc, const char *what)
{
    char *tail = log_tail(proc);
    char *text = str_format("the server %s on %s %s; its log %s%s", proc->name,
                            host_name(proc->host), what,
                            *tail ? "ends: "
                                  : "is empty (is another of its kind on "
                                    "this host?)",
                            tail);
    free(tail);
    return text;
}

static char *describe_end(struct proc *proc)
{
    char state[128];
    pthread_mutex_lock(&proc->runner->lock);
    proc_describe(proc, state, sizeof(state));
    pthread_mutex_unlock(&proc->runner->lock);
    char *what = str_format("%s while it was needed", state);
    char *text = describe(proc, what);
    free(what);
    return text;
}

static void witness(json_t *verdict, const struct ending *ending, void *context)
{
    const struct watch *watch = context;
    struct proc_end end;
    (void)ending;
    if (watch->stopped || !proc_wait(watch->proc, 0, &end) ||
        watch->proc->death == DEATH_KILLED)
        return;
    char *message = describe_end(watch->proc);
    verdict_turn_infra(verdict, message);
    free(message);
}

static void watch_over(struct proc *proc)
{
    struct watch *watch = mem_zalloc(sizeof(*watch));
    *watch = (struct watch){.proc = proc, .next = watches};
    watches = watch;
    testrun_witness(witness, watch);
}

static void await_port(struct proc *proc, int protocol, uint16_t port,
                       int64_t timeout_ns)
{
    struct proc_end end;
    if (port == 0 || proc_is_ready(proc, protocol, port, timeout_ns))
        return;
    if (proc_wait(proc, 0, &end))
        infra("%s", describe_end(proc));
    char *what = str_format("has no %s port %u after %.0f s",
                            protocol == IPPROTO_TCP ? "TCP" : "UDP",
                            (unsigned)port, (double)timeout_ns / 1e9);
    infra("%s", describe(proc, what));
}

static void write_config(struct host *host, const struct server *server)
{
    if (server->config_name == NULL)
        return;
    char *file = str_format("%s:%s", host_name(host), server->config_name);
    file_write(host->net, file, server->config, strlen(server->config));
    free(file);
}

struct proc *server_start(struct host *host, const struct server *server)
{
    struct program command = peer(server->command);
    int64_t timeout_ns = server->ready_ns ? server->ready_ns : ready_ns;
    static const char *const none[] = {NULL};
    write_config(host, server);
    struct proc *proc =
        host_start_with(host, command, &(struct start_options){0},
                        server->args ? server->args : none);
    watch_over(proc);
    await_port(proc, IPPROTO_UDP, server->udp_port, timeout_ns);
    await_port(proc, IPPROTO_TCP, server->tcp_port, timeout_ns);
    return proc;
}

void server_stop(struct proc *proc)
{
    struct proc_end end;
    journal_step("stop %s on %s", proc->name, host_name(proc->host));
    for (struct watch *watch = watches; watch; watch = watch->next) {
        if (watch->proc == proc)
            watch->stopped = true;
    }
    proc_signal(proc, SIGTERM);
    if (!proc_wait(proc, stop_ns, &end))
        proc_kill(proc);
}
