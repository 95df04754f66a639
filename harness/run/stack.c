/* Stacks of a process that does not answer; see stack.h.
 *
 * gdb reads debugging information that the program's author wrote, so it runs
 * as the program's own user and loads no scripts: whoever fools it has gained
 * nothing. */
#include "run/stack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wirelab/time.h>

static const int64_t gdb_timeout_ns = SECONDS(5);

enum { GDB_OUTPUT_BYTES = 256 * 1024, KEPT_BYTES = 8 * 1024 };

/* ---- gdb ----------------------------------------------------------------- */

static void become_gdb(pid_t pid, uid_t uid, int out) __attribute__((noreturn));
static void become_gdb(pid_t pid, uid_t uid, int out)
{
    char root[64], target[16];
    char *const env[] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent",
                         "LANG=C.UTF-8", NULL};
    snprintf(root, sizeof(root), "set sysroot /proc/%d/root", pid);
    snprintf(target, sizeof(target), "%d", pid);
    char *const argv[] = {"gdb",
                          "-nx",
                          "-batch",
                          "-iex",
                          "set auto-load off",
                          "-iex",
                          "set debuginfod enabled off",
                          "-iex",
                          root,
                          "-p",
                          target,
                          "-ex",
                          "thread apply all -s bt 16",
                          NULL};
    if (uid && (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
                setresuid(uid, uid, uid) < 0))
        _exit(127);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0)
        _exit(127);
    close_range(3, ~0U, 0);
    execve("/usr/bin/gdb", argv, env);
    _exit(127);
}

static void read_until(int fd, int64_t deadline_ns, struct strbuf *text)
{
    char data[4096];
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (text->length < GDB_OUTPUT_BYTES) {
        int64_t left_ns = deadline_ns - clock_now_ns();
        if (left_ns <= 0 || poll(&ready, 1, (int)(left_ns / 1000000) + 1) <= 0)
            return;
        ssize_t n = read(fd, data, sizeof(data));
        if (n <= 0)
            return;
        strbuf_add(text, data, (size_t)n);
    }
}

static void run_gdb(pid_t pid, uid_t uid, struct strbuf *text)
{
    int ends[2];
    if (access("/usr/bin/gdb", X_OK) < 0 || pipe2(ends, O_CLOEXEC) < 0)
        return;
    pid_t gdb = fork();
    if (gdb == 0)
        become_gdb(pid, uid, ends[1]);
    close(ends[1]);
    if (gdb > 0) {
        read_until(ends[0], clock_now_ns() + gdb_timeout_ns, text);
        kill(gdb, SIGKILL); /* its tracee then goes on */
        while (waitpid(gdb, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    close(ends[0]);
}

/* Only frames and thread headings are for the learner. */
static void keep_frames(char *from, struct strbuf *text)
{
    size_t start = text->length;
    char *save = NULL;
    for (char *line = strtok_r(from, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        bool frame = line[0] == '#' || strncmp(line, "Thread ", 7) == 0;
        if (frame && text->length - start < KEPT_BYTES)
            strbuf_printf(text, "%s\n", line);
    }
}

static bool describe_by_gdb(pid_t pid, uid_t uid, struct strbuf *text)
{
    struct strbuf said = {0};
    size_t before = text->length;
    run_gdb(pid, uid, &said);
    if (said.text)
        keep_frames(said.text, text);
    strbuf_fini(&said);
    return text->length > before;
}

/* ---- /proc --------------------------------------------------------------- */

static void add_file(pid_t pid, const char *task, const char *name,
                     struct strbuf *text)
{
    char path[128], data[2048];
    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/%s", pid, task, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    size_t n = fread(data, 1, sizeof(data) - 1, file);
    fclose(file);
    data[n] = '\0';
    while (n > 0 && data[n - 1] == '\n')
        data[--n] = '\0';
    if (n > 0)
        strbuf_printf(text, "  %s: %s\n", name, data);
}

static void describe_by_proc(pid_t pid, struct strbuf *text)
{
    char path[64];
    struct dirent *entry;
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    while (tasks && (entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        strbuf_printf(text, "thread %s\n", entry->d_name);
        add_file(pid, entry->d_name, "syscall", text);
        add_file(pid, entry->d_name, "wchan", text);
        add_file(pid, entry->d_name, "stack", text);
    }
    if (tasks)
        closedir(tasks);
}

void stack_describe(pid_t pid, uid_t uid, struct strbuf *text)
{
    if (!describe_by_gdb(pid, uid, text))
        describe_by_proc(pid, text);
}
