/* The process that reads what strangers packed; see unpacker.h.  It has let go
 * of its rights before it looks at the first byte, and keeps everything in
 * memory until it knows which directory is meant. */
#include "grade/unpacker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "run/filter.h"

enum { NOBODY = 65534, MAX_DEPTH = 12, TOLD_NAMES = 4, MEMORY_MIB = 768 };

static const char *const tops[] = {".git", "__MACOSX"};

/* ---- Sending --------------------------------------------------------------
 */

static void send_all(int fd, const void *data, size_t bytes)
{
    const char *at = data;
    while (bytes > 0) {
        ssize_t n = write(fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(1); /* the grader is gone */
        at += n;
        bytes -= (size_t)n;
    }
}

void unpacker_send(const struct unpacker *unpacker, enum record_kind kind,
                   const char *name, const void *data, size_t bytes,
                   int64_t mtime_s)
{
    struct record record = {.kind = kind,
                            .name_bytes = (uint32_t)strlen(name),
                            .data_bytes = bytes,
                            .mtime_s = mtime_s};
    send_all(unpacker->order->out_fd, &record, sizeof(record));
    send_all(unpacker->order->out_fd, name, record.name_bytes);
    send_all(unpacker->order->out_fd, data, bytes);
}

/* A line for people: names in it may hold anything. */
static void send_line(const struct unpacker *unpacker, enum record_kind kind,
                      const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static void send_line(const struct unpacker *unpacker, enum record_kind kind,
                      const char *format, va_list args)
{
    char line[RECORD_NAME_BYTES];
    (void)vsnprintf(line, sizeof(line), format, args);
    for (char *at = line; *at; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
    unpacker_send(unpacker, kind, line, "", 0, 0);
}

void unpacker_refuse(const struct unpacker *unpacker, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    send_line(unpacker, RECORD_REFUSED, format, args);
    va_end(args);
    _exit(0);
}

void unpacker_problem(const struct unpacker *unpacker, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    send_line(unpacker, RECORD_PROBLEM, format, args);
    va_end(args);
}

/* ---- Names ----------------------------------------------------------------
 */

const char *unpack_path_fault(const char *path)
{
    if (*path == '\0')
        return "has no name";
    if (*path == '/')
        return "is an absolute path";
    if (strlen(path) >= RECORD_NAME_BYTES / 2)
        return "has too long a name";
    for (const char *at = path; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f || *at == '\\')
            return "has a character in its name that no file needs";
    }
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return "leads out of the submission";
    }
    return NULL;
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n > k && strcmp(name + n - k, suffix) == 0;
}

bool unpack_is_wanted(const char *name, const char *const *programs,
                      size_t program_count)
{
    if (*name == '.' || *name == '-')
        return false;
    for (size_t i = 0; i < program_count; i++) {
        if (strcmp(name, programs[i]) == 0)
            return true;
    }
    return ends_in(name, ".c") || ends_in(name, ".h");
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What tools leave in folders and archives, and no student knows of. */
static bool is_litter(const char *path)
{
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
        const char *at = strstr(path, tops[i]);
        size_t n = strlen(tops[i]);
        if (at && (at == path || at[-1] == '/') &&
            (at[n] == '/' || at[n] == '\0'))
            return true;
    }
    return *base_of(path) == '.';
}

char *unpacker_name(struct unpacker *unpacker, const char *path)
{
    if (++unpacker->entries > unpacker->order->limits.entries)
        unpacker_refuse(unpacker, "it holds more than %zu files and folders",
                        unpacker->order->limits.entries);
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    size_t n = strlen(path);
    if (n == 0 || strcmp(path, ".") == 0)
        return NULL;
    const char *fault = unpack_path_fault(path);
    if (fault)
        unpacker_refuse(unpacker, "'%.200s' %s", path, fault);
    if (is_litter(path) || path[n - 1] == '/')
        return NULL;
    return mem_strdup(path);
}

/* ---- What is kept ---------------------------------------------------------
 */

void unpacker_count(struct unpacker *unpacker, size_t bytes,
                    uint64_t packed_bytes)
{
    const struct unpack_limits *limits = &unpacker->order->limits;
    uint64_t ratio_bytes = (1U << 20) + packed_bytes * limits->ratio;
    unpacker->read_bytes += bytes;
    if (unpacker->read_bytes > limits->total_bytes)
        unpacker_refuse(unpacker, "it is larger than %llu MiB when unpacked",
                        (unsigned long long)(limits->total_bytes >> 20));
    if (unpacker->read_bytes > ratio_bytes)
        unpacker_refuse(unpacker,
                        "it is more than %u times as large when unpacked: an "
                        "archive bomb",
                        limits->ratio);
}

static void leave_out(struct unpacker *unpacker, char *path, char *data)
{
    if (unpacker->left_out_count++ < TOLD_NAMES) {
        char *more = str_format("%s%s%.60s",
                                unpacker->left_out ? unpacker->left_out : "",
                                unpacker->left_out ? ", " : "", path);
        free(unpacker->left_out);
        unpacker->left_out = more;
    }
    free(path);
    free(data);
}

void unpacker_keep(struct unpacker *unpacker, char *path, char *data,
                   size_t bytes)
{
    const struct unpack_order *order = unpacker->order;
    if (!unpack_is_wanted(base_of(path), order->programs,
                          order->program_count)) {
        leave_out(unpacker, path, data);
        return;
    }
    for (size_t i = 0; i < unpacker->member_count; i++) {
        const char *other = unpacker->members[i].path;
        if (strcmp(other, path) == 0)
            unpacker_refuse(unpacker, "two files are called '%.200s'", path);
        if (strcasecmp(other, path) == 0)
            unpacker_refuse(unpacker,
                            "'%.150s' and '%.150s' differ only in case", other,
                            path);
    }
    if (unpacker->member_count == order->limits.files)
        unpacker_refuse(unpacker, "it holds more than %zu source files",
                        order->limits.files);
    unpacker->members =
        mem_realloc(unpacker->members,
                    (unpacker->member_count + 1) * sizeof(*unpacker->members));
    unpacker->members[unpacker->member_count++] =
        (struct member){.path = path, .data = data, .bytes = bytes};
}

/* ---- Choosing the directory -----------------------------------------------
 */

static bool same_dir(const char *a, const char *b)
{
    size_t n = (size_t)(base_of(a) - a);
    return n == (size_t)(base_of(b) - b) && strncmp(a, b, n) == 0;
}

static int depth_of(const char *path)
{
    int depth = 0;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

/* A file that tells where a lab's programs are. */
static bool names_program(const struct unpack_order *order, const char *path)
{
    const char *base = base_of(path);
    size_t n = strlen(base);
    if (n > 2 && strcmp(base + n - 2, ".c") == 0)
        n -= 2;
    for (size_t i = 0; i < order->program_count; i++) {
        if (strlen(order->programs[i]) == n &&
            strncmp(order->programs[i], base, n) == 0)
            return true;
    }
    return false;
}

/* The topmost of those that hold a program; if none does, the topmost.  Two
 * that are equally good are refused: guessing could cost the student points. */
static const char *choose(const struct unpacker *unpacker)
{
    for (int named = 1; named >= 0; named--) {
        const char *best = NULL, *rival = NULL;
        for (size_t i = 0; i < unpacker->member_count; i++) {
            const char *path = unpacker->members[i].path;
            if (named && !names_program(unpacker->order, path))
                continue;
            if (best == NULL || depth_of(path) < depth_of(best)) {
                best = path;
                rival = NULL;
            } else if (depth_of(path) == depth_of(best) &&
                       !same_dir(path, best)) {
                rival = path;
            }
        }
        if (rival)
            unpacker_refuse(unpacker,
                            "there are two that could be meant: '%.150s' and "
                            "'%.150s'",
                            best, rival);
        if (best)
            return best;
    }
    return NULL;
}

static void send_members(struct unpacker *unpacker)
{
    const char *chosen = choose(unpacker);
    if (chosen == NULL)
        unpacker_refuse(unpacker, "it holds none of the files that count: "
                                  "*.c, *.h or a program of the lab's");
    for (size_t i = 0; i < unpacker->member_count; i++) {
        struct member *member = &unpacker->members[i];
        if (same_dir(member->path, chosen))
            unpacker_send(unpacker, RECORD_FILE, base_of(member->path),
                          member->data, member->bytes, 0);
        else
            leave_out(unpacker, member->path, NULL);
    }
    if (unpacker->left_out)
        unpacker_problem(unpacker,
                         "left out: %s%s; only *.c, *.h and programs of one "
                         "folder are taken",
                         unpacker->left_out,
                         unpacker->left_out_count > TOLD_NAMES ? " and others"
                                                               : "");
}

/* ---- Folders and files ----------------------------------------------------
 */

static void read_path(struct unpacker *unpacker, const char *path,
                      const char *name, int depth);

/* Archives wait until this process has let go of its rights. */
static void add_packed(struct unpacker *unpacker, int fd, const char *name)
{
    if (unpacker->packed_count == UNPACKER_MAX_PACKED)
        unpacker_refuse(unpacker, "it holds more than %d archives",
                        UNPACKER_MAX_PACKED);
    unpacker->packed[unpacker->packed_count++] =
        (struct packed){.fd = fd, .name = mem_strdup(name)};
}

static void read_file(struct unpacker *unpacker, int fd, uint64_t size,
                      const char *name)
{
    char *path = unpacker_name(unpacker, name);
    if (path == NULL)
        return;
    unpacker_count(unpacker, size, size);
    char *data = mem_zalloc(size + 1);
    size_t bytes = 0;
    ssize_t n = 0;
    while (bytes < size && (n = read(fd, data + bytes, size - bytes)) > 0)
        bytes += (size_t)n;
    if (n < 0)
        unpacker_refuse(unpacker, "'%.200s' cannot be read: %s", name,
                        strerror(errno));
    unpacker_keep(unpacker, path, data, bytes);
}

static void read_folder(struct unpacker *unpacker, const char *path,
                        const char *name, int depth)
{
    struct dirent **entries;
    int n = depth < MAX_DEPTH ? scandir(path, &entries, NULL, alphasort) : -1;
    if (n < 0)
        unpacker_refuse(unpacker, "the folder '%.200s' cannot be read: %s",
                        name, depth < MAX_DEPTH ? strerror(errno) : "too deep");
    for (int i = 0; i < n; i++) {
        const char *entry = entries[i]->d_name;
        if (strcmp(entry, ".") == 0 || strcmp(entry, "..") == 0 ||
            strcmp(entry, tops[0]) == 0)
            continue;
        char *below = str_format("%s/%s", path, entry);
        char *inner = str_format("%s%s%s", name, *name ? "/" : "", entry);
        read_path(unpacker, below, inner, depth + 1);
        free(below);
        free(inner);
    }
}

/* `depth` 0 is what the course's system made; its own name tells nothing. */
static void read_path(struct unpacker *unpacker, const char *path,
                      const char *name, int depth)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP) {
        unpacker_problem(unpacker, "'%.200s' is a link: it is left out", name);
        return;
    }
    if (fd < 0 || fstat(fd, &st) < 0)
        unpacker_refuse(unpacker, "'%.200s' cannot be read: %s", name,
                        strerror(errno));
    if (S_ISDIR(st.st_mode))
        read_folder(unpacker, path, depth == 0 ? "" : name, depth);
    else if (!S_ISREG(st.st_mode))
        unpacker_problem(unpacker, "'%.200s' is no file: it is left out", name);
    else if (depth <= 1 && handin_is_archive(name))
        add_packed(unpacker, fd, name);
    else
        read_file(unpacker, fd, (uint64_t)st.st_size, name);
    if (S_ISDIR(st.st_mode) || depth > 1 || !handin_is_archive(name))
        (void)close(fd);
}

