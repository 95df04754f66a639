/* Tools that wirelab calls; see child.h. */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"

static void become(const char *dir, const char *const *argv, int output_fd)
{
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
        dup2(output_fd, STDOUT_FILENO) < 0 ||
        dup2(output_fd, STDERR_FILENO) < 0)
        _exit(126);
    if (dir && chdir(dir) < 0)
        _exit(126);
    /* execvp's prototype is older than const. */
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

int child_start(struct child *child, const char *dir, const char *const *argv)
{
    /* A file in memory rather than a pipe: nobody has to drain it. */
    child->output_fd = memfd_create("output", MFD_CLOEXEC);
    if (child->output_fd < 0)
        return -errno;
    child->pid = fork();
    if (child->pid < 0) {
        int error = -errno;
        (void)close(child->output_fd);
        return error;
    }
    if (child->pid == 0)
        become(dir, argv, child->output_fd);
    return 0;
}

static char *read_back(int fd)
{
    struct stat st;
    size_t size = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
    char *text = mem_zalloc(size + 1);
    ssize_t n = pread(fd, text, size, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

int child_wait(struct child *child, char **output)
{
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (output)
        *output = read_back(child->output_fd);
    (void)close(child->output_fd);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_run(const char *dir, const char *const *argv, char **output)
{
    struct child child = {.pid = -1, .output_fd = -1};
    int error = child_start(&child, dir, argv);
    if (error < 0) {
        if (output)
            *output = mem_strdup("");
        return error;
    }
    return child_wait(&child, output);
}
