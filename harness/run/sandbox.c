/* From a description to a running sandbox.
 *
 * The order in the child, and why:
 *   1. setns into the host's network: needs privilege over it.
 *   2. Stage: the directories which the program is to see are mounted at one
 *      place that everybody may search.  Needs privilege too.
 *   3. Become an ordinary user, really: the user namespace that follows then
 *      maps to one who owns nothing, so that a hole in it leads nowhere.  (Some
 *      distributions refuse user namespaces to ordinary users; there bubblewrap
 *      runs as root and init becomes that user, before it starts anything.)
 *   4. Keep the declared descriptors, close everything else.
 *   5. Execute bubblewrap, which makes the namespaces and the file system,
 *      drops capabilities, loads the seccomp filter and executes our init.
 *
 * All memory is prepared before the fork; the child performs system calls only,
 * since another thread may hold a lock at the moment of the fork.
 *
 * What the program finds (a trusted one sees / instead, with /work, /tmp, /run
 * and /dev replaced):
 *
 *     /usr (ro)  /bin /lib /lib64 /sbin -> usr/...  /etc (a few files, ro)
 *     /lab (ro)  the implementation's own programs
 *     /work      the host's directory, where it starts
 *     /tmp /dev/shm  private, bounded      /proc  of its own pid namespace */
#include "run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/bwrap.h"
#include "run/init/init.h"

enum { FD_HIGH = 512 };

/* ---- Description --------------------------------------------------------- */

void sandbox_bind(struct sandbox *box, const char *source, const char *target,
                  unsigned flags)
{
    if (box->bind_count == SANDBOX_MAX_BINDS)
        infra("a sandbox has more than %d binds", SANDBOX_MAX_BINDS);
    box->binds[box->bind_count++] = (struct sandbox_bind){
        .source = source, .target = target, .flags = flags};
}

void sandbox_setenv(struct sandbox *box, const char *format, ...)
{
    struct strbuf text = {0};
    va_list args;
    if (box->env_count == SANDBOX_MAX_ENV)
        infra("a program is given more than %d variables", SANDBOX_MAX_ENV);
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    if (strchr(strbuf_text(&text), '=') == NULL)
        infra("'%s' is no NAME=value for a program's environment", text.text);
    box->env[box->env_count++] = mem_strdup(strbuf_text(&text));
    strbuf_fini(&text);
}

void sandbox_arg(struct sandbox *box, const char *arg)
{
    if (box->argc == SANDBOX_MAX_ARGS)
        infra("a program is given more than %d arguments", SANDBOX_MAX_ARGS);
    box->argv[box->argc++] = arg;
}

void sandbox_fini(struct sandbox *box)
{
    for (size_t i = 0; i < box->env_count; i++)
        free(box->env[i]);
    box->env_count = 0;
}

/* ---- In the child -------------------------------------------------------- */

static void refuse(const struct sandbox *box, const char *what)
    __attribute__((noreturn));
static void refuse(const struct sandbox *box, const char *what)
{
    struct init_message message = {.kind = INIT_REFUSED, .value = errno};
    size_t length = strlen(what);
    if (length >= sizeof(message.what))
        length = sizeof(message.what) - 1;
    memcpy(message.what, what, length);
    /* If even that fails, the socket's end tells the test. */
    (void)!send(box->control_fd, &message, sizeof(message), MSG_NOSIGNAL);
    _exit(1);
}

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int signal = 1; signal < NSIG; signal++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        (void)sigaction(signal, &action, NULL); /* some cannot be changed */
    }
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Makes the mount point, of the source's kind, and moves the mount there. */
static void place(const struct sandbox *box, size_t i, int tree)
{
    char target[32];
    struct stat st;
    snprintf(target, sizeof(target), "%s/%zu", STAGE, i);
    if (fstat(tree, &st) < 0)
        refuse(box, "stat a source of the sandbox");
    int made = S_ISDIR(st.st_mode) ? mkdir(target, 0755)
                                   : mknod(target, S_IFREG | 0644, 0);
    if (made < 0 ||
        move_mount(tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        refuse(box, "stage a source of the sandbox");
    close(tree);
}

static void make_stage(const struct sandbox *box)
{
    int trees[SANDBOX_MAX_BINDS];
    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        refuse(box, "make a mount namespace");
    /* Taken before the stage covers what may lie below it. */
    for (size_t i = 0; i < box->bind_count; i++) {
        if (!(box->binds[i].flags & BIND_STAGED))
            continue;
        trees[i] =
            open_tree(AT_FDCWD, box->binds[i].source,
                      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        if (trees[i] < 0)
            refuse(box, box->binds[i].source);
    }
    if (mount("wirelab", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
        refuse(box, "mount a tmpfs on /tmp");
    for (size_t i = 0; i < box->bind_count; i++) {
        if (box->binds[i].flags & BIND_STAGED)
            place(box, i, trees[i]);
    }
}

static void drop_privilege(const struct sandbox *box)
{
    gid_t gid = box->uid;
    if (box->uid == 0 || !box->user_ns)
        return;
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
        setresuid(box->uid, box->uid, box->uid) < 0)
        refuse(box, "become an ordinary user");
}

/* First all up, out of each other's way, then down to their places. */
static void arrange_fds(const struct sandbox *box)
{
    int from[SANDBOX_MAX_FDS + 3];
    size_t n = box->fd_count;
    memcpy(from, box->fds, n * sizeof(from[0]));
    from[n++] = box->control_fd;
    from[n++] = box->image_fd;
    if (box->filter_fd >= 0)
        from[n++] = box->filter_fd;
    for (size_t i = 0; i < n; i++) {
        from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FD_HIGH);
        if (from[i] < 0)
            refuse(box, "duplicate a descriptor");
    }
    for (size_t i = 0; i < n; i++) {
        if (dup2(from[i], (int)i) < 0)
            _exit(1);
    }
    close_range((unsigned)n, ~0U, 0);
}

static void become(const struct sandbox *box, const struct command *command)
    __attribute__((noreturn));
static void become(const struct sandbox *box, const struct command *command)
{
    static char *const nothing[] = {NULL};
    reset_signals();
    if (setns(box->netns_fd, CLONE_NEWNET) < 0)
        refuse(box, "enter the host's network");
    make_stage(box);
    drop_privilege(box);
    arrange_fds(box);
    execve("/usr/bin/bwrap", command->words, nothing);
    struct sandbox now = {.control_fd = control_number(box)};
    refuse(&now, "execute /usr/bin/bwrap (install bubblewrap)");
}

pid_t sandbox_start(const struct sandbox *box)
{
    struct command command;
    command_compose(&command, box);
    pid_t pid = fork();
    if (pid == 0)
        become(box, &command);
    int result = pid < 0 ? -errno : pid;
    command_fini(&command);
    return result;
}
