/* Asks the kernel for what a program under test must not get: namespaces,
 * mounts, devices, capabilities, packets of its own making, sockets of the
 * machine.  Its argument names an abstract Unix socket which the test listens
 * on outside, and an address no link leads to. */
#include "attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/in6.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child, since success would change who we are. */
static int child_could(int (*try)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(try() ? 1 : 0);
    waitpid(pid, &status, 0);
    return status != 0;
}

static int new_user_namespace(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}

static int new_network(void)
{
    return unshare(CLONE_NEWNET) == 0;
}

static int cloned_user_namespace(void)
{
    return syscall(SYS_clone, CLONE_NEWUSER | 17, 0, 0, 0, 0) >= 0;
}

static int other_namespace(void)
{
    int fd = open("/proc/1/ns/mnt", O_RDONLY);
    return fd >= 0 || setns(fd, 0) == 0 || errno != EPERM;
}

static int new_root(void)
{
    return chroot("/work") == 0;
}

static int another_user(void)
{
    return setuid(0) == 0 || setgid(0) == 0;
}

static int be_traced(void)
{
    return ptrace(PTRACE_TRACEME, 0, 0, 0) == 0;
}

static void ask_for_privilege(void)
{
    attempt("made a user namespace", child_could(new_user_namespace));
    attempt("cloned a user namespace", child_could(cloned_user_namespace));
    attempt("made a network", child_could(new_network));
    attempt("entered a namespace", child_could(other_namespace));
    attempt("changed its root", child_could(new_root));
    attempt("became root", child_could(another_user));
    attempt("mounted", mount("none", "/work", "tmpfs", 0, NULL) == 0);
    attempt("remounted",
            mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
    attempt("unmounted", umount2("/lab", MNT_DETACH) == 0);
    attempt("made a device",
            mknod("disk", S_IFBLK | 0600, makedev(254, 0)) == 0);
    attempt("raised its priority", setpriority(PRIO_PROCESS, 0, -10) == 0);
}

static void ask_the_kernel(void)
{
    char attr[128] = {0};
    attempt("loaded BPF",
            syscall(SYS_bpf, 0, attr, sizeof(attr)) >= 0 || errno != EPERM);
    attempt("used perf",
            syscall(SYS_perf_event_open, attr, 0, -1, -1, 0) >= 0 ||
                errno != EPERM);
    attempt("used keyrings",
            syscall(SYS_add_key, "user", "k", "v", 1, -3) >= 0);
    attempt("used userfaultfd", syscall(SYS_userfaultfd, 1) >= 0);
    attempt("made an io_uring",
            syscall(SYS_io_uring_setup, 4, attr) >= 0 || errno != EPERM);
    attempt("looked into a process",
            syscall(SYS_process_vm_readv, getpid(), 0, 0, 0, 0, 0) >= 0);
    attempt("asked to be traced", child_could(be_traced));
    attempt("opened by handle",
            syscall(SYS_open_by_handle_at, -1, 0, 0) >= 0 || errno != EPERM);
}

static void ask_for_packets(void)
{
    int alg = socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0);
    attempt("opened AF_ALG", alg >= 0);
    attempt("opened a raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_TCP) >= 0);
    attempt("opened a packet socket",
            socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) >= 0);
    int on = 1, plain = socket(AF_INET6, SOCK_DGRAM, 0);
    attempt(
        "may send as somebody else",
        setsockopt(plain, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) == 0 ||
            setsockopt(plain, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) == 0 ||
            setsockopt(plain, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on)) ==
                0);
    attempt("opened a vsock", socket(AF_VSOCK, SOCK_STREAM, 0) >= 0);
    attempt("opened /dev/net/tun", open("/dev/net/tun", O_RDWR) >= 0);
}

static void reach_out(const char *abstract, const char *addr)
{
    struct sockaddr_un outside = {.sun_family = AF_UNIX};
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(9)};
    size_t length = strlen(abstract);
    memcpy(outside.sun_path + 1, abstract, length);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    attempt("reached a Unix socket of the machine",
            connect(fd, (struct sockaddr *)&outside,
                    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                                length)) == 0);
    inet_pton(AF_INET, addr, &other.sin_addr);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    attempt("reached another network",
            sendto(fd, "x", 1, 0, (struct sockaddr *)&other, sizeof(other)) >=
                0);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    ask_for_privilege();
    ask_the_kernel();
    ask_for_packets();
    reach_out(argv[1], argv[2]);
    tried();
    return 0;
}
