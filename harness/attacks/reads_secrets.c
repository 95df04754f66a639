/* Tries to open what its arguments name, and some that every machine has; to
 * see anything of the project, and anything writable outside its directory. */
#include "attack.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void try_reading(const char *path)
{
    char what[512];
    snprintf(what, sizeof(what), "read %.400s", path);
    int fd = open(path, O_RDONLY);
    attempt(what, fd >= 0);
    snprintf(what, sizeof(what), "listed %.400s", path);
    DIR *dir = opendir(path);
    attempt(what, dir != NULL);
}

static void try_writing(const char *dir)
{
    char path[512], what[600];
    snprintf(path, sizeof(path), "%s/attack.%d", dir, getpid());
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    snprintf(what, sizeof(what), "wrote %s", path);
    attempt(what, fd >= 0);
    if (fd >= 0)
        unlink(path);
}

/* Whoever owns the files: the mount itself has to refuse. */
static void try_mount(const char *path)
{
    struct statvfs fs;
    char what[512];
    snprintf(what, sizeof(what), "has a writable mount at %.400s", path);
    attempt(what, statvfs(path, &fs) < 0 || !(fs.f_flag & ST_RDONLY));
}

static const char *const mounts[] = {
    "/", "/usr", "/lab", "/dev", "/etc/hosts", "/etc/passwd",
};

static const char *const secrets[] = {
    "/etc/shadow", "/root", "/home", "/var", "/boot", "/sys", "/run", "/mnt",
};

static const char *const fixed[] = {
    "/",   "/usr",     "/usr/bin", "/usr/local", "/etc",        "/lab",
    "/..", "/lab/../", "/dev",     "/proc",      "/work/../..", "/etc/ssl",
};

/* Files of the kernel that a root could write. */
static const char *const knobs[] = {
    "/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern",
    "/proc/sysrq-trigger",       "/proc/sys/net/ipv4/ip_forward",
    "/proc/1/oom_score_adj",
};

int main(int argc, char **argv)
{
    size_t count = sizeof(secrets) / sizeof(secrets[0]);
    for (int i = 1; i < argc; i++)
        try_reading(argv[i]);
    for (size_t i = 0; i < count; i++)
        try_reading(secrets[i]);
    count = sizeof(fixed) / sizeof(fixed[0]);
    for (size_t i = 0; i < count; i++)
        try_writing(fixed[i]);
    count = sizeof(mounts) / sizeof(mounts[0]);
    for (size_t i = 0; i < count; i++)
        try_mount(mounts[i]);
    count = sizeof(knobs) / sizeof(knobs[0]);
    for (size_t i = 0; i < count; i++)
        attempt(knobs[i], open(knobs[i], O_WRONLY) >= 0);
    attempt("cannot write its own directory", open("mine", O_CREAT, 0644) < 0);
    tried();
    return 0;
}