/* ---- The process ----------------------------------------------------------
 */

static void limit(int what, rlim_t value)
{
    const struct rlimit limits = {value, value};
    if (setrlimit(what, &limits) < 0)
        _exit(1);
}

static void limit_all(const struct unpack_limits *limits)
{
    limit(RLIMIT_CPU, limits->cpu_s);
#ifndef __SANITIZE_ADDRESS__ /* whose shadow is larger than any such limit */
    limit(RLIMIT_AS, (rlim_t)MEMORY_MIB << 20);
#endif
    limit(RLIMIT_FSIZE, (rlim_t)limits->total_bytes);
    limit(RLIMIT_CORE, 0);
}

static void become_nobody(void)
{
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (geteuid() == 0 &&
        (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
         setresuid(NOBODY, NOBODY, NOBODY) < 0))
        _exit(1);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a new uid has cleared it */
    if (filter_enter() < 0)
        _exit(1);
}

static void read_packed(struct unpacker *unpacker, const struct packed *packed)
{
    size_t n = strlen(packed->name);
    bool bundle = n > 7 && strcasecmp(packed->name + n - 7, ".bundle") == 0;
    int fd = bundle ? unpacker_bundle(unpacker, packed->fd, packed->name)
                    : packed->fd;
    unpacker_archive(unpacker, fd, packed->name);
}

/* Folders hold no format to be fooled by, and may be private: they are read as
 * who we are, and archives in them opened.  These are read as nobody. */
void unpacker_run(const struct unpack_order *order)
{
    struct unpacker unpacker = {.order = order};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setpgid(0, 0); /* git, too, is killed at the time limit */
    limit_all(&order->limits);
    for (size_t i = 0; i < order->file_count; i++)
        read_path(&unpacker, order->files[i].path, order->files[i].name, 0);
    become_nobody();
    for (size_t i = 0; i < unpacker.packed_count; i++)
        read_packed(&unpacker, &unpacker.packed[i]);
    if (!order->bulk)
        send_members(&unpacker);
    unpacker_send(&unpacker, RECORD_END, "", "", 0, 0);
    _exit(0);
}
