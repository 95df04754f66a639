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

#include <assert.h>
#include <dirent.h>
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
#include "run/init/init.h"

static const char stage[] = "/tmp";

enum { COMMAND_WORDS = SANDBOX_MAX_ARGS + 400, FD_HIGH = 512 };

struct command {
    char *words[COMMAND_WORDS];
    size_t count;
};

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

/* ---- bubblewrap's command line ------------------------------------------- */

static void add(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct command *command, const char *format, ...)
{
    va_list args;
    struct strbuf text = {0};
    assert(command->count < COMMAND_WORDS - 1);
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    command->words[command->count++] = mem_strdup(strbuf_text(&text));
    strbuf_fini(&text);
}

/* Words without anything to format in them, separated by spaces. */
static void add_words(struct command *command, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");
        add(command, "%.*s", (int)length, words);
        words += length + (words[length] == ' ');
    }
}

static void command_fini(struct command *command)
{
    for (size_t i = 0; i < command->count; i++)
        free(command->words[i]);
}

static void add_tmpfs(struct command *command, const struct sandbox *box,
                      const char *dir)
{
    add_words(command, "--perms 1777 --size");
    add(command, "%zu", box->tmpfs_bytes);
    add(command, "--tmpfs");
    add(command, "%s", dir);
}

static void add_namespaces(struct command *command, const struct sandbox *box)
{
    add_words(command, "bwrap --die-with-parent --new-session --as-pid-1 "
                       "--unshare-pid --unshare-ipc --unshare-uts "
                       "--unshare-cgroup-try");
    if (!box->trusted)
        add_words(command, "--cap-drop ALL");
    if (!box->trusted && box->user_ns)
        add_words(command, "--unshare-user --uid 1000 --gid 1000");
    else if (!box->trusted)
        add_words(command, "--cap-add CAP_SETUID --cap-add CAP_SETGID");
    add(command, "--hostname");
    add(command, "%s", box->hostname);
}

/* The system's own top level, without what is replaced.  One by one and not as
 * a whole, since /work has to be made beside them. */
static void add_system(struct command *command)
{
    static const char *const replaced[] = {"dev", "lost+found", "proc",
                                           "run", "tmp",        "work"};
    DIR *root = opendir("/");
    struct dirent *entry;
    if (root == NULL)
        infra("cannot read /: %s", strerror(errno));
    while ((entry = readdir(root)) != NULL) {
        char path[264], target[256];
        const char *name = entry->d_name;
        bool skip = name[0] == '.' ||
                    (entry->d_type != DT_DIR && entry->d_type != DT_LNK);
        for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++)
            skip = skip || strcmp(name, replaced[i]) == 0;
        if (skip)
            continue;
        snprintf(path, sizeof(path), "/%s", name);
        ssize_t n = readlink(path, target, sizeof(target) - 1);
        add_words(command, n > 0 ? "--symlink" : "--ro-bind");
        add(command, "%.*s", (int)(n > 0 ? n : (ssize_t)strlen(path)),
            n > 0 ? target : path);
        add(command, "%s", path);
    }
    closedir(root);
}

static void add_root(struct command *command, const struct sandbox *box)
{
    if (box->trusted)
        add_system(command);
    else
        add_words(command, "--ro-bind /usr /usr --symlink usr/bin /bin "
                           "--symlink usr/lib /lib --symlink usr/lib64 /lib64 "
                           "--symlink usr/sbin /sbin --perms 755 --dir /etc");
    add_words(command, "--proc /proc --dev /dev");
    add_tmpfs(command, box, "/dev/shm");
    add_tmpfs(command, box, "/tmp");
    if (box->trusted)
        add_tmpfs(command, box, "/run");
}

static void add_binds(struct command *command, const struct sandbox *box)
{
    for (size_t i = 0; i < box->bind_count; i++) {
        const struct sandbox_bind *bind = &box->binds[i];
        add(command, "--%sbind%s", bind->flags & BIND_WRITE ? "" : "ro-",
            bind->flags & BIND_OPTIONAL ? "-try" : "");
        if (bind->flags & BIND_STAGED)
            add(command, "%s/%zu", stage, i);
        else
            add(command, "%s", bind->source);
        add(command, "%s", bind->target);
    }
}

static void add_env(struct command *command, const struct sandbox *box)
{
    add(command, "--clearenv");
    for (size_t i = 0; i < box->env_count; i++) {
        const char *text = box->env[i], *equals = strchr(text, '=');
        add(command, "--setenv");
        add(command, "%.*s", (int)(equals - text), text);
        add(command, "%s", equals + 1);
    }
}

/* Descriptors in the child: the program's from 0, then ours. */
static int control_number(const struct sandbox *box)
{
    return (int)box->fd_count;
}

static int image_number(const struct sandbox *box)
{
    return (int)box->fd_count + 1;
}

static int filter_number(const struct sandbox *box)
{
    return (int)box->fd_count + 2;
}

static void add_program(struct command *command, const struct sandbox *box)
{
    if (box->filter_fd >= 0) {
        add(command, "--seccomp");
        add(command, "%d", filter_number(box));
    }
    add_words(command, "--chdir / --");
    add(command, "/proc/self/fd/%d", image_number(box));
    add(command, "%d", control_number(box));
    add(command, "%u", box->user_ns ? 0 : box->uid);
    add(command, "%d", box->max_processes);
    add(command, "%llu", (unsigned long long)box->file_bytes);
    for (size_t i = 0; i < box->argc; i++)
        add(command, "%s", box->argv[i]);
}

static void compose(struct command *command, const struct sandbox *box)
{
    command->count = 0;
    add_namespaces(command, box);
    add_root(command, box);
    add_binds(command, box);
    /* Everything that may be written to is a mount of its own by now. */
    if (!box->trusted)
        add_words(command, "--remount-ro / --remount-ro /dev");
    add_env(command, box);
    add_program(command, box);
    command->words[command->count] = NULL;
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
    snprintf(target, sizeof(target), "%s/%zu", stage, i);
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
    if (mount("wirelab", stage, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
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
    compose(&command, box);
    pid_t pid = fork();
    if (pid == 0)
        become(box, &command);
    int result = pid < 0 ? -errno : pid;
    command_fini(&command);
    return result;
}
