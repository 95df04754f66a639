/* The directory a guest boots from; see bootdir.h.
 *
 *      root/init           the agent
 *      root/dev new run    mount points of the agent's
 *      root/etc            the guest's /etc
 *      clock/clock         see guest.h
 *      console             what the kernel prints
 *
 * /etc is written here rather than shown: the host's holds what is none of the
 * guest's business, and an ordinary user cannot read all of it. */
#include "world/bootdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "topo/topo.h"
#include "world/image.h"

enum { TAIL_BYTES = 8192, TAIL_LINES = 6, COPY_MAX_BYTES = 1 << 20 };

static const char *const etc_texts[][2] = {
    {"passwd", "root:x:0:0:root:/root:/bin/sh\n"
               "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"},
    {"group", "root:x:0:\nnogroup:x:65534:\n"},
    {"nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"
                      "services: files\nprotocols: files\n"},
    {"hosts", "127.0.0.1 localhost\n"},
    {"hostname", "guest\n"},
    {"resolv.conf", ""},
};

/* Files that programs look for, and directories of such, where the host has
 * them. */
static const char *const etc_files[] = {
    "ethertypes", "gai.conf",  "ld.so.cache", "localtime", "mime.types",
    "networks",   "protocols", "rpc",         "services",
};
static const char *const etc_dirs[] = {
    "alternatives",
    "ca-certificates",
    "iproute2",
    "ssl",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int write_file(const char *dir, const char *name, const char *text,
                      size_t bytes)
{
    char *path = str_format("%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    int result = fd < 0 ? -errno : 0;
    if (fd >= 0 && write(fd, text, bytes) != (ssize_t)bytes)
        result = errno ? -errno : -EIO;
    if (fd >= 0)
        (void)close(fd);
    free(path);
    return result;
}

/* What cannot be read is not there for the guest either. */
static int copy_etc(const char *etc, const char *name)
{
    char *path = str_format("/etc/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = mem_zalloc(COPY_MAX_BYTES);
    ssize_t n = fd < 0 ? -1 : read(fd, text, COPY_MAX_BYTES);
    int result = n < 0 ? 0 : write_file(etc, name, text, (size_t)n);
    if (fd >= 0)
        (void)close(fd);
    free(text);
    free(path);
    return result;
}

static int make_etc(const char *root)
{
    char *etc = str_format("%s/etc", root);
    int result = mkdir(etc, 0755) < 0 ? -errno : 0;
    for (size_t i = 0; i < COUNT(etc_texts) && result == 0; i++)
        result = write_file(etc, etc_texts[i][0], etc_texts[i][1],
                            strlen(etc_texts[i][1]));
    for (size_t i = 0; i < COUNT(etc_files) && result == 0; i++)
        result = copy_etc(etc, etc_files[i]);
    for (size_t i = 0; i < COUNT(etc_dirs) && result == 0; i++) {
        char *dir = str_format("%s/%s", etc, etc_dirs[i]);
        result = mkdir(dir, 0755) < 0 ? -errno : 0;
        free(dir);
    }
    free(etc);
    return result;
}

static int make_root(const char *root)
{
    static const char *const dirs[] = {"", "/dev", "/new", "/run"};
    int result = 0;
    for (size_t i = 0; i < COUNT(dirs) && result == 0; i++) {
        char *dir = str_format("%s%s", root, dirs[i]);
        result = mkdir(dir, 0755) < 0 ? -errno : 0;
        free(dir);
    }
    char *agent = str_format("%s/init", root);
    if (result == 0)
        result = agent_image_write(agent);
    free(agent);
    return result ? result : make_etc(root);
}

int bootdir_make(struct bootdir *dir, char *error)
{
    *dir = (struct bootdir){0};
    int result = work_dir_make(dir->path, sizeof(dir->path));
    if (result < 0) {
        (void)snprintf(error, GUEST_ERROR_BYTES,
                       "cannot make a directory for the guest in "
                       "$XDG_RUNTIME_DIR, $TMPDIR or /tmp: %s",
                       strerror(-result));
        return result;
    }
    dir->root = str_format("%s/root", dir->path);
    dir->clock = str_format("%s/clock", dir->path);
    dir->console = str_format("%s/console", dir->path);
    result = make_root(dir->root);
    if (result == 0 && mkdir(dir->clock, 0755) < 0)
        result = -errno;
    if (result == 0)
        result = write_file(dir->clock, "clock", "", 0);
    if (result < 0) {
        (void)snprintf(error, GUEST_ERROR_BYTES,
                       "cannot write the guest's files in %s: %s", dir->path,
                       strerror(-result));
        bootdir_remove(dir);
    }
    return result;
}

void bootdir_remove(struct bootdir *dir)
{
    if (dir->path[0])
        work_dir_remove(dir->path);
    free(dir->root);
    free(dir->clock);
    free(dir->console);
    *dir = (struct bootdir){0};
}

/* ---- What the agent is told -----------------------------------------------
 */

static void add(struct strbuf *setup, const char *word, const char *value)
{
    strbuf_printf(setup, "%s=%s", word, value);
    strbuf_add(setup, "", 1);
}

/* /bin and its like: links into /usr, or on a system that has not merged them
 * directories of their own. */
static void add_system(struct strbuf *setup)
{
    static const char *const names[] = {"/bin", "/sbin", "/lib", "/lib64"};
    char target[64];
    add(setup, "show", "/usr");
    for (size_t i = 0; i < COUNT(names); i++) {
        ssize_t n = readlink(names[i], target, sizeof(target) - 1);
        if (n < 0 && access(names[i], F_OK) == 0)
            add(setup, "show", names[i]);
        if (n < 0)
            continue;
        target[n] = '\0';
        char *link = str_format("%s %s", names[i], target);
        add(setup, "link", link);
        free(link);
    }
    for (size_t i = 0; i < COUNT(etc_dirs); i++) {
        char *dir = str_format("/etc/%s", etc_dirs[i]);
        if (access(dir, R_OK | X_OK) == 0)
            add(setup, "show", dir);
        free(dir);
    }
}

static int by_length(const void *a, const void *b)
{
    size_t left = strlen(*(const char *const *)a);
    size_t right = strlen(*(const char *const *)b);
    return (left > right) - (left < right);
}

/* Outer directories first: they would hide the inner ones. */
static void add_shown(struct strbuf *setup, const char *const *shown)
{
    const char *sorted[GUEST_MAX_SHOWN];
    size_t n = 0;
    for (; shown && shown[n] && n < GUEST_MAX_SHOWN; n++)
        sorted[n] = shown[n];
    qsort(sorted, n, sizeof(sorted[0]), by_length);
    for (size_t i = 0; i < n; i++)
        add(setup, "show", sorted[i]);
}

static void add_seed(struct strbuf *setup, uint64_t seed)
{
    uint8_t bytes[32];
    hash_fill(seed, bytes, sizeof(bytes));
    strbuf_printf(setup, "seed=");
    for (size_t i = 0; i < sizeof(bytes); i++)
        strbuf_printf(setup, "%02x", bytes[i]);
    strbuf_add(setup, "", 1);
}

void bootdir_setup(const struct bootdir *dir,
                   const struct guest_options *options, struct strbuf *setup)
{
    add_seed(setup, options->seed);
    if (options->time != GUEST_TIME_REAL)
        add(setup, "set", "WIRELAB_VIRTUAL_CLOCK=1"); /* clock_is_virtual() */
    add(setup, "clock", dir->clock);
    add_system(setup);
    add_shown(setup, options->shown);
    if (options->kept)
        add(setup, "keep", options->kept);
    if (options->modules)
        add(setup, "modules", options->modules);
}

/* ---- The console ----------------------------------------------------------
 */

static size_t read_end(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    off_t from = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
    ssize_t n = end < 0 ? -1 : pread(fd, text, size - 1, from);
    if (fd >= 0)
        (void)close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* Drops "[    1.234567] ", and what is not printable. */
static void add_line(struct strbuf *tail, const char *line)
{
    int skipped = 0;
    (void)sscanf(line, "[%*[ 0-9.]] %n", &skipped);
    if (tail->length)
        strbuf_printf(tail, " | ");
    for (const char *c = line + skipped; *c; c++) {
        if (*c >= ' ' && *c <= '~')
            strbuf_add(tail, c, 1);
    }
}

/* A panic prints a stack after it says what happened: that line comes first. */
char *bootdir_console_tail(const struct bootdir *dir)
{
    char text[TAIL_BYTES], *lines[TAIL_LINES], *save = NULL;
    const char *panic = NULL;
    struct strbuf tail = {0};
    size_t n = 0;
    (void)read_end(dir->console, text, sizeof(text));
    for (char *line = strtok_r(text, "\r\n", &save); line;
         line = strtok_r(NULL, "\r\n", &save)) {
        if (strstr(line, "Kernel panic"))
            panic = line;
        lines[n++ % TAIL_LINES] = line;
    }
    size_t first = n > TAIL_LINES ? n - TAIL_LINES : 0;
    if (panic && n > 0 && panic < lines[first % TAIL_LINES])
        add_line(&tail, panic);
    for (size_t i = first; i < n; i++)
        add_line(&tail, lines[i % TAIL_LINES]);
    return tail.text ? tail.text : mem_strdup("");
}
