/* The runner of a net: made with its first program, gone with the net. */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/filter.h"
#include "run/image.h"

static const int64_t end_timeout_ns = SECONDS(10);

/* Tries it out in a child: AppArmor, for one, lets the namespace be made and
 * then refuses what it is made for. */
static bool may_make_user_ns(uid_t uid)
{
    int status = 1;
    pid_t pid = fork();
    if (pid == 0) {
        bool done = setgroups(0, NULL) == 0 && setresgid(uid, uid, uid) == 0 &&
                    setresuid(uid, uid, uid) == 0 &&
                    unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
                    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
        _exit(done ? 0 : 1);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status == 0;
}

uid_t host_uid(const struct host *host)
{
    struct runner *runner = runner_of(host->net);
    uid_t *uid = &runner->host_uids[host->index];
    if (runner->drops && *uid == 0) {
        uint64_t hash = hash_bytes(host->dir, strlen(host->dir));
        *uid = uids_take(&runner->uids, hash);
    }
    return *uid;
}

static void write_etc(const struct net *net, const char *name, const char *text)
{
    char *path = str_format("%s/.etc/%s", net->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || fchmod(fd, 0644) < 0 ||
        write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        infra("cannot write %s: %s", path, strerror(errno));
    close(fd);
    free(path);
}

/* Who a program is, to itself. */
static void write_users(const struct net *net)
{
    write_etc(net, "passwd",
              "root:x:0:0:root:/root:/bin/sh\n"
              "lab:x:1000:1000:lab:/work:/bin/sh\n"
              "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n");
    write_etc(net, "group", "root:x:0:\nlab:x:1000:\nnogroup:x:65534:\n");
    write_etc(net, "nsswitch.conf",
              "passwd: files\ngroup: files\nhosts: files dns\n"
              "services: files\nprotocols: files\n");
    /* Else glibc takes a name's first line of /etc/hosts and no other: a host
     * with two addresses would have one. */
    write_etc(net, "host.conf", "multi on\n");
}

static void init_lock(struct runner *runner)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&runner->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&runner->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void proc_free(struct proc *proc)
{
    proc_close_stdin(proc);
    close(proc->init_pidfd);
    close(proc->pidfd);
    for (int stream = 0; stream < STREAMS; stream++) {
        output_fini(&proc->output[stream]);
        free(proc->files[stream]);
    }
    for (char **arg = proc->argv; *arg; arg++)
        free(*arg);
    free(proc->argv);
    cpulog_fini(&proc->cpulog);
    free(proc->name);
    free((char *)proc->program.name);
    free(proc);
}

static void runner_free(struct net *net)
{
    struct runner *runner = net->runner;
    net->runner = NULL;
    net->runner_stop = NULL;
    testrun_forget(runner);
    keeper_stop(runner);
    (void)cgroup_run_fini(&runner->cgroups); /* cell_sweep comes after us */
    for (size_t i = 0; i < runner->proc_count; i++)
        proc_free(runner->procs[i]);
    close(runner->image_fd);
    close(runner->filter_fd);
    uids_fini(&runner->uids);
    pthread_cond_destroy(&runner->changed);
    pthread_mutex_destroy(&runner->lock);
    free(runner);
}

bool runner_end_all(struct runner *runner)
{
    int64_t deadline_ns = clock_now_ns() + end_timeout_ns;
    pthread_mutex_lock(&runner->lock);
    size_t count = runner->proc_count;
    for (size_t i = 0; i < count; i++)
        keeper_kill(runner->procs[i], DEATH_KILLED);
    pthread_mutex_unlock(&runner->lock);
    bool all = true;
    for (size_t i = 0; i < count; i++)
        all = proc_end_tree(runner->procs[i], DEATH_KILLED,
                            deadline_ns - clock_now_ns()) &&
              all;
    return all;
}

static unsigned nets_older(const struct net *net)
{
    unsigned count = 0;
    for (net = net->older; net; net = net->older)
        count++;
    return count;
}

struct runner *runner_of(struct net *net)
{
    if (net->runner)
        return net->runner;
    struct runner *runner = mem_zalloc(sizeof(*runner));
    runner->net = net;
    uids_init(&runner->uids);
    runner->drops = uids_usable();
    runner->user_ns = !runner->drops || may_make_user_ns(uids_any());
    runner->space = disk_space(net->dir);
    runner->image_fd = init_image_open();
    runner->filter_fd = filter_open(false);
    if (runner->image_fd < 0 || runner->filter_fd < 0)
        infra("cannot prepare the sandbox: %s",
              strerror(runner->image_fd < 0 ? -runner->image_fd
                                            : -runner->filter_fd));
    /* A program that does not read what it is fed is no reason to die. */
    signal(SIGPIPE, SIG_IGN);
    write_users(net);
    cgroup_run_init(&runner->cgroups, nets_older(net));
    init_lock(runner);
    keeper_start(runner);
    net->runner = runner;
    net->runner_stop = runner_free;
    runner_witness(runner);
    return runner;
}

void run_fail(bool timed_out, const char *format, ...)
{
    struct strbuf message = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&message, format, args);
    va_end(args);
    journal_mark_failed();
    testrun_end(&(struct ending){.verdict = VERDICT_FAIL,
                                 .message = strbuf_text(&message),
                                 .timed_out = timed_out});
}
