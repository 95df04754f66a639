/* Equipping a program: pipes, files, variables, descriptors, limits. */
#include "run/equip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/filter.h"
#include "run/program.h"

/* ---- Descriptors --------------------------------------------------------- */

static void need(bool done, const char *what)
{
    if (!done)
        infra("cannot %s: %s", what, strerror(errno));
}

/* The pipe becomes the program's own, or it could not open /dev/stdout. */
static int open_pipe(int *ours, bool we_read, uid_t uid)
{
    int ends[2];
    need(pipe2(ends, O_CLOEXEC) == 0, "make a pipe");
    int mine = we_read ? ends[0] : ends[1];
    int theirs = we_read ? ends[1] : ends[0];
    need(fcntl(mine, F_SETFL, O_NONBLOCK) == 0, "set up a pipe");
    if (uid)
        need(fchown(theirs, uid, uid) == 0, "give away a pipe");
    *ours = mine;
    return theirs;
}

static int open_control(int *ours)
{
    int ends[2], on = 1;
    need(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0 &&
             setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0,
         "make a control socket");
    *ours = ends[0];
    return ends[1];
}

static void open_ends(struct proc *proc, struct ends *ends, bool stdin_open)
{
    uid_t uid = proc->program.role == PROGRAM_PEER ? 0 : host_uid(proc->host);
    proc->stdin_fd = -1;
    if (stdin_open)
        ends->stdin_fd = open_pipe(&proc->stdin_fd, false, uid);
    else
        ends->stdin_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    need(ends->stdin_fd >= 0, "open /dev/null");
    ends->stdout_fd = open_pipe(&proc->stream_fd[STREAM_STDOUT], true, uid);
    ends->stderr_fd = open_pipe(&proc->stream_fd[STREAM_STDERR], true, uid);
    ends->control_fd = open_control(&proc->control_fd);
}

static void close_ends(const struct ends *ends)
{
    close(ends->stdin_fd);
    close(ends->stdout_fd);
    close(ends->stderr_fd);
    close(ends->control_fd);
}

/* A description of its own: bubblewrap reads the filter from where the offset
 * is, and leaves it at the end. */
