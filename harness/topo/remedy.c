/* What mends a machine that refuses something; see remedy.h. */
#include "topo/remedy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

#define ON_HOST "on the container's host: "
#define IN_POWERSHELL "in PowerShell: "

/* ---- Facts ----------------------------------------------------------------
 */

static char *system_path(const char *path)
{
    const char *root = getenv("WIRELAB_SYSTEM_ROOT");
    return str_format("%s%s", root ? root : "", path);
}

static bool is_there(const char *path)
{
    char *file = system_path(path);
    bool there = access(file, F_OK) == 0;
    free(file);
    return there;
}

/* The first line of a file of the kernel's; `text` is "" if there is none. */
static void read_line(const char *path, char *text, int size)
{
    char *name = system_path(path);
    FILE *file = fopen(name, "re");
    text[0] = '\0';
    if (file && fgets(text, size, file))
        text[strcspn(text, "\n")] = '\0';
    if (file)
        (void)fclose(file); /* it was only read */
    free(name);
}

static bool setting_is(const char *path, const char *value)
{
    char text[32];
    read_line(path, text, sizeof(text));
    return strcmp(text, value) == 0;
}

bool system_is_container(void)
{
    return is_there("/.dockerenv") || is_there("/run/.containerenv");
}

bool system_is_wsl(void)
{
    char release[128];
    read_line("/proc/sys/kernel/osrelease", release, sizeof(release));
    return strcasestr(release, "microsoft") != NULL;
}

bool system_is_wsl1(void)
{
    char release[128];
    read_line("/proc/sys/kernel/osrelease", release, sizeof(release));
    return strcasestr(release, "microsoft") && !strcasestr(release, "wsl2");
}

/* ---- Remedies -------------------------------------------------------------
 */

/* A container refuses with EPERM what its flags do not allow; ENOSPC means that
 * there may be no more of them, or none at all. */
const char *remedy_namespaces(int error)
{
    if (system_is_wsl1())
        return IN_POWERSHELL "wsl --set-default-version 2; wsl --set-version "
                             "NAME 2, where 'wsl -l' tells the NAME";
    if (error == ENOSPC ||
        setting_is("/proc/sys/user/max_user_namespaces", "0"))
        return "sudo sysctl -w user.max_user_namespaces=10000";
    if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", "0"))
        return "sudo sysctl -w kernel.unprivileged_userns_clone=1";
    if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                   "1"))
        return "sudo sysctl -w "
               "kernel.apparmor_restrict_unprivileged_userns=0";
    if (system_is_container())
        return ON_HOST "docker compose -f docker/compose.yaml run --rm native";
    return "run as root: sudo ./wirelab";
}

const char *remedy_proc(void)
{
    return ON_HOST "docker run --security-opt systempaths=unconfined, as "
                   "docker/README.md has it";
}

const char *remedy_watch(void)
{
    return ON_HOST "docker run --cap-add SYS_PTRACE, as docker/README.md has "
                   "it";
}

const char *remedy_tun(int error)
{
    if (error == EACCES || error == EPERM)
        return "sudo chmod 0666 /dev/net/tun";
    if (system_is_container())
        return ON_HOST "docker run --device /dev/net/tun, as docker/README.md "
                       "has it";
    if (system_is_wsl())
        return IN_POWERSHELL "wsl --update; wsl --shutdown";
    return "sudo modprobe tun";
}

const char *remedy_netem(void)
{
    if (system_is_wsl())
        return IN_POWERSHELL "wsl --update; wsl --shutdown";
    return "sudo modprobe sch_netem";
}
