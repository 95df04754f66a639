/* Files of control groups; see cgfile.h. */
#include "run/cgfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { REMOVE_TRIES = 2000 };

static int open_in(const char *dir, const char *file, int flags)
{
    char path[PATH_BYTES + 64];
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    int fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cgfile_write(const char *dir, const char *file, const char *text)
{
    int fd = open_in(dir, file, O_WRONLY);
    if (fd < 0)
        return fd;
    ssize_t n = write(fd, text, strlen(text));
    int result = n < 0 ? -errno : 0;
    close(fd);
    return result;
}

int cgfile_write_number(const char *dir, const char *file, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRIu64, number);
    return cgfile_write(dir, file, text);
}

/* Returns how much was read, NUL-terminated, or -errno. */
ssize_t cgfile_read(const char *dir, const char *file, char *text)
{
    int fd = open_in(dir, file, O_RDONLY);
    if (fd < 0)
        return fd;
    ssize_t n = read(fd, text, CGFILE_BYTES - 1);
    if (n < 0)
        n = -errno;
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n;
}

/* The number after "KEY " at a line's start, or -1. */
int64_t cgfile_key(const char *dir, const char *file, const char *key)
{
    char text[CGFILE_BYTES];
    size_t length = strlen(key);
    if (cgfile_read(dir, file, text) < 0)
        return -1;
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtoll(line + length, NULL, 10);
    }
    return -1;
}

bool cgfile_has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        bool starts = at == text || strchr(" ,:\n", at[-1]);
        if (starts && strchr(" ,:\n", at[length])) /* or the NUL */
            return true;
    }
    return false;
}

int cgfile_make_dir(const char *dir)
{
    return mkdir(dir, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* The kernel lets go of a group a moment after its last process was reaped, and
 * there is no event for that: asks again, every millisecond. */
int cgfile_remove_dir(const char *dir)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int tries = 0; rmdir(dir) < 0 && errno != ENOENT; tries++) {
        if (errno != EBUSY || tries == REMOVE_TRIES)
            return -errno;
        nanosleep(&pause, NULL);
    }
    return 0;
}
