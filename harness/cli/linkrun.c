/* Two hosts, a link, a command on each; see linkrun.h.
 *
 *      left ──── the link, as the profile says ──── right
 *      COMMAND                                      --right CMD, started first
 */
#include "cli/linkrun.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "cli/linktell.h"
#include "link/links.h"
#include "topo/topo.h"

/* How long the right command may take to open a socket, and to end when the
 * left one has. */
#define READY_NS SECONDS(2)
enum { ENDING_MS = 1000, LOOK_MS = 2 };

struct hosts {
    struct net *net;
    struct host *left, *right;
    struct link *link;
};

/* ---- Commands ------------------------------------------------------------ */

static void set_addresses(const struct hosts *hosts)
{
    (void)setenv("WIRELAB_LEFT", host_addr(hosts->left), 1);
    (void)setenv("WIRELAB_RIGHT", host_addr(hosts->right), 1);
    if (!hosts->net->ipv6)
        return;
    (void)setenv("WIRELAB_LEFT6", host_addr6(hosts->left), 1);
    (void)setenv("WIRELAB_RIGHT6", host_addr6(hosts->right), 1);
}

/* Starts argv on a host.  Where `background`, it is a process group of its own
 * without input; `out_fd` is its standard output, -1: as it is. */
static pid_t start(const struct hosts *hosts, const struct host *host,
                   char *const *argv, bool background, int out_fd)
{
    pid_t pid = fork();
    if (pid < 0)
        infra("cannot fork: %s", strerror(errno));
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGQUIT, SIG_DFL);
    if (background) {
        (void)setpgid(0, 0);
        int null = open("/dev/null", O_RDONLY);
        (void)dup2(null, STDIN_FILENO);
    }
    if (out_fd >= 0)
        (void)dup2(out_fd, STDOUT_FILENO);
    host_enter(host);
    int error = host_enter_names(host);
    set_addresses(hosts);
    if (error == 0) {
        (void)execvp(argv[0], argv);
        error = -errno;
    }
    fprintf(stderr, "wirelab: cannot run %s on %s: %s\n", argv[0],
            host_name(host), strerror(-error));
    _exit(127);
}

static int wait_status(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Whether a table of sockets of this thread's namespace has an entry; of TCP
 * only a listening one counts. */
static bool has_socket(const char *table, bool listening)
{
    char *path = str_format("/proc/thread-self/net/%s", table);
    char line[512];
    bool found = false;
    FILE *file = fopen(path, "re");
    free(path);
    if (file == NULL)
        return false;
    bool header = fgets(line, sizeof(line), file) != NULL;
    while (header && !found && fgets(line, sizeof(line), file))
        found = !listening || strstr(line, " 0A ") != NULL;
    (void)fclose(file);
    return found;
}

static bool somebody_listens(const struct host *host)
{
    host_enter(host);
    bool yes = has_socket("tcp", true) || has_socket("tcp6", true) ||
               has_socket("udp", false) || has_socket("udp6", false) ||
               has_socket("raw", false) || has_socket("packet", false);
    host_leave();
    return yes;
}

static int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Waits for the end of a process.  Returns whether it came in time. */
static bool has_ended(int pidfd, int timeout_ms)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return poll(&end, 1, timeout_ms) == 1;
}

/* Most servers are ready when they have a socket; who never opens one is not
 * waited for long. */
static void await_ready(const struct host *host, int pidfd)
{
    int64_t until_ns = clock_now_ns() + READY_NS;
    while (!somebody_listens(host) && clock_now_ns() < until_ns) {
        if (has_ended(pidfd, LOOK_MS))
            return;
    }
}

static void end_right(pid_t pid, int pidfd)
{
    if (!has_ended(pidfd, ENDING_MS))
        (void)kill(-pid, SIGTERM);
    if (!has_ended(pidfd, ENDING_MS))
        (void)kill(-pid, SIGKILL);
    (void)wait_status(pid);
    close(pidfd);
}

/* Returns the exit status of what runs on the left. */
static int run_commands(const struct linkrun *plan, const struct hosts *hosts)
{
    char *shell[] = {"sh", "-c", (char *)plan->right, NULL};
    int out_fd = plan->json ? STDERR_FILENO : -1; /* stdout is for the JSON */
    pid_t right = 0;
    int pidfd = -1;
    if (plan->right) {
        right = start(hosts, hosts->right, shell, true, out_fd);
        pidfd = pidfd_of(right);
        await_ready(hosts->right, pidfd);
    }
    pid_t left = start(hosts, hosts->left, plan->command, false, out_fd);
    int status = wait_status(left);
    if (right > 0)
        end_right(right, pidfd);
    return status;
}

/* ---- The cell ------------------------------------------------------------ */

static struct hosts make_net(const struct linkrun *plan)
{
    struct hosts hosts = {.net = net_new(plan->seed)};
    links_capture_to(hosts.net, plan->capture, NULL);
    if (plan->ipv6)
        net_want_ipv6(hosts.net);
    hosts.left = net_host(hosts.net, "left");
    hosts.right = net_host(hosts.net, "right");
    hosts.link = net_link(hosts.left, hosts.right, plan->profile);
    if (plan->fast)
        link_fast(hosts.link);
    for (size_t i = 0; i < plan->scripts->count; i++)
        link_script(hosts.link, plan->scripts->items[i]);
    return hosts;
}

static int run_in_cell(void *context)
{
    const struct linkrun *plan = context;
    char work_dir[256];
    int error = work_dir_make(work_dir, sizeof(work_dir));
    if (error < 0)
        return infra_error("cannot make a work directory: %s",
                           strerror(-error));
    /* Ctrl-C is for the command; we tell what happened until then. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGQUIT, SIG_IGN);
    struct testrun run = *testrun();
    run.work_dir = work_dir;
    run.engine = plan->engine;
    run.seed = plan->seed;
    testrun_begin(&run);
    struct hosts hosts = make_net(plan);
    int status = run_commands(plan, &hosts);
    links_stop(hosts.net);
    int result = linktell(plan, hosts.net, status);
    net_free(hosts.net);
    work_dir_remove(work_dir);
    return result;
}

int linkrun(const struct linkrun *plan)
{
    char error[CELL_ERROR_BYTES];
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGQUIT, SIG_IGN);
    pid_t cell = cell_start(run_in_cell, (void *)plan, error);
    if (cell < 0)
        return infra_error("%s", error);
    return wait_status(cell);
}
