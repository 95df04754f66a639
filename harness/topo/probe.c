/* What this machine allows, found out by trying.
 *
 * Each question is put to the kernel by a child which does the thing itself and
 * tells the errno in its exit status: versions, configurations and permissions
 * are too many to reason about, an attempt is right by definition.  Only the
 * remedy for what is refused is guessed, from the settings known to refuse. */
#include "topo/topo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topo/cell.h"
#include "topo/netlink.h"
#include "topo/netns.h"

/* ---- Attempts: each returns 0 or -errno, in a child ---------------------- */

typedef int attempt_fn(void);

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

/* ---- Remedies ------------------------------------------------------------ */

static bool setting_is(const char *path, const char *value)
{
    char text[32] = "";
    FILE *file = fopen(path, "re");
    bool same = file && fgets(text, sizeof(text), file) &&
                strcspn(text, "\n") == strlen(value) &&
                strncmp(text, value, strlen(value)) == 0;
    if (file)
        fclose(file);
    return same;
}

static bool in_container(void)
{
    return access("/.dockerenv", F_OK) == 0 ||
           access("/run/.containerenv", F_OK) == 0;
}

/* A container refuses with EPERM what its flags do not allow; ENOSPC means that
 * there may be no more of them, or none at all. */
static const char *user_ns_remedy(int error)
{
    if (error == ENOSPC ||
        setting_is("/proc/sys/user/max_user_namespaces", "0"))
        return "sudo sysctl user.max_user_namespaces=10000";
    if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", "0"))
        return "sudo sysctl kernel.unprivileged_userns_clone=1";
    if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                   "1"))
        return "sudo sysctl "
               "kernel.apparmor_restrict_unprivileged_userns=0";
    if (in_container())
        return "docker run --security-opt seccomp=unconfined, and the other "
               "flags of docker/README.md";
    return "run as root";
}

static const char *tun_remedy(int error)
{
    if (error == EACCES || error == EPERM)
        return "sudo chmod 0666 /dev/net/tun";
    if (in_container())
        return "docker run --device /dev/net/tun";
    return "sudo modprobe tun";
}

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
    if (error)
        explain(probe, "no user or network namespaces", error,
                user_ns_remedy(error));
    error = attempt(try_pid_ns);
    probe->pid_ns = error == 0;
    if (error)
        explain(probe, "no pid namespaces", error, user_ns_remedy(error));
    error = attempt(try_cell);
    probe->proc_mount = error == 0;
    if (error)
        explain(probe, "cannot mount a /proc of its own", error,
                "docker run --security-opt systempaths=unconfined");
    error = attempt(try_tun);
    probe->tun = error == 0;
    if (error)
        explain(probe, "no /dev/net/tun", error, tun_remedy(error));
    error = attempt(try_netem);
    probe->netem = error == 0;
    if (error)
        explain(probe, "this kernel has no netem", error,
                "sudo modprobe sch_netem; the engine wire needs none");
    error = attempt(try_fifo);
    probe->fifo = error == 0;
    if (error)
        explain(probe, "no real-time scheduling", error,
                "only costs punctuality on a busy machine; ulimit -r 1");
}
