/* A seccomp filter: what may not even be tried in a sandbox.
 *
 * The namespaces and the missing capabilities already refuse most of this.  The
 * filter is there for the rest: kernel code that is large, old or privileged by
 * mistake (keyrings, BPF, perf, userfaultfd), and the way to new capabilities
 * that a user namespace of one's own would be.  The answer is EPERM, never
 * death, so that a program which merely asks can go on.
 *
 * It must not be in the way of AddressSanitizer (personality; halting one's own
 * threads by ptrace and reading their registers, which is how LeakSanitizer
 * finds what they still point to), nor of debuggers attached from outside.
 *
 * A ring of io_uring is refused unless the test asks for it: what is put into
 * one passes no filter. */
#include "run/filter.h"

#include <errno.h>
#include <linux/in6.h>
#include <sys/ptrace.h>
#include <linux/sched.h>
#include <netinet/ip.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>

static const int refused[] = {
    /* kernel code of their own */
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    /* keyrings are not namespaced */
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    /* the file system's shape */
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(quotactl),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    /* other namespaces */
    SCMP_SYS(setns),
    /* other processes */
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    /* the machine's clock, power and ports */
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(reboot),
    SCMP_SYS(acct),
    SCMP_SYS(syslog),
    SCMP_SYS(ioperm),
    SCMP_SYS(iopl),
};

static const int rings[] = {
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
};

/* What ptrace(2) may be asked for; see above. */
static const unsigned traces[] = {
    PTRACE_ATTACH,  PTRACE_DETACH,    PTRACE_CONT,      PTRACE_KILL,
    PTRACE_GETREGS, PTRACE_GETFPREGS, PTRACE_GETREGSET,
};

/* Sending in another's name: IPv6 needs no privilege for it. */
static const struct {
    int level, option;
} forgeries[] = {
    {IPPROTO_IP, IP_FREEBIND},
    {IPPROTO_IP, IP_TRANSPARENT},
    {IPPROTO_IPV6, IPV6_FREEBIND},
    {IPPROTO_IPV6, IPV6_TRANSPARENT},
};

static const unsigned new_namespaces[] = {
    CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWNET,    CLONE_NEWPID,
    CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP,
};

/* An argument whose bits under `mask` are `value` / that is above a value. */
static struct scmp_arg_cmp bits(unsigned arg, scmp_datum_t mask,
                                scmp_datum_t value)
{
    return (struct scmp_arg_cmp){.arg = arg,
                                 .op = SCMP_CMP_MASKED_EQ,
                                 .datum_a = mask,
                                 .datum_b = value};
}

static struct scmp_arg_cmp above(unsigned arg, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){
        .arg = arg, .op = SCMP_CMP_GT, .datum_a = value};
}

static int refuse(scmp_filter_ctx filter, int call)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
}

static int refuse_when(scmp_filter_ctx filter, int error, int call,
                       struct scmp_arg_cmp when)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)error), call, 1,
                            when);
}

static int refuse_namespaces(scmp_filter_ctx filter)
{
    size_t n = sizeof(new_namespaces) / sizeof(new_namespaces[0]);
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++) {
        unsigned flag = new_namespaces[i];
        result =
            refuse_when(filter, EPERM, SCMP_SYS(unshare), bits(0, flag, flag));
        if (result == 0)
            result = refuse_when(filter, EPERM, SCMP_SYS(clone),
                                 bits(0, flag, flag));
    }
    /* clone3's flags are in memory, where a filter cannot look; libc falls
     * back to clone when there is none. */
    if (result == 0)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
                                  SCMP_SYS(clone3), 0);
    return result;
}

/* Address families that no lab uses; AF_VSOCK, above all, reaches the machine
 * around the sandbox since it has no namespaces. */
static int refuse_families(scmp_filter_ctx filter)
{
    int result =
        refuse_when(filter, EAFNOSUPPORT, SCMP_SYS(socket), above(0, AF_XDP));
    for (int family = AF_PACKET + 1; family < AF_XDP && result == 0; family++)
        result = refuse_when(filter, EAFNOSUPPORT, SCMP_SYS(socket),
                             bits(0, 0xffffffff, (scmp_datum_t)family));
    return result;
}

