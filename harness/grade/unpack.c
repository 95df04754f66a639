/* The grader's side of unpacking: it starts the process that reads, checks what
 * that says, and writes the files.  See unpack.h, unpacker.h. */
#include "grade/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "grade/unpacker.h"

static const struct unpack_limits usual = {
    .entries = 4000,
    .files = 100,
    .total_bytes = 32 << 20,
    .ratio = 100,
    .cpu_s = 20,
    .wall_s = 60,
};
static const struct unpack_limits bulk = {
    .entries = 100000,
    .files = 100000,
    .total_bytes = 2048ULL << 20,
    .ratio = 100,
    .cpu_s = 300,
    .wall_s = 600,
};

struct unpacking {
    const struct unpack_order *order;
    const char *dir;
    json_t *problems;
    int in_fd;
    pid_t pid;
    int64_t deadline_ns;
    uint64_t bytes;
    size_t files;
};

static void add_problem(json_t *problems, const char *text)
{
    (void)json_array_append_new(problems, json_string(text));
}

/* ---- What the unpacker says -----------------------------------------------
 */

/* Reads exactly that much.  Returns 0, -EPIPE at the end of the stream, or
 * -ETIME. */
static int read_exactly(const struct unpacking *unpacking, void *data,
                        size_t bytes)
{
    char *at = data;
    while (bytes > 0) {
        int64_t left_ms = (unpacking->deadline_ns - clock_now_ns()) / 1000000;
        struct pollfd poll_fd = {.fd = unpacking->in_fd, .events = POLLIN};
        if (left_ms <= 0)
            return -ETIME;
        if (poll(&poll_fd, 1, (int)left_ms) <= 0)
            continue;
        ssize_t n = read(unpacking->in_fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -EPIPE;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static int write_file(const char *path, const char *data, size_t bytes,
                      int mode, int64_t mtime_s)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    int result = 0;
    while (bytes > 0 && result == 0) {
        ssize_t n = write(fd, data, bytes);
        if (n < 0 && errno != EINTR)
            result = -errno;
        data += n > 0 ? n : 0;
        bytes -= n > 0 ? (size_t)n : 0;
    }
    const struct timespec times[2] = {{.tv_sec = mtime_s}, {.tv_sec = mtime_s}};
    if (result == 0 && mtime_s > 0 && futimens(fd, times) < 0)
        result = -errno;
    if (close(fd) < 0 && result == 0)
        result = -errno;
    return result;
}

/* The reader may have been taken over by what it read: its names are looked at
 * as if they were the archive's own. */
static bool is_allowed(const struct unpacking *unpacking, const char *name)
{
    const struct unpack_order *order = unpacking->order;
    if (order->bulk)
        return unpack_path_fault(name) == NULL;
    return strchr(name, '/') == NULL &&
           unpack_is_wanted(name, order->programs, order->program_count);
}

static int take_file(struct unpacking *unpacking, const struct record *record,
                     const char *name)
{
    const struct unpack_limits *limits = &unpacking->order->limits;
    if (record->data_bytes > limits->total_bytes ||
        (unpacking->bytes += record->data_bytes) > limits->total_bytes ||
        ++unpacking->files > limits->files || !is_allowed(unpacking, name))
        return -EPIPE;
    char *data = mem_zalloc(record->data_bytes + 1);
    char *path = str_format("%s/%s", unpacking->dir, name);
    int result = read_exactly(unpacking, data, record->data_bytes);
    if (result == 0 && unpacking->order->bulk) {
        char *slash = strrchr(path, '/');
        *slash = '\0';
        result = tree_make(path) < 0 ? -errno : 0;
        *slash = '/';
    }
    bool source = strchr(name, '.') != NULL;
    if (result == 0)
        result = write_file(path, data, record->data_bytes,
                            source ? 0644 : 0755, record->mtime_s);
    free(path);
    free(data);
    return result;
}

/* Returns 1 when more follows, 0 at the end, or -errno. */
static int take_record(struct unpacking *unpacking)
{
    struct record record;
    char name[RECORD_NAME_BYTES] = "";
    int result = read_exactly(unpacking, &record, sizeof(record));
    if (result == 0 && record.name_bytes >= sizeof(name))
        result = -EPIPE;
    if (result == 0)
        result = read_exactly(unpacking, name, record.name_bytes);
    if (result < 0)
        return result;
    switch (record.kind) {
    case RECORD_FILE:
        result = take_file(unpacking, &record, name);
        return result < 0 ? result : 1;
    case RECORD_PROBLEM:
        add_problem(unpacking->problems, name);
        return 1;
    case RECORD_REFUSED:
        add_problem(unpacking->problems, name);
        return -EBADMSG;
    case RECORD_END:
        return 0;
    }
    return -EPIPE;
}

static int end_reading(struct unpacking *unpacking, int result)
{
    int status;
    (void)close(unpacking->in_fd);
    (void)kill(-unpacking->pid, SIGKILL); /* git, too; it may have ended */
    (void)kill(unpacking->pid, SIGKILL);
    while (waitpid(unpacking->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (result == -ETIME) {
        add_problem(unpacking->problems, "it takes too long to unpack");
        return -EBADMSG;
    }
    if (result == -EPIPE) {
        bool busy = WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU;
        add_problem(unpacking->problems,
                    busy ? "it takes too much work to unpack"
                         : "it cannot be unpacked: its reader died of it");
        return -EBADMSG;
    }
    return result;
}

/* ---- The whole ------------------------------------------------------------
 */

static int start_reading(struct unpacking *unpacking,
                         struct unpack_order *order)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    order->out_fd = fds[1];
    (void)fflush(NULL);
    unpacking->pid = fork();
    if (unpacking->pid == 0) {
        (void)close(fds[0]);
        unpacker_run(order);
    }
    (void)close(fds[1]);
    unpacking->in_fd = fds[0];
    if (unpacking->pid < 0) {
        (void)close(fds[0]);
        return -EAGAIN;
    }
    return 0;
}

static int make_scratch(struct unpack_order *order)
{
    const char *top = getenv("TMPDIR");
    int n = snprintf(order->scratch, sizeof(order->scratch),
                     "%s/wirelab-unpack.XXXXXX",
                     top && strlen(top) < 32 ? top : "/tmp");
    if (n < 0 || mkdtemp(order->scratch) == NULL)
        return -errno;
    return chmod(order->scratch, 01777) < 0 ? -errno : 0;
}

static int unpack(struct unpack_order *order, const char *dir, json_t *problems)
{
    struct unpacking unpacking = {
        .order = order, .dir = dir, .problems = problems};
    unpacking.deadline_ns =
        clock_now_ns() + (int64_t)order->limits.wall_s * 1000000000;
    int result = tree_make(dir) < 0 ? -errno : make_scratch(order);
    if (result == 0)
        result = start_reading(&unpacking, order);
    if (result == 0) {
        do {
            result = take_record(&unpacking);
        } while (result > 0);
        result = end_reading(&unpacking, result);
    }
    (void)tree_remove(order->scratch);
    if (result == -EBADMSG) { /* half a submission is none */
        (void)tree_remove(dir);
        if (tree_make(dir) < 0)
            result = -errno;
    }
    return result;
}

int unpack_handin(const struct handin *handin, const char *dir,
                  const char *const *programs, size_t program_count,
                  json_t *problems)
{
    struct unpack_order order = {.files = handin->files,
                                 .file_count = handin->file_count,
                                 .programs = programs,
                                 .program_count = program_count,
                                 .limits = usual};
    return unpack(&order, dir, problems);
}

int unpack_bulk_download(const char *path, const char *dir, json_t *problems)
{
    const char *slash = strrchr(path, '/');
    char *name = mem_strdup(slash ? slash + 1 : path);
    char *copy = mem_strdup(path);
    const struct handin_file file = {.path = copy, .name = name};
    struct unpack_order order = {
        .files = &file, .file_count = 1, .bulk = true, .limits = bulk};
    int result = unpack(&order, dir, problems);
    free(name);
    free(copy);
    return result;
}

int handins_open(struct handins *handins, const char *given, const char *dir,
                 const struct roster *roster, char *error)
{
    struct stat st;
    *handins = (struct handins){0};
    if (stat(given, &st) < 0 || !S_ISREG(st.st_mode))
        return handins_find(handins, given, roster, error);
    json_t *problems = json_array();
    (void)tree_remove(dir);
    int result = unpack_bulk_download(given, dir, problems);
    size_t n = json_array_size(problems);
    if (result < 0)
        (void)snprintf(error, HANDIN_ERROR_BYTES, "%.200s: %.250s", given,
                       n ? json_string_value(json_array_get(problems, n - 1))
                         : strerror(-result));
    json_decref(problems);
    return result < 0 ? result : handins_find(handins, dir, roster, error);
}
