/* A net that stays up for somebody at a prompt; see shellnet.h. */
#include "cli/shellnet.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "cli/cli.h"
#include "link/links.h"
#include "topo/topo.h"

const char *const shellnet_hosts[SHELLNET_HOSTS] = {"sender", "receiver"};

/* What an anchor says; the kernel adds its pid as the receiver sees it. */
struct hello {
    int index, error;
    char addr[64], dir[SHELLNET_TEXT_BYTES];
};

struct keeper {
    const struct shellnet_plan *plan;
    int control_fd; /* the cell's end */
    int far_fd;     /* the caller's, to be closed */
};

/* ---- In the cell ----------------------------------------------------------
 */

static int settle_in(const struct host *host)
{
    host_enter(host);
    int error = host_enter_names(host);
    if (error < 0)
        return error;
    if (unshare(CLONE_NEWUTS) < 0 ||
        sethostname(host_name(host), strlen(host_name(host))) < 0)
        return -errno;
    return 0;
}

static void anchor(const struct host *host, int index, int control_fd)
{
    struct hello hello = {.index = index};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    hello.error = settle_in(host);
    snprintf(hello.addr, sizeof(hello.addr), "%s", host_addr(host));
    snprintf(hello.dir, sizeof(hello.dir), "%s", host->dir);
    bool told = send(control_fd, &hello, sizeof(hello), 0) > 0;
    (void)close(control_fd);
    while (told && hello.error == 0)
        (void)pause();
    _exit(0);
}

static void start_anchor(const struct host *host, int index, int control_fd)
{
    pid_t pid = fork();
    if (pid < 0)
        infra("cannot fork: %s", strerror(errno));
    if (pid == 0)
        anchor(host, index, control_fd);
}

/* The caller shuts its end down; nothing else ever comes. */
static void await_close(int control_fd)
{
    char byte;
    while (recv(control_fd, &byte, 1, 0) < 0 && errno == EINTR)
        ;
}

static int keep(void *context)
{
    const struct keeper *keeper = context;
    const struct shellnet_plan *plan = keeper->plan;
    (void)close(keeper->far_fd);
    /* Ctrl-C at the prompt is for what runs there. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGQUIT, SIG_IGN);
    struct testrun run = *testrun();
    run.work_dir = plan->work_dir;
    run.engine = plan->engine;
    testrun_begin(&run);
    struct net *net = net_new(run.seed);
    links_capture_to(net, plan->capture, NULL);
    struct host *hosts[SHELLNET_HOSTS];
    for (int i = 0; i < SHELLNET_HOSTS; i++)
        hosts[i] = net_host(net, shellnet_hosts[i]);
    net_link(hosts[0], hosts[1], plan->profile);
    for (int i = 0; i < SHELLNET_HOSTS; i++)
        start_anchor(hosts[i], i, keeper->control_fd);
    await_close(keeper->control_fd);
    links_stop(net);
    return 0;
}

/* ---- Outside --------------------------------------------------------------
 */

/* Reads one anchor's message and its pid.  Returns 0 or -errno; -EPIPE: the
 * cell has ended, and has said why on stderr. */
static int receive_hello(struct shellnet *net)
{
    struct hello hello;
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = &hello, .iov_len = sizeof(hello)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t n = recvmsg(net->control_fd, &message, 0);
    if (n < 0)
        return -errno;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (n != (ssize_t)sizeof(hello) || header == NULL ||
        header->cmsg_type != SCM_CREDENTIALS)
        return -EPIPE;
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(header), sizeof(sender));
    net->anchors[hello.index] = sender.pid;
    memcpy(net->addrs[hello.index], hello.addr, sizeof(hello.addr));
    memcpy(net->dirs[hello.index], hello.dir, sizeof(hello.dir));
    return hello.error;
}

int shellnet_start(struct shellnet *net, const struct shellnet_plan *plan)
{
    int ends[2];
    int on = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ||
        setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
        return infra_error("cannot make a socket pair: %s", strerror(errno));
    struct keeper keeper = {
        .plan = plan, .control_fd = ends[1], .far_fd = ends[0]};
    char error[CELL_ERROR_BYTES];
    *net = (struct shellnet){.control_fd = ends[0]};
    net->cell = cell_start(keep, &keeper, error);
    (void)close(ends[1]);
    if (net->cell < 0) {
        (void)close(ends[0]);
        return infra_error("%s", error);
    }
    int failed = 0;
    for (int i = 0; i < SHELLNET_HOSTS && failed == 0; i++)
        failed = receive_hello(net);
    if (failed == 0)
        return 0;
    shellnet_stop(net);
    return failed == -EPIPE
               ? EXIT_INFRA
               : infra_error("cannot set up a host: %s", strerror(-failed));
}

void shellnet_stop(struct shellnet *net)
{
    /* Closing would not do: the cell's other processes have copies. */
    (void)shutdown(net->control_fd, SHUT_WR);
    (void)close(net->control_fd);
    while (waitpid(net->cell, NULL, 0) < 0 && errno == EINTR)
        ;
}

static bool is_own(int fd, const char *own)
{
    struct stat theirs, ours;
    return fstat(fd, &theirs) == 0 && stat(own, &ours) == 0 &&
           theirs.st_ino == ours.st_ino;
}

int shellnet_join(pid_t anchor)
{
    static const char *const kinds[] = {"user", "pid", "ipc",
                                        "uts",  "net", "mnt"};
    enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
    int fds[KINDS];
    int error = 0;
    /* All are opened first: afterwards /proc is another one. */
    for (int i = 0; i < KINDS; i++) {
        char *path = str_format("/proc/%d/ns/%s", (int)anchor, kinds[i]);
        fds[i] = open(path, O_RDONLY | O_CLOEXEC);
        if (fds[i] < 0 && error == 0)
            error = -errno;
        free(path);
    }
    for (int i = 0; i < KINDS; i++) {
        char *own = str_format("/proc/self/ns/%s", kinds[i]);
        if (error == 0 && !is_own(fds[i], own) && setns(fds[i], 0) < 0)
            error = -errno;
        if (fds[i] >= 0)
            (void)close(fds[i]);
        free(own);
    }
    return error;
}