static int open_filter(const struct runner *runner, bool io_uring)
{
    char path[64];
    if (io_uring) {
        int fd = filter_open(true);
        if (fd < 0)
            infra("cannot make a seccomp filter: %s", strerror(-fd));
        return fd;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", runner->filter_fd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    need(fd >= 0, "open the seccomp filter");
    return fd;
}

/* ---- What it sees -------------------------------------------------------- */

/* Files of /etc that programs of any language look for. */
static const char *const shared_etc[] = {
    "/etc/alternatives", "/etc/ca-certificates", "/etc/gai.conf",
    "/etc/ld.so.cache",  "/etc/localtime",       "/etc/mime.types",
    "/etc/protocols",    "/etc/services",        "/etc/ssl",
};

static char *etc_path(const struct net *net, const char *name)
{
    return str_format("%s/.etc/%s", net->dir, name);
}

static const char *keep_string(struct strings *strings, char *text)
{
    strings->list[strings->count++] = text;
    return text;
}

static void show_users(struct sandbox *box, const struct net *net,
                       struct strings *strings)
{
    static const char *const names[] = {"passwd", "group", "nsswitch.conf",
                                        "host.conf"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        sandbox_bind(box, keep_string(strings, etc_path(net, names[i])),
                     keep_string(strings, str_format("/etc/%s", names[i])),
                     BIND_STAGED);
    for (size_t i = 0; i < sizeof(shared_etc) / sizeof(shared_etc[0]); i++)
        sandbox_bind(box, shared_etc[i], shared_etc[i], BIND_OPTIONAL);
}

/* A trusted tool sees the system's /etc, where resolv.conf may be a link. */
static const char *resolv_target(bool trusted, struct strings *strings)
{
    char *real = trusted ? realpath("/etc/resolv.conf", NULL) : NULL;
    return real ? keep_string(strings, real) : "/etc/resolv.conf";
}

static void show_files(struct sandbox *box, const struct proc *proc,
                       struct strings *strings)
{
    const struct host *host = proc->host;
    sandbox_bind(box, host->dir, "/work", BIND_WRITE | BIND_STAGED);
    if (!box->trusted)
        sandbox_bind(box, program_dir(proc->program.role), "/lab", BIND_STAGED);
    if (box->bare) {
        /* Where /usr/bin/cc and the like lead through. */
        sandbox_bind(box, "/etc/alternatives", "/etc/alternatives",
                     BIND_OPTIONAL);
        return;
    }
    if (!box->trusted)
        show_users(box, host->net, strings);
    sandbox_bind(box, host->etc_hosts, "/etc/hosts", BIND_STAGED);
    sandbox_bind(box, host->etc_resolv, resolv_target(box->trusted, strings),
                 BIND_STAGED);
}

/* exitcode: a sanitizer's finding must not look like the program's own 1. */
static void give_env(struct sandbox *box, const struct start_options *options)
{
    sandbox_setenv(box, "PATH=%s", program_path);
    sandbox_setenv(box, "HOME=/work");
    sandbox_setenv(box, "PWD=/work");
    sandbox_setenv(box, "TMPDIR=/tmp");
    sandbox_setenv(box, "USER=%s", box->trusted ? "root" : "lab");
    sandbox_setenv(box, "LANG=C.UTF-8");
    sandbox_setenv(box, "TERM=dumb");
    sandbox_setenv(box, "ASAN_OPTIONS=exitcode=86:detect_leaks=1:"
                        "detect_stack_use_after_return=1");
    sandbox_setenv(box, "UBSAN_OPTIONS=exitcode=86:print_stacktrace=1");
    for (const char *const *env = options->env; env && *env; env++)
        sandbox_setenv(box, "%s", *env);
    for (size_t i = 0; i < options->fd_count; i++)
        sandbox_setenv(box, "%s=%zu", options->fd_env[i], 3 + i);
}

static void give_fds(struct sandbox *box, const struct ends *ends,
                     const struct start_options *options)
{
    if (options->fd_count > SANDBOX_MAX_FDS - 3)
        infra("a program can be given %d descriptors, not %zu",
              SANDBOX_MAX_FDS - 3, options->fd_count);
    box->fds[box->fd_count++] = ends->stdin_fd;
    box->fds[box->fd_count++] = ends->stdout_fd;
    box->fds[box->fd_count++] = ends->stderr_fd;
    for (size_t i = 0; i < options->fd_count; i++)
        box->fds[box->fd_count++] = options->fds[i];
    box->control_fd = ends->control_fd;
}

static void describe(struct sandbox *box, const struct proc *proc,
                     const struct start_options *options,
                     const struct ends *ends, struct strings *strings)
{
    const struct runner *runner = proc->runner;
    bool trusted = proc->program.role == PROGRAM_PEER;
    bool bare = proc->program.role == PROGRAM_TOOL;
    *box = (struct sandbox){
        .netns_fd = proc->host->netns_fd,
        .hostname = proc->host->name,
        .uid = trusted ? 0 : host_uid(proc->host),
        .user_ns = runner->user_ns,
        .trusted = trusted,
        .bare = bare,
        .cpu_s = options->cpu_s,
        .max_processes = proc->max_processes,
        .file_bytes = proc->disk_bytes,
        .tmpfs_bytes = proc->memory_bytes / 2,
        .image_fd = runner->image_fd,
        .filter_fd = trusted ? -1 : open_filter(runner, options->io_uring),
    };
    show_files(box, proc, strings);
    give_env(box, options);
    give_fds(box, ends, options);
    for (char **arg = proc->argv; *arg; arg++)
        sandbox_arg(box, *arg);
}
void equip(struct equipment *equipment, struct proc *proc,
           const struct start_options *options)
{
    equipment->strings.count = 0;
    open_ends(proc, &equipment->ends, options->stdin_open);
    describe(&equipment->box, proc, options, &equipment->ends,
             &equipment->strings);
}

void equip_fini(struct equipment *equipment)
{
    sandbox_fini(&equipment->box);
    if (equipment->box.filter_fd >= 0)
        close(equipment->box.filter_fd);
    close_ends(&equipment->ends);
    for (size_t i = 0; i < equipment->strings.count; i++)
        free(equipment->strings.list[i]);
}
