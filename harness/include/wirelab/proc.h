/* Programs: the one under test, the reference, and real peers.
 *
 * A program runs on a host, in a sandbox, in a directory of its own which no
 * other host sees.  Files are named as scp names them: "sender:in.bin" is
 * in.bin in the directory of the programs on host `sender`.
 *
 * Nothing here returns an error: what the program does wrong (it exits while it
 * is awaited, say) is a `fail`; what the machine refuses is `infra`. */
#ifndef WIRELAB_PROC_H
#define WIRELAB_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/net.h>
#include <wirelab/time.h>

struct proc;

enum program_role {
    PROGRAM_TESTED,    /* the implementation that is being checked */
    PROGRAM_REFERENCE, /* ours */
    PROGRAM_PEER,      /* a real tool of the system */
    PROGRAM_TOOL,      /* one that works on strangers' files: a compiler; it is
                          boxed as the tested program is, and tighter */
};

struct program {
    const char *name;
    enum program_role role;
};

/* The tested implementation's program of that name; its absence is a `fail`
 * (it did not build). */
struct program program(const char *name);
/* The reference's; the test is skipped where it is absent. */
struct program reference(const char *name);
/* A command of the system, found on PATH; skipped, loudly, where absent. */
struct program peer(const char *command);

/* Starts a program with arguments; every one is a const char *.
 *      host_start(b, program("rrecv"), "9000", "out.bin")                   */
#define host_start(...) host_start_list(__VA_ARGS__, (const char *)NULL)
struct proc *host_start_list(struct host *host, struct program program, ...)
    __attribute__((sentinel));

/* What else can be said of a start; zero is the default everywhere. */
struct start_options {
    const char *const *env;    /* "NAME=value", NULL-terminated, added */
    const char *const *fd_env; /* names of variables that carry fd numbers */
    const int *fds;            /* open descriptors to hand over, by fd_env */
    size_t fd_count;
    size_t memory_bytes; /* default 512 MiB */
    int max_processes;   /* default 512 */
    unsigned cpu_s;      /* CPU time of each process; default: any */
    size_t output_bytes; /* kept of stdout and stderr; default 64 KiB
                            at the head and 64 KiB at the tail */
    size_t file_bytes;   /* largest file, and all on its host together;
                            default 4 GiB */
    int64_t wall_ns;     /* of the whole process tree; default: until
                            the test ends */
    bool stdin_open;     /* keep stdin open for proc_feed */
    bool io_uring;       /* the lab is about it: it may be used */
};
/* A program starts in its host's directory (/work to it), as a user without any
 * privilege, with no file of the machine but /usr and a few of /etc; a peer
 * sees all files, read-only, and is root on its host.  When it ends, whatever
 * it started ends too: a server has to stay in the foreground. */
struct proc *host_start_with(struct host *host, struct program program,
                             const struct start_options *options,
                             const char *const *argv_tail);

/* Waits until the program has a socket bound to (UDP) or listening on (TCP) the
 * port, seen through sock_diag, never by connecting.  Fails the test after 5 s,
 * or at once when the program ends first. */
void proc_await_udp(struct proc *proc, uint16_t port);
void proc_await_tcp(struct proc *proc, uint16_t port);
/* The same for a program that may end instead, as a skeleton does: returns
 * false when it did. */
bool proc_udp_or_end(struct proc *proc, uint16_t port);
/* Waits until stdout or stderr contains `text`. */
void proc_await_output(struct proc *proc, const char *text, int64_t timeout_ns);

void proc_feed(struct proc *proc, const void *data, size_t bytes);
void proc_close_stdin(struct proc *proc);
/* What the program has written so far; NUL-terminated, valid until the next
 * call.  `bytes` may be NULL. */
const char *proc_stdout(struct proc *proc, size_t *bytes);
const char *proc_stderr(struct proc *proc, size_t *bytes);

/* Sends a signal to the program itself (not to its sandbox). */
void proc_signal(struct proc *proc, int signal);
/* Ends the whole tree with SIGKILL and waits for it. */
void proc_kill(struct proc *proc);

struct proc_end {
    bool ended;
    int exit_code;   /* -1 if killed by a signal; 86 is a sanitizer's finding */
    int signal;      /* 0 if it exited */
    bool wall_limit; /* killed because its wall limit was over */
    bool memory_limit;
    bool disk_limit; /* wrote more files, or bytes in all, than it may */
    int64_t wall_ns, cpu_ns;
    int64_t peak_rss_bytes;
};
/* Waits for the end.  Returns true and fills `end`, or false at the deadline;
 * the program then goes on. */
bool proc_wait(struct proc *proc, int64_t timeout_ns, struct proc_end *end);

/* CPU time and memory of the program's tree, until now. */
int64_t proc_cpu_ns(struct proc *proc);
int64_t proc_rss_bytes(struct proc *proc);
/* For how long its processes were ready to run and had to wait for a CPU, until
 * now: the machine's doing.  <wirelab/expect.h> says what to do about it. */
int64_t proc_run_delay_ns(struct proc *proc);
/* The same between two points in time (since net_new, as a packet's).  They are
 * looked at forty times a second, and waits at the edges are counted, so it is
 * rather too much than too little. */
int64_t proc_run_delay_between(struct proc *proc, int64_t from_ns,
                               int64_t to_ns);
/* Open descriptors of the program itself. */
int proc_fd_count(struct proc *proc);
int proc_pid(const struct proc *proc);
const char *proc_name(const struct proc *proc);
struct host *proc_host(const struct proc *proc);

/* ---- Files: "host:name" -------------------------------------------------- */

/* Writes a file of seeded random bytes / of given bytes. */
void file_random(struct net *net, const char *file, size_t bytes);
void file_write(struct net *net, const char *file, const void *data,
                size_t bytes);
/* Its size, or -1 if it is absent. */
int64_t file_size(struct net *net, const char *file);
/* Its bytes, malloc'd, NUL-terminated; NULL if it is absent.  Caller frees. */
char *file_read(struct net *net, const char *file, size_t *bytes);
/* How many files a host's directory holds ("server:" or "server:dir"). */
int file_count(struct net *net, const char *dir);
void file_mkdir(struct net *net, const char *dir);
/* Makes a file's directory full: at most `bytes` more can be written there.
 * The directory is a file system of its own; call before anything is in it. */
void file_quota(struct net *net, const char *dir, size_t bytes);

#endif
