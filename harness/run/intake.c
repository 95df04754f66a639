/* Taking in a stranger's folder; see intake.h.
 *
 * Three things could go wrong with a plain `cp`.  A link leads out of the
 * folder, so that a file of the grader's is compiled in and told by an error
 * message: no link is ever followed, not even the last part of a path, and what
 * was opened is looked at before it is read (opening a pipe or a terminal must
 * not block, hence O_NONBLOCK).  A name means something to make or to the
 * shell: sources have plain names.  And there is too much of it: files, bytes
 * and depth are counted as they come, not as a header claims them. */
#include "run/intake.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 16, MAX_ENTRIES = 10 * INTAKE_MAX_FILES };

static int refuse(struct intake *intake, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int refuse(struct intake *intake, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(intake->refusal, sizeof(intake->refusal), format, args);
    va_end(args);
    for (char *c = intake->refusal; *c; c++) { /* names hold anything */
        if (!isascii(*c) || iscntrl((unsigned char)*c))
            *c = '?';
    }
    return -EPERM;
}

static bool is_wanted(const struct intake *intake, const char *name)
{
    size_t length = strlen(name);
    if (intake->kind == INTAKE_ALL)
        return true;
    return length > 2 && name[length - 2] == '.' &&
           (name[length - 1] == 'h' ||
            (name[length - 1] == 'c' && intake->kind == INTAKE_SOURCES));
}

static bool is_plain(const char *name)
{
    if (!isalnum((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *c = name; *c; c++) {
        if (!isascii(*c) ||
            (!isalnum((unsigned char)*c) && !strchr("._+-", *c)))
            return false;
    }
    return true;
}

/* ---- One file ------------------------------------------------------------ */

static int copy_bytes(struct intake *intake, int from, int to)
{
    char chunk[CHUNK_BYTES];
    for (;;) {
        ssize_t n = read(from, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        intake->bytes += (uint64_t)n;
        if (intake->bytes > INTAKE_MAX_BYTES)
            return refuse(intake, "it is larger than %d MiB",
                          INTAKE_MAX_BYTES >> 20);
        if (write(to, chunk, (size_t)n) != n)
            return errno ? -errno : -EIO;
    }
}

static int copy_file(struct intake *intake, int from, int to, const char *name,
                     const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return refuse(intake, "%s is not a regular file", name);
    if (intake->kind != INTAKE_ALL && !is_plain(name))
        return refuse(intake,
                      "the file name '%s' is not accepted: letters, digits and "
                      "._+- are",
                      name);
    if (++intake->files > INTAKE_MAX_FILES)
        return refuse(intake, "it has more than %d files", INTAKE_MAX_FILES);
    mode_t mode = st->st_mode & 0111 ? 0755 : 0644;
    int out = openat(
        to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0)
        return -errno;
    int result = copy_bytes(intake, from, out);
    if (result == 0 && fchmod(out, mode) < 0)
        result = -errno;
    close(out);
    return result;
}

/* ---- Folders ------------------------------------------------------------- */

static int copy_folder(struct intake *intake, int from, int to, int depth);

static int enter_folder(struct intake *intake, int from, int to,
                        const char *name, int depth)
{
    if (depth >= INTAKE_MAX_DEPTH)
        return refuse(intake, "its folders are more than %d deep",
                      INTAKE_MAX_DEPTH);
    if (intake->kind == INTAKE_HEADERS)
        return 0;
    if (intake->kind == INTAKE_SOURCES && !is_plain(name))
        return 0; /* no include directive of a plain name leads there */
    if (mkdirat(to, name, 0755) < 0)
        return -errno;
    int inner =
        openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0)
        return -errno;
    int result = fchmod(inner, 0755) < 0
                     ? -errno
                     : copy_folder(intake, from, inner, depth + 1);
    close(inner);
    return result;
}

static int copy_entry(struct intake *intake, int from, int to, const char *name,
                      int depth)
{
    struct stat st;
    int fd = openat(from, name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP)
        return refuse(intake, "%s is a link: hand in the file itself", name);
    if (fd < 0 && (errno == ENXIO || errno == ENODEV))
        return refuse(intake, "%s is not a regular file", name);
    if (fd < 0)
        return -errno;
    int result = fstat(fd, &st) < 0 ? -errno : 0;
    if (result == 0 && S_ISDIR(st.st_mode))
        result = enter_folder(intake, fd, to, name, depth);
    else if (result == 0 && is_wanted(intake, name))
        result = copy_file(intake, fd, to, name, &st);
    close(fd);
    return result;
}

/* Whether it can be passed over unopened: its name says that it is not wanted,
 * and its kind that there is nothing below. */
static bool is_of_no_interest(const struct intake *intake,
                              const struct dirent *entry)
{
    return entry->d_name[0] == '.' ||
           (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN &&
            !is_wanted(intake, entry->d_name));
}

static int copy_folder(struct intake *intake, int from, int to, int depth)
{
    int again = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    struct dirent *entry;
    int result = 0;
    if (dir == NULL)
        return -errno;
    while (result == 0 && (entry = readdir(dir)) != NULL) {
        if (++intake->entries > MAX_ENTRIES)
            result = refuse(intake, "it has more than %d files", MAX_ENTRIES);
        else if (!is_of_no_interest(intake, entry))
            result = copy_entry(intake, from, to, entry->d_name, depth);
    }
    closedir(dir);
    return result;
}

int intake_copy(struct intake *intake, const char *from, const char *to)
{
    int out = -1, result = 0;
    int in = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (in < 0 || (mkdir(to, 0755) < 0 && errno != EEXIST))
        result = -errno;
    if (result == 0)
        out = open(to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (result == 0 && (out < 0 || fchmod(out, 0755) < 0))
        result = -errno;
    if (result == 0)
        result = copy_folder(intake, in, out, 0);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return result;
}

bool intake_has_sources(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool found = false;
    while (dir && !found && (entry = readdir(dir)) != NULL) {
        size_t length = strlen(entry->d_name);
        found = entry->d_name[0] != '.' && length > 2 &&
                strcmp(entry->d_name + length - 2, ".c") == 0;
    }
    if (dir)
        closedir(dir);
    return found;
}
