/* Starting a program on a host: from the test's words to a process that runs.
 *
 * The program is held back by its sandbox's init until it has been joined to
 * its control group and a pidfd of it exists (the messages are drawn in
 * init.h): what it uses is counted from its first instruction, and no signal
 * can hit another process that got its pid. */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "link/links.h"
#include "run/equip.h"
#include "run/init/init.h"
#include "run/program.h"
#include "run/tree.h"

static const size_t default_memory_bytes = (size_t)512 << 20;
static const size_t default_output_bytes = 64 << 10;
static const uint64_t default_file_bytes = (uint64_t)4 << 30;
static const int64_t launch_timeout_ns = SECONDS(20);

enum { DEFAULT_PROCESSES = 512 };
/* ---- The start ----------------------------------------------------------- */

/* Takes back a sandbox that the keeper does not know of. */
static void abandon(struct proc *proc)
{
    kill(proc->sandbox_pid, SIGKILL);
    (void)waitpid(proc->sandbox_pid, NULL, 0);
    if (proc->init_pidfd > 0) { /* it outlives bubblewrap by a moment */
        struct pollfd gone = {.fd = proc->init_pidfd, .events = POLLIN};
        (void)poll(&gone, 1, (int)(launch_timeout_ns / 1000000));
    }
    (void)cgroup_remove(&proc->cgroup); /* else cell_sweep will */
}

/* Gives up a sandbox that did not come up, and ends the run. */
static void refuse(struct proc *proc, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
static void refuse(struct proc *proc, const char *format, ...)
{
    struct strbuf why = {0};
    char said[512];
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&why, format, args);
    va_end(args);
    abandon(proc);
    ssize_t n = read(proc->stream_fd[STREAM_STDERR], said, sizeof(said) - 1);
    said[n > 0 ? n : 0] = '\0';
    said[strcspn(said, "\n")] = '\0';
    infra("cannot start %s on %s: %s%s%s", proc->name, proc->host->name,
          why.text, said[0] ? ": " : "", said);
}

/* Receives one message; the kernel says who sent it. */
static pid_t receive(struct proc *proc, struct init_message *message,
                     int64_t deadline_ns)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec data = {.iov_base = message, .iov_len = sizeof(*message)};
    struct msghdr header = {.msg_iov = &data,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof(control)};
    struct pollfd ready = {.fd = proc->control_fd, .events = POLLIN};
    int64_t left_ns = deadline_ns - clock_now_ns();
    int n = poll(&ready, 1, left_ns > 0 ? (int)(left_ns / 1000000) + 1 : 0);
    if (n == 0)
        refuse(proc, "its sandbox is not ready after %.0f s",
               (double)launch_timeout_ns / 1e9);
    ssize_t got = recvmsg(proc->control_fd, &header, MSG_CMSG_CLOEXEC);
    if (got != sizeof(*message))
        refuse(proc, "its sandbox ended at once");
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
    struct ucred sender = {.pid = 0};
    if (cmsg && cmsg->cmsg_type == SCM_CREDENTIALS)
        memcpy(&sender, CMSG_DATA(cmsg), sizeof(sender));
    if (message->kind == INIT_REFUSED)
        refuse(proc, "%s: %s", message->what, strerror(message->value));
    return sender.pid;
}

static int open_pidfd(struct proc *proc, pid_t pid)
{
    int fd = pidfd_open(pid, 0);
    if (fd < 0)
        refuse(proc, "cannot open a pidfd: %s", strerror(errno));
    return fd;
}

static const char *exec_advice(int error)
{
    switch (error) {
    case ENOEXEC:
        return "it is neither a program for this machine nor a script whose "
               "first line is #!/path/to/interpreter";
    case EACCES:
        return "it is not executable by everybody; chmod 755 makes it so";
    case ENOENT:
        return "the interpreter that its first line names, or its dynamic "
               "loader, is not there";
    default:
        return strerror(error);
    }
}

static void exec_failed(struct proc *proc, int error) __attribute__((noreturn));
static void exec_failed(struct proc *proc, int error)
{
    if (proc->program.role != PROGRAM_TESTED)
        refuse(proc, "%s", exec_advice(error));
    abandon(proc);
    run_fail(false, "%s cannot be executed: %s", proc->name,
             exec_advice(error));
}

/* Meets the sandbox's init and lets the program go. */
static void let_go(struct proc *proc)
{
    struct init_message message;
    int64_t deadline_ns = clock_now_ns() + launch_timeout_ns;
    proc->sandbox_pidfd = open_pidfd(proc, proc->sandbox_pid);
    proc->init_pid = receive(proc, &message, deadline_ns);
    proc->init_pidfd = open_pidfd(proc, proc->init_pid);
    proc->pid_ns = tree_of(proc->init_pid);
    proc->pid = receive(proc, &message, deadline_ns);
    proc->pidfd = open_pidfd(proc, proc->pid);
    int result = cgroup_enter(&proc->cgroup, &proc->runner->cgroups,
                              (unsigned)proc->runner->proc_count + 1, proc->pid,
                              proc->memory_bytes, proc->max_processes);
    if (result < 0)
        refuse(proc, "cannot make its control group: %s", strerror(-result));
    message = (struct init_message){.kind = INIT_GO};
    proc->started_ns = clock_now_ns();
    if (send(proc->control_fd, &message, sizeof(message), MSG_NOSIGNAL) < 0)
        refuse(proc, "its sandbox ended: %s", strerror(errno));
    (void)receive(proc, &message, deadline_ns);
    if (message.kind == INIT_EXEC_FAILED)
        exec_failed(proc, message.value);
}

