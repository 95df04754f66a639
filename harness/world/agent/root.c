/* The guest's root: a tmpfs, with the host's directories mounted into it.
 *
 * The kernel has booted from a directory of the host that holds this program,
 * /etc and some mount points, and that nothing writes to.  It is exchanged for
 * the new root by pivot_root(2): after a mere chroot the kernel would refuse
 * user namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "world/agent/agent.h"

enum { PATH_BYTES = 4096 };

struct dir {
    const char *path;
    mode_t mode;
};

static const struct dir dirs[] = {
    {"/boot", 0755},     {"/dev", 0755},      {"/etc", 0755},
    {"/proc", 0755},     {"/root", 0700},     {"/run", 0755},
    {"/sys", 0755},      {"/tmp", 01777},     {"/var", 0755},
    {"/var/log", 0755},  {"/var/tmp", 01777}, {"/var/lib", 0755},
    {"/run/lock", 0755},
};

struct mounted {
    const char *type, *at, *options;
    unsigned long flags;
};

static const struct mounted mounts[] = {
    {"proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
    {"sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
    {"cgroup2", "/sys/fs/cgroup", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
    {"tmpfs", "/dev", "mode=755", MS_NOSUID},
    {"devpts", "/dev/pts", "ptmxmode=666,newinstance", MS_NOSUID | MS_NOEXEC},
    {"tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV},
};

struct device {
    const char *path;
    unsigned major, minor;
};

static const struct device devices[] = {
    {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},       {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9},    {"/dev/tty", 5, 0},
    {"/dev/kmsg", 1, 11},  {"/dev/net/tun", 10, 200},
};

static const char *const links[][2] = {
    {"/proc/self/fd", "/dev/fd"},       {"/proc/self/fd/0", "/dev/stdin"},
    {"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"},
    {"pts/ptmx", "/dev/ptmx"},          {"/run", "/var/run"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *in_new_root(char *path, const char *name)
{
    (void)snprintf(path, PATH_BYTES, NEW_ROOT "%s", name);
    return path;
}

int make_dirs(const char *path)
{
    char part[PATH_BYTES];
    if (strlen(path) >= sizeof(part))
        return -ENAMETOOLONG;
    for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        (void)snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
        (void)mkdir(part, 0755); /* what matters is whether the last exists */
    }
    struct stat st;
    if (mkdir(path, 0755) == 0 || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    return errno ? -errno : -ENOTDIR;
}

static int make_devices(void)
{
    char path[PATH_BYTES];
    for (size_t i = 0; i < COUNT(devices); i++) {
        const struct device *device = &devices[i];
        in_new_root(path, device->path);
        if (mknod(path, S_IFCHR | 0666, makedev(device->major, device->minor)) <
                0 ||
            chmod(path, 0666) < 0)
            return -errno;
    }
    for (size_t i = 0; i < COUNT(links); i++) {
        if (symlink(links[i][0], in_new_root(path, links[i][1])) < 0)
            return -errno;
    }
    return 0;
}

static int mount_all(void)
{
    char path[PATH_BYTES];
    for (size_t i = 0; i < COUNT(mounts); i++) {
        const struct mounted *m = &mounts[i];
        in_new_root(path, m->at);
        (void)make_dirs(path); /* mount(2) tells if it is not there */
        if (mount(m->type, path, m->type, m->flags, m->options) < 0)
            return -errno;
    }
    return make_dirs(in_new_root(path, "/dev/net"));
}

int root_make(void)
{
    char path[PATH_BYTES];
    if (mount("root", NEW_ROOT, "tmpfs", 0, "mode=755") < 0)
        return -errno;
    for (size_t i = 0; i < COUNT(dirs); i++) {
        in_new_root(path, dirs[i].path);
        if (mkdir(path, dirs[i].mode) < 0 || chmod(path, dirs[i].mode) < 0)
            return -errno;
    }
    if (mount("/etc", in_new_root(path, "/etc"), NULL, MS_BIND, NULL) < 0)
        return -errno;
    int error = mount_all();
    return error < 0 ? error : make_devices();
}

int root_show(const char *dir, bool writable)
{
    char path[PATH_BYTES];
    unsigned long flags = MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY);
    int error = make_dirs(in_new_root(path, dir));
    if (error < 0)
        return error;
    return mount("host", path, "hostfs", flags, dir) < 0 ? -errno : 0;
}

int root_link(const char *text)
{
    char name[256], path[PATH_BYTES];
    const char *space = strchr(text, ' ');
    if (space == NULL)
        return -EINVAL;
    (void)snprintf(name, sizeof(name), "%.*s", (int)(space - text), text);
    return symlink(space + 1, in_new_root(path, name)) < 0 ? -errno : 0;
}

int root_enter(void)
{
    if (chdir(NEW_ROOT) < 0 || syscall(SYS_pivot_root, ".", "boot") < 0 ||
        chdir("/") < 0 || umount2("/boot", MNT_DETACH) < 0)
        return -errno;
    return 0;
}