/* personality(2): the flags that weaken a process.  Asking (all bits set) and
 * ADDR_NO_RANDOMIZE, which sanitizers and debuggers want, stay allowed. */
static int refuse_personalities(scmp_filter_ctx filter)
{
    static const scmp_datum_t flags[] = {READ_IMPLIES_EXEC, MMAP_PAGE_ZERO,
                                         ADDR_COMPAT_LAYOUT};
    const scmp_datum_t asking = 1U << 31;
    int result = 0;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && !result; i++)
        result = refuse_when(filter, EPERM, SCMP_SYS(personality),
                             bits(0, flags[i] | asking, flags[i]));
    return result;
}

static bool may_trace(unsigned request)
{
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        if (traces[i] == request)
            return true;
    }
    return false;
}

/* All requests but those few.  The kernel knows none between the two ranges. */
static int refuse_traces(scmp_filter_ctx filter)
{
    int result = refuse_when(filter, EPERM, SCMP_SYS(ptrace),
                             above(0, PTRACE_GETREGSET));
    for (unsigned request = 0; request < 64 && result == 0; request++) {
        if (!may_trace(request))
            result = refuse_when(filter, EPERM, SCMP_SYS(ptrace),
                                 bits(0, ~0ULL, request));
    }
    for (unsigned request = PTRACE_SETOPTIONS;
         request < PTRACE_GETREGSET && result == 0; request++)
        result = refuse_when(filter, EPERM, SCMP_SYS(ptrace),
                             bits(0, ~0ULL, request));
    return result;
}

static int refuse_forgeries(scmp_filter_ctx filter)
{
    int result = 0;
    size_t n = sizeof(forgeries) / sizeof(forgeries[0]);
    for (size_t i = 0; i < n && result == 0; i++)
        result = seccomp_rule_add(
            filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setsockopt), 2,
            bits(1, 0xffffffff, (scmp_datum_t)forgeries[i].level),
            bits(2, 0xffffffff, (scmp_datum_t)forgeries[i].option));
    return result;
}

static int refuse_all(scmp_filter_ctx filter, const int *calls, size_t n)
{
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++)
        result = refuse(filter, calls[i]);
    return result;
}

static int build(scmp_filter_ctx filter, bool io_uring)
{
    int result =
        refuse_all(filter, refused, sizeof(refused) / sizeof(refused[0]));
    if (result == 0 && !io_uring)
        result = refuse_all(filter, rings, sizeof(rings) / sizeof(rings[0]));
    if (result == 0)
        result = refuse_traces(filter);
    if (result == 0)
        result = refuse_forgeries(filter);
    if (result == 0)
        result = refuse_namespaces(filter);
    if (result == 0)
        result = refuse_families(filter);
    if (result == 0)
        result = refuse_personalities(filter);
    /* Typing into the terminal that wirelab was started from. */
    if (result == 0)
        result = refuse_when(filter, EPERM, SCMP_SYS(ioctl),
                             bits(1, 0xffffffff, TIOCSTI));
    return result;
}

/* Returns NULL and -errno in `error` if it cannot be made. */
static scmp_filter_ctx make(bool io_uring, int *error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    *error = filter ? build(filter, io_uring) : -ENOMEM;
    if (*error == 0)
        return filter;
    if (filter)
        seccomp_release(filter);
    return NULL;
}

int filter_open(bool io_uring)
{
    int result;
    scmp_filter_ctx filter = make(io_uring, &result);
    if (filter == NULL)
        return result;
    int fd = memfd_create("wirelab-filter", MFD_CLOEXEC);
    if (fd < 0)
        result = -errno;
    if (result == 0)
        result = seccomp_export_bpf(filter, fd);
    if (result == 0 && lseek(fd, 0, SEEK_SET) < 0)
        result = -errno;
    seccomp_release(filter);
    if (result < 0 && fd >= 0)
        close(fd);
    return result < 0 ? result : fd;
}

int filter_enter(void)
{
    int result;
    scmp_filter_ctx filter = make(false, &result);
    if (filter == NULL)
        return result;
    result = seccomp_load(filter); /* which also says no_new_privs */
    seccomp_release(filter);
    return result;
}
