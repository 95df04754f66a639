/* Commands on a host: real tools, run with its network and its names.
 *
 * Input and output go through files in memory, not pipes: nothing has to be
 * pumped while the command runs, and a daemon it leaves behind cannot keep us
 * waiting for the end of a pipe. */
#include "topo/topo.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "topo/netns.h"

/* An ordinary user's PATH often lacks the directories that hold ip and nft. */
#define SYSTEM_DIRS "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"

struct command {
    int netns_fd;
    const struct host *host; /* whose names it sees, or NULL */
    const char *const *argv;
    const char *input; /* NULL: none */
    int files[3];      /* stdin, stdout, stderr; -1 leaves it as it is */
};

static char *search_path(void)
{
    const char *path = getenv("PATH");
    return path && *path ? str_format("%s:" SYSTEM_DIRS, path)
                         : mem_strdup(SYSTEM_DIRS);
}

/* Finds a command's file; the caller frees it.  NULL if there is none. */
static char *find_command(const char *name, const char *path)
{
    if (strchr(name, '/'))
        return access(name, X_OK) == 0 ? mem_strdup(name) : NULL;
    while (*path) {
        size_t length = strcspn(path, ":");
        char *file = str_format("%.*s/%s", (int)length, path, name);
        if (access(file, X_OK) == 0)
            return file;
        free(file);
        path += length + (path[length] == ':');
    }
    return NULL;
}

/* The environment with another PATH; strings are the environment's own but for
 * `path_entry`. */
static char **make_environment(char *path_entry)
{
    size_t n = 0, kept = 0;
    while (environ && environ[n])
        n++;
    char **result = mem_zalloc((n + 2) * sizeof(*result));
    for (size_t i = 0; i < n; i++) {
        if (strncmp(environ[i], "PATH=", 5) != 0)
            result[kept++] = environ[i];
    }
    result[kept] = path_entry;
    return result;
}

static int memory_file(const char *content)
{
    int fd = memfd_create("wirelab", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t left = content ? strlen(content) : 0;
    while (left > 0) {
        ssize_t n = write(fd, content, left);
        if (n < 0)
            infra("cannot write a file in memory: %s", strerror(errno));
        content += n;
        left -= (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) < 0)
        infra("cannot rewind a file in memory: %s", strerror(errno));
    return fd;
}

static char *read_memory_file(int fd)
{
    struct stat st;
    size_t bytes = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
    char *text = mem_zalloc(bytes + 1);
    ssize_t n = pread(fd, text, bytes, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* ---- The child ----------------------------------------------------------- */

/* Shows `file` in place of `target`, which need not exist when the host has
 * nothing to say there. */
static int show_as(const char *file, const char *target)
{
    struct stat st;
    if (mount(file, target, NULL, MS_BIND, NULL) == 0)
        return 0;
    bool nothing_to_say = stat(file, &st) == 0 && st.st_size == 0;
    return nothing_to_say && errno == ENOENT ? 0 : -errno;
}

int host_enter_names(const struct host *host)
{
    if (unshare(CLONE_NEWNS) < 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -errno;
    int error = show_as(host->etc_hosts, "/etc/hosts");
    if (error == 0)
        error = show_as(host->etc_resolv, "/etc/resolv.conf");
    return error;
}

static void give_up(const struct command *command, const char *what, int error)
{
    dprintf(STDERR_FILENO, "%s: %s: %s\n", command->argv[0], what,
            strerror(-error));
    _exit(127);
}

static void child(const struct command *command, const char *file,
                  char *const *environment)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < 3; i++) {
        if (command->files[i] >= 0 && dup2(command->files[i], i) < 0)
            give_up(command, "cannot redirect", -errno);
    }
    int error = netns_enter(command->netns_fd);
    if (error < 0)
        give_up(command, "cannot enter its host", error);
    if (command->host)
        error = host_enter_names(command->host);
    if (error < 0)
        give_up(command, "cannot see its host's /etc/hosts and resolv.conf",
                error);
    execve(file, (char *const *)command->argv, environment);
    give_up(command, "cannot be started", -errno);
}

/* ---- The parent ---------------------------------------------------------- */

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Returns the exit status, 128 + signal, or -errno. */
static int run(const struct command *command)
{
    char *path = search_path();
    char *path_entry = str_format("PATH=%s", path);
    char *file = find_command(command->argv[0], path);
    char **environment = make_environment(path_entry);
    int result = -ENOENT;
    if (file) {
        pid_t pid = fork();
        if (pid == 0)
            child(command, file, environment);
        result = pid < 0 ? -errno : wait_for(pid);
    }
    free(environment);
    free(file);
    free(path_entry);
    free(path);
    return result;
}

int host_command(const struct host *host, const char *const *argv,
                 char **output)
{
    int out = memory_file(NULL);
    if (out < 0)
        return out;
    int result = run(&(struct command){.netns_fd = host->netns_fd,
                                       .host = host,
                                       .argv = argv,
                                       .files = {-1, out, -1}});
    if (output)
        *output = result < 0 ? NULL : read_memory_file(out);
    close(out);
    return result;
}

/* Runs a command with input; stdout and stderr go to *said. */
static int run_with_input(int netns_fd, const struct host *host,
                          const char *const *argv, const char *input,
                          char **said)
{
    int in = memory_file(input), out = memory_file(NULL);
    if (in < 0 || out < 0)
        infra("cannot make a file in memory: %s", strerror(errno));
    int result = run(&(struct command){.netns_fd = netns_fd,
                                       .host = host,
                                       .argv = argv,
                                       .files = {in, out, out}});
    *said = read_memory_file(out);
    close(in);
    close(out);
    return result;
}

int link_tc_batch(const struct link *link, const char *commands, char **said)
{
    const char *const argv[] = {"tc", "-batch", "-", NULL};
    return run_with_input(link->switch_fd, NULL, argv, commands, said);
}

/* Runs what must succeed: otherwise `infra` says what was run and what it said.
 */
static void run_or_infra(const struct host *host, const char *const *argv,
                         const char *input, const char *what)
{
    char *said;
    int result = run_with_input(host->netns_fd, host, argv, input, &said);
    said[strcspn(said, "\n")] = '\0'; /* its first line says enough */
    if (result < 0)
        infra("host %s: cannot run %s: %s (apt-get install it?)", host->name,
              argv[0], strerror(-result));
    if (result > 0)
        infra("host %s: \"%.*s\" failed with status %d: %s", host->name,
              (int)strcspn(what, "\n"), what, result,
              *said ? said : "it said nothing");
    free(said);
}

void host_ip_batch(const struct host *host, const char *commands)
{
    const char *const argv[] = {"ip", "-batch", "-", NULL};
    run_or_infra(host, argv, commands, commands);
}

void host_run(struct host *host, const char *format, ...)
{
    struct strbuf line = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&line, format, args);
    va_end(args);
    const char *const argv[] = {"/bin/sh", "-c", strbuf_text(&line), NULL};
    run_or_infra(host, argv, NULL, strbuf_text(&line));
    strbuf_fini(&line);
}
