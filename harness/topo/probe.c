/* What this machine allows, found out by trying.
 *
 * Each question is put to the kernel by a child which does the thing itself and
 * tells the errno in its exit status: versions, configurations and permissions
 * are too many to reason about, an attempt is right by definition.  Only the
 * remedy for what is refused is guessed (remedy.h). */
#include "topo/topo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topo/cell.h"
#include "topo/netlink.h"
#include "topo/netns.h"
#include "topo/remedy.h"

/* ---- Attempts: each returns 0 or -errno, in a child ---------------------- */

typedef int attempt_fn(void);

enum { SOME_UID = 60578 }; /* nobody's, as of those in run/uids.c */

static int try_root(void)
{
    return unshare(CLONE_NEWNS | CLONE_NEWNET) < 0 ? -errno : 0;
}

static int try_user_ns(void)
{
    char what[CELL_ERROR_BYTES];
    int error = userns_unshare(CLONE_NEWNET, what);
    /* Where AppArmor restricts them, they are made, but grant nothing. */
    return error < 0 ? error : netns_loopback_up();
}

static int enter_net_ns(void)
{
    char what[CELL_ERROR_BYTES];
    int error = cell_unshare(CLONE_NEWNET, what);
    return error < 0 ? error : netns_loopback_up();
}

static int try_pid_ns(void)
{
    char what[CELL_ERROR_BYTES];
    int error = cell_unshare(CLONE_NEWPID, what);
    pid_t pid = error < 0 ? -1 : fork();
    if (pid == 0)
        _exit(getpid() == 1 ? 0 : 1);
    int status;
    if (error < 0 || pid < 0)
        return error < 0 ? error : -errno;
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -EPERM;
}

static int return_at_once(void *context)
{
    (void)context;
    return 0;
}

/* Namespaces work, so a cell that is refused lacks its /proc. */
static int try_cell(void)
{
    char error[CELL_ERROR_BYTES];
    pid_t pid = cell_start(return_at_once, NULL, error);
    if (pid < 0)
        return (int)pid;
    int status;
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -EIO;
}

/* Root lets each program be another user, and has to see what it holds: which
 * root of a container may not. */
static int try_watch(void)
{
    char path[64];
    struct stat st;
    int dropped[2], error = 0;
    pid_t pid = pipe2(dropped, O_CLOEXEC) < 0 ? -1 : fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        if (setresuid(SOME_UID, SOME_UID, SOME_UID) < 0)
            _exit(0); /* there is one user only */
        close(dropped[1]);
        pause();
    }
    close(dropped[1]);
    (void)!read(dropped[0], path, 1); /* until it dropped, or ended */
    close(dropped[0]);
    (void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
    if (stat(path, &st) < 0 && errno != ENOENT)
        error = -errno;
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return error;
}

static int try_tun(void)
{
    int error = enter_net_ns();
    if (error < 0)
        return error;
    struct ifreq request = {.ifr_name = "probe"};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    return fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0 ? -errno : 0;
}

int netns_try_netem(void)
{
    struct tc_netem_qopt options = {.limit = 1000};
    struct tcmsg lo = {.tcm_ifindex = 1, .tcm_parent = TC_H_ROOT};
    struct rtnl rtnl;
    int error = rtnl_open(&rtnl);
    if (error < 0)
        return error;
    rtnl_begin(&rtnl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &lo,
               sizeof(lo));
    rtnl_put_text(&rtnl, TCA_KIND, "netem");
    rtnl_put(&rtnl, TCA_OPTIONS, &options, sizeof(options));
    error = rtnl_commit(&rtnl);
    rtnl_close(&rtnl);
    return error;
}

static int try_netem(void)
{
    int error = enter_net_ns();
    return error < 0 ? error : netns_try_netem();
}

static int try_veth(void)
{
    struct ifinfomsg any = {0};
    struct rtnl rtnl;
    int error = enter_net_ns();
    if (error == 0)
        error = rtnl_open(&rtnl);
    if (error < 0)
        return error;
    rtnl_begin(&rtnl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &any,
               sizeof(any));
    size_t info = rtnl_nest(&rtnl, IFLA_LINKINFO);
    rtnl_put_text(&rtnl, IFLA_INFO_KIND, "veth");
    rtnl_nest_end(&rtnl, info);
    error = rtnl_commit(&rtnl);
    rtnl_close(&rtnl);
    return error;
}

/* As host_masquerade() does it, by the tools themselves. */
static int try_nat(void)
{
    static const char script[] =
        "PATH=$PATH:/usr/sbin:/sbin; exec >/dev/null 2>&1; "
        "nft 'table ip probe { chain post { type nat hook postrouting "
        "priority 100; masquerade; }; }' || "
        "iptables-legacy -t nat -A POSTROUTING -j MASQUERADE";
    int error = enter_net_ns();
    if (error < 0)
        return error;
    (void)execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    return -errno;
}

static int try_fifo(void)
{
    struct sched_param lowest = {.sched_priority = 1};
    return sched_setscheduler(0, SCHED_FIFO, &lowest) < 0 ? -errno : 0;
}

/* Returns 0, or the errno that the attempt met. */
static int attempt(attempt_fn *fn)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(-fn() & 0xff);
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* ---- What is said of it -------------------------------------------------- */

static void explain(struct cell_probe *probe, const char *what, int error,
                    const char *remedy)
{
    if (probe->reason[0] == '\0')
        snprintf(probe->reason, sizeof(probe->reason), "%s (%s): %s", what,
                 strerror(error), remedy);
}

void cell_probe(struct cell_probe *probe)
{
    memset(probe, 0, sizeof(*probe));
    probe->root = geteuid() == 0 && attempt(try_root) == 0;
    probe->user_ns = attempt(try_user_ns) == 0;
    int error = attempt(enter_net_ns);
    probe->net_ns = error == 0;
    probe->net_ns_error = error;
    if (error)
        explain(probe, "no user or network namespaces", error,
                remedy_namespaces(error));
    error = attempt(try_pid_ns);
    probe->pid_ns = error == 0;
    if (error)
        explain(probe, "no pid namespaces", error, remedy_namespaces(error));
    error = attempt(try_cell);
    probe->proc_mount = error == 0;
    if (error)
        explain(probe, "cannot mount a /proc of its own", error, remedy_proc());
    error = geteuid() == 0 ? attempt(try_watch) : 0;
    probe->watch = error == 0;
    if (error)
        explain(probe, "root may not look into other users' programs", error,
                remedy_watch());
    error = attempt(try_tun);
    probe->tun = error == 0;
    probe->tun_error = error;
    if (error)
        explain(probe, "no /dev/net/tun", error, remedy_tun(error));
    error = attempt(try_netem);
    probe->netem = error == 0;
    if (error)
        explain(probe, "this kernel has no netem", error, remedy_netem());
    error = attempt(try_fifo);
    probe->fifo = error == 0;
    if (error)
        explain(probe, "no real-time scheduling", error,
                "only costs punctuality on a busy machine; ulimit -r 1");
}

bool cell_probe_veth(void)
{
    return attempt(try_veth) == 0;
}

bool cell_probe_nat(void)
{
    return attempt(try_nat) == 0;
}
