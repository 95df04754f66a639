/* Files of the hosts' directories, "host:name".
 *
 * A program under test owns that directory and may put anything there: a link
 * to a file of the machine, a pipe, a device.  The test's process has more
 * privilege than the program, so every path is opened below the directory
 * (openat2, RESOLVE_BENEATH), links never lead out, and only regular files
 * count. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <wirelab/proc.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/run.h"

enum { CHUNK_BYTES = 1 << 20, FILE_MODE = 0644 };

/* Splits "host:name".  Returns the host; `*name` is "." if it was empty. */
static struct host *find_host(struct net *net, const char *file,
                              const char **name)
{
    const char *colon = strchr(file, ':');
    struct host *host =
        colon ? net_find_host(net, file, (size_t)(colon - file)) : NULL;
    if (host == NULL)
        infra("\"%s\": a file is named HOST:NAME, with a host of the net",
              file);
    *name = colon[1] ? colon + 1 : ".";
    return host;
}

/* Returns a descriptor or -errno. */
static int open_beneath(const struct host *host, const char *name, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        .mode = flags & O_CREAT ? FILE_MODE : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int dir = open(host->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        infra("cannot open the directory of %s: %s", host->name,
              strerror(errno));
    long fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));
    int result = fd < 0 ? -errno : (int)fd;
    close(dir);
    return result;
}

/* Opens a regular file to read; -1 if there is none. */
static int open_to_read(struct net *net, const char *file)
{
    const char *name;
    struct stat st;
    struct host *host = find_host(net, file, &name);
    int fd = open_beneath(host, name, O_RDONLY);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd < 0 ? -1 : fd;
}

/* Creates or empties a file and gives it to the host's programs. */
static int open_to_write(struct net *net, const char *file)
{
    const char *name;
    struct host *host = find_host(net, file, &name);
    uid_t uid = host_uid(host);
    int fd = open_beneath(host, name, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0)
        infra("cannot write %s: %s", file, strerror(-fd));
    if (fchmod(fd, FILE_MODE) < 0 || (uid && fchown(fd, uid, uid) < 0))
        infra("cannot give away %s: %s", file, strerror(errno));
    return fd;
}

static void write_all(int fd, const char *file, const void *data, size_t bytes)
{
    const char *from = data;
    while (bytes > 0) {
        ssize_t n = write(fd, from, bytes);
        if (n < 0 && errno != EINTR)
            infra("cannot write %s: %s", file, strerror(errno));
        if (n > 0) {
            from += n;
            bytes -= (size_t)n;
        }
    }
}

void file_write(struct net *net, const char *file, const void *data,
                size_t bytes)
{
    int fd = open_to_write(net, file);
    write_all(fd, file, data, bytes);
    close(fd);
}

/* The same bytes in every run with the net's seed, others in every file. */
void file_random(struct net *net, const char *file, size_t bytes)
{
    uint64_t words[] = {net->seed, hash_bytes(file, strlen(file)), 0};
    char *chunk = mem_zalloc(CHUNK_BYTES);
    int fd = open_to_write(net, file);
    while (bytes > 0) {
        size_t n = bytes < CHUNK_BYTES ? bytes : CHUNK_BYTES;
        hash_fill(hash_words(words, 3), chunk, n);
        write_all(fd, file, chunk, n);
        bytes -= n;
        words[2]++;
    }
    close(fd);
    free(chunk);
}

int64_t file_size(struct net *net, const char *file)
{
    struct stat st;
    int fd = open_to_read(net, file);
    if (fd < 0)
        return -1;
    int64_t size = fstat(fd, &st) < 0 ? -1 : st.st_size;
    close(fd);
    return size;
}

/* Reads to the end and not to the size: the program may be writing still. */
char *file_read(struct net *net, const char *file, size_t *bytes)
{
    struct stat st;
    size_t have = 0, room = CHUNK_BYTES;
    int fd = open_to_read(net, file);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && (size_t)st.st_size >= room)
        room = (size_t)st.st_size + 1;
    char *data = mem_zalloc(room + 1);
    ssize_t n;
    while ((n = read(fd, data + have, room - have)) > 0) {
        have += (size_t)n;
        if (have == room) {
            room *= 2;
            data = mem_realloc(data, room + 1);
        }
    }
    close(fd);
    if (n < 0)
        infra("cannot read %s: %s", file, strerror(errno));
    data[have] = '\0';
    if (bytes)
        *bytes = have;
    return data;
}

int file_count(struct net *net, const char *dir)
{
    const char *name;
    struct host *host = find_host(net, dir, &name);
    int fd = open_beneath(host, name, O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    int count = 0;
    if (list == NULL)
        return 0;
    while ((entry = readdir(list)) != NULL) {
        const char *n = entry->d_name;
        count += strcmp(n, ".") != 0 && strcmp(n, "..") != 0;
    }
    closedir(list);
    return count;
}

/* Opens the directory that holds `name`; `*last` is its last part. */
static int open_parent(struct net *net, const char *file, const char **last)
{
    const char *name;
    struct host *host = find_host(net, file, &name);
    const char *slash = strrchr(name, '/');
    char *parent =
        slash ? str_format("%.*s", (int)(slash - name), name) : mem_strdup(".");
    *last = slash ? slash + 1 : name;
    int fd = open_beneath(host, parent, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        infra("cannot open the directory of %s: %s", file, strerror(-fd));
    free(parent);
    return fd;
}

void file_mkdir(struct net *net, const char *dir)
{
    const char *name, *last;
    uid_t uid = host_uid(find_host(net, dir, &name));
    int parent = open_parent(net, dir, &last);
    if (mkdirat(parent, last, 0755) < 0 && errno != EEXIST)
        infra("cannot make %s: %s", dir, strerror(errno));
    if (uid && fchownat(parent, last, uid, uid, AT_SYMLINK_NOFOLLOW) < 0)
        infra("cannot give away %s: %s", dir, strerror(errno));
    close(parent);
}

static void unmount(void *context)
{
    char *path = context;
    (void)umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
    free(path);
}

void file_quota(struct net *net, const char *dir, size_t bytes)
{
    const char *name;
    struct host *host = find_host(net, dir, &name);
    uid_t uid = host_uid(host);
    if (strcmp(name, ".") != 0)
        file_mkdir(net, dir);
    if (file_count(net, dir) != 0)
        infra("file_quota(\"%s\") comes too late: files are in it already",
              dir);
    char *path = str_format("%s/%s", host->dir, name);
    char *options =
        str_format("size=%zu,mode=700,uid=%u,gid=%u", bytes, uid, uid);
    if (mount("wirelab", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        infra("cannot limit the size of %s: %s", dir, strerror(errno));
    testrun_cleanup(unmount, path);
    free(options);
}