static void start_sandbox(struct proc *proc,
                          const struct start_options *options)
{
    struct equipment equipment;
    equip(&equipment, proc, options);
    proc->sandbox_pid = sandbox_start(&equipment.box);
    if (proc->sandbox_pid < 0)
        infra("cannot fork: %s", strerror(-proc->sandbox_pid));
    equip_fini(&equipment);
    let_go(proc);
    if (options->wall_ns)
        proc->wall_deadline_ns = proc->started_ns + options->wall_ns;
}

/* ---- The proc ------------------------------------------------------------ */

static void need(bool done, const char *what)
{
    if (!done)
        infra("cannot %s: %s", what, strerror(errno));
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static unsigned number_of(const struct runner *runner, const struct host *host,
                          const char *name)
{
    unsigned number = 1;
    for (size_t i = 0; i < runner->proc_count; i++) {
        const struct proc *proc = runner->procs[i];
        number += proc->host == host && strcmp(proc->name, name) == 0;
    }
    return number;
}

static void open_output(struct proc *proc, int stream, const char *suffix,
                        size_t limit_bytes)
{
    int fd = -1;
    if (testrun()->test) {
        proc->files[stream] = str_format("%s.%s.%u.%s", proc->host->name,
                                         proc->name, proc->number, suffix);
        char *path =
            str_format("%s/%s", testrun()->out_dir, proc->files[stream]);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                  0644);
        free(path);
        need(fd >= 0, "write the evidence");
    }
    output_init(&proc->output[stream], limit_bytes, fd);
}

static char **make_argv(struct program program, const char *const *tail)
{
    size_t count = 0;
    while (tail && tail[count])
        count++;
    char **argv = mem_zalloc((count + 2) * sizeof(*argv));
    if (program.role == PROGRAM_PEER || program.role == PROGRAM_TOOL)
        argv[0] = program_find_command(program.name);
    else
        argv[0] = str_format("/lab/%s", program.name);
    if (argv[0] == NULL)
        infra("%s is not installed", program.name);
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = mem_strdup(tail[i]);
    return argv;
}

static void set_limits(struct proc *proc, const struct start_options *options)
{
    proc->max_processes =
        options->max_processes ? options->max_processes : DEFAULT_PROCESSES;
    uint64_t free_bytes = proc->runner->space.free_bytes;
    proc->memory_bytes =
        options->memory_bytes ? options->memory_bytes : default_memory_bytes;
    proc->disk_bytes =
        options->file_bytes ? options->file_bytes : default_file_bytes;
    /* Never so much that the machine itself has nothing left. */
    if (proc->disk_bytes > free_bytes / 2)
        proc->disk_bytes = free_bytes / 2;
}

/* The directory of the host's programs belongs to them. */
static void give_directory(const struct host *host)
{
    uid_t uid = host_uid(host);
    struct stat st;
    need(stat(host->dir, &st) == 0, "find the host's directory");
    if (st.st_uid != uid && uid)
        need(chown(host->dir, uid, uid) == 0 && chmod(host->dir, 0700) == 0,
             "give away the host's directory");
    /* A net without a link has no names yet. */
    if (access(host->etc_hosts, F_OK) < 0)
        net_write_names(host->net);
    need(chmod(host->etc_hosts, 0644) == 0 &&
             chmod(host->etc_resolv, 0644) == 0,
         "publish the host's names");
}

static struct proc *proc_new(struct host *host, struct program program,
                             const struct start_options *options,
                             const char *const *argv_tail)
{
    struct runner *runner = runner_of(host->net);
    struct proc *proc = mem_zalloc(sizeof(*proc));
    size_t output_bytes =
        options->output_bytes ? options->output_bytes : default_output_bytes;
    proc->runner = runner;
    proc->host = host;
    proc->program = program;
    proc->program.name = mem_strdup(program.name);
    proc->name = mem_strdup(base_name(program.name));
    proc->number = number_of(runner, host, proc->name);
    proc->argv = make_argv(program, argv_tail);
    set_limits(proc, options);
    open_output(proc, STREAM_STDOUT, "stdout", output_bytes);
    open_output(proc, STREAM_STDERR, "stderr", output_bytes);
    return proc;
}

static void tell_step(const struct proc *proc)
{
    struct strbuf line = {0};
    for (char **arg = proc->argv + 1; *arg; arg++)
        strbuf_printf(&line, " %s", *arg);
    journal_step("start %s%s on %s", proc->name, strbuf_text(&line),
                 proc->host->name);
    strbuf_fini(&line);
}

struct proc *host_start_with(struct host *host, struct program program,
                             const struct start_options *options,
                             const char *const *argv_tail)
{
    static const struct start_options none = {.env = NULL};
    if (options == NULL)
        options = &none;
    struct runner *runner = runner_of(host->net);
    runner_check(runner);
    if (runner->proc_count == RUN_MAX_PROCS)
        infra("a test starts more than %d programs", RUN_MAX_PROCS);
    give_directory(host);
    struct proc *proc = proc_new(host, program, options, argv_tail);
    tell_step(proc);
    if (options->fd_count > 0 && program.role != PROGRAM_PEER && !host->forges)
        links_guard(host);
    start_sandbox(proc, options);
    keeper_take(runner, proc);
    return proc;
}

struct proc *host_start_list(struct host *host, struct program program, ...)
{
    const char *tail[SANDBOX_MAX_ARGS] = {NULL};
    size_t count = 0;
    va_list args;
    va_start(args, program);
    while ((tail[count] = va_arg(args, const char *)) != NULL) {
        if (++count == SANDBOX_MAX_ARGS - 1)
            infra("a program is given more than %d arguments",
                  SANDBOX_MAX_ARGS - 2);
    }
    va_end(args);
    return host_start_with(host, program, NULL, tail);
}
