/* Reads archives with libarchive, in the unpacker's process.
 *
 * Only the formats that a submission may have are switched on; all bytes are
 * read, kept or not, so that a bomb is met by the count of them. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "grade/unpacker.h"

enum { BLOCK_BYTES = 65536 };

struct reading {
    struct unpacker *unpacker;
    struct archive *archive;
    const char *name;
    uint64_t packed_bytes;
};

static void unreadable(const struct reading *reading) __attribute__((noreturn));
static void unreadable(const struct reading *reading)
{
    const char *why = archive_error_string(reading->archive);
    unpacker_refuse(reading->unpacker, "'%.150s' cannot be read: %.250s",
                    reading->name, why ? why : "it is damaged");
}

static const char *kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) ||
        archive_entry_filetype(entry) == AE_IFLNK)
        return "a link";
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return NULL;
    case AE_IFCHR:
    case AE_IFBLK:
        return "a device";
    case AE_IFIFO:
        return "a pipe";
    case AE_IFSOCK:
        return "a socket";
    default:
        return "no file";
    }
}

static char *read_data(const struct reading *reading, size_t *bytes)
{
    struct strbuf data = {0};
    char block[BLOCK_BYTES];
    la_ssize_t n;
    while ((n = archive_read_data(reading->archive, block, sizeof(block))) >
           0) {
        unpacker_count(reading->unpacker, (size_t)n, reading->packed_bytes);
        strbuf_add(&data, block, (size_t)n);
    }
    if (n < 0)
        unreadable(reading);
    *bytes = data.length;
    return data.text ? data.text : mem_strdup("");
}

static void read_entry(const struct reading *reading,
                       struct archive_entry *entry)
{
    struct unpacker *unpacker = reading->unpacker;
    const char *path = archive_entry_pathname(entry);
    if (path == NULL)
        unpacker_refuse(unpacker, "'%.150s' holds a name that is no text",
                        reading->name);
    char *name = unpacker_name(unpacker, path);
    if (name == NULL || archive_entry_filetype(entry) == AE_IFDIR) {
        free(name);
        return;
    }
    const char *kind = kind_of(entry);
    if (kind) {
        unpacker_problem(unpacker, "'%.200s' is %s: it is left out", name,
                         kind);
        free(name);
        return;
    }
    if (archive_entry_is_encrypted(entry))
        unpacker_refuse(unpacker, "'%.200s' is encrypted", name);
    size_t bytes;
    char *data = read_data(reading, &bytes);
    if (unpacker->order->bulk)
        unpacker_send(unpacker, RECORD_FILE, name, data, bytes,
                      archive_entry_mtime(entry));
    if (unpacker->order->bulk) {
        free(name);
        free(data);
    } else {
        unpacker_keep(unpacker, name, data, bytes);
    }
}

static struct archive *open_archive(void)
{
    struct archive *archive = archive_read_new();
    if (archive == NULL)
        abort();
    (void)archive_read_support_filter_gzip(archive);
    (void)archive_read_support_filter_xz(archive);
    (void)archive_read_support_filter_zstd(archive);
    (void)archive_read_support_format_tar(archive);
    (void)archive_read_support_format_gnutar(archive);
    (void)archive_read_support_format_zip(archive);
    return archive;
}

void unpacker_archive(struct unpacker *unpacker, int fd, const char *name)
{
    struct stat st;
    struct archive_entry *entry;
    struct reading reading = {.unpacker = unpacker,
                              .archive = open_archive(),
                              .name = name,
                              .packed_bytes = 0};
    if (fstat(fd, &st) == 0)
        reading.packed_bytes = (uint64_t)st.st_size;
    int status = archive_read_open_fd(reading.archive, fd, BLOCK_BYTES);
    while (status == ARCHIVE_OK && (status = archive_read_next_header(
                                        reading.archive, &entry)) == ARCHIVE_OK)
        read_entry(&reading, entry);
    if (status != ARCHIVE_EOF)
        unreadable(&reading);
    (void)archive_read_free(reading.archive); /* read only */
}

/* ---- Git bundles ----------------------------------------------------------
 */

static void copy_in(struct unpacker *unpacker, int from, const char *path)
{
    char block[BLOCK_BYTES];
    ssize_t n;
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    while (to >= 0 && (n = read(from, block, sizeof(block))) > 0) {
        if (write(to, block, (size_t)n) != n) {
            (void)close(to);
            to = -1;
        }
    }
    if (to < 0)
        unpacker_refuse(unpacker, "the bundle is too large");
    (void)close(to);
}

/* Runs git without anybody's configuration or hooks.  Its stdout goes to
 * `out_path`.  Returns its exit status. */
static int git(const char *dir, const char *out_path, const char *const *words)
{
    enum { MAX_WORDS = 16 };
    const char *argv[MAX_WORDS] = {"git", "-C", dir};
    char *const env[] = {"PATH=/usr/bin:/bin",          "HOME=/nonexistent",
                         "GIT_CONFIG_NOSYSTEM=1",       "GIT_TERMINAL_PROMPT=0",
                         "GIT_CONFIG_GLOBAL=/dev/null", NULL};
    size_t n = 3;
    for (; *words && n + 1 < MAX_WORDS; words++)
        argv[n++] = *words;
    pid_t pid = fork();
    if (pid == 0) {
        int in = open("/dev/null", O_RDONLY);
        int out = open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int err = open("/dev/null", O_WRONLY);
        if (in < 0 || out < 0 || err < 0 || dup2(in, 0) < 0 ||
            dup2(out, 1) < 0 || dup2(err, 2) < 0)
            _exit(126);
        execve("/usr/bin/git", (char *const *)argv, env);
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int unpacker_bundle(struct unpacker *unpacker, int fd, const char *name)
{
    const char *scratch = unpacker->order->scratch;
    char *bundle = str_format("%s/in.bundle", scratch);
    char *repository = str_format("%s/repository", scratch);
    char *tar = str_format("%s/out.tar", scratch);
    const char *const init[] = {"init", "-q", "--bare", repository, NULL};
    const char *const head[] = {
        "-c",   "transfer.fsckObjects=true", "fetch", "-q", "--no-tags",
        bundle, "HEAD:refs/heads/taken",     NULL};
    const char *const any[] = {
        "-c",   "transfer.fsckObjects=true", "fetch", "-q", "--no-tags",
        bundle, "refs/heads/*:refs/heads/*", NULL};
    const char *const head_tar[] = {"archive", "--format=tar",
                                    "refs/heads/taken", NULL};
    const char *const main_tar[] = {"archive", "--format=tar",
                                    "refs/heads/main", NULL};
    const char *const master_tar[] = {"archive", "--format=tar",
                                      "refs/heads/master", NULL};
    copy_in(unpacker, fd, bundle);
    int status = git(scratch, tar, init);
    if (status == 127)
        unpacker_refuse(unpacker, "this grader has no git to read bundles");
    if (git(repository, tar, head) == 0)
        status = git(repository, tar, head_tar);
    else if (git(repository, tar, any) == 0)
        status = git(repository, tar, main_tar) == 0
                     ? 0
                     : git(repository, tar, master_tar);
    else
        status = 1;
    if (status != 0)
        unpacker_refuse(unpacker,
                        "'%.150s' is no complete bundle of a branch "
                        "(git bundle create NAME.bundle HEAD)",
                        name);
    int out = open(tar, O_RDONLY | O_CLOEXEC);
    if (out < 0)
        unpacker_refuse(unpacker, "'%.150s' cannot be read", name);
    free(bundle);
    free(repository);
    free(tar);
    return out;
}
