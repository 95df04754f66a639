/* tries: reads tests, solutions, other submissions, /etc/shadow
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <dirent.h>

static const char *const secrets[] = {
    "/etc/shadow",  "/etc/hostname",  "/root",
    "/home",        "/var",           "/srv",
    "/opt",         "/mnt",           "/run",
    "/sys",         "/boot",          "/lab/../neighbour",
    "../neighbour", "/submissions",   "/results",
    "/solutions",   "/lab/solutions", "/lab/tests",
    "/lab/labs",    "/autograder",    "/work/../../neighbour",
    "/proc/1/root", "/proc/1/cwd",    "/proc/1/exe",
    "/proc/kcore",  "/proc/kmsg",
};

static void list(const char *dir, const char *allowed)
{
    DIR *stream = opendir(dir);
    struct dirent *entry;
    while (stream && (entry = readdir(stream)) != NULL) {
        char name[300];
        snprintf(name, sizeof(name), " %s ", entry->d_name);
        attempt(entry->d_name, strstr(allowed, name) == NULL);
    }
    if (stream)
        closedir(stream);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        int fd = open(secrets[i], O_RDONLY);
        attempt(secrets[i], fd >= 0 || errno == EISDIR);
    }
    list("/", " . .. bin dev etc lab lib lib64 proc sbin tmp usr work ");
    list("/lab", " . .. shout ");
    list("/work", " . .. ");
    list("/tmp", " . .. ");
    return tried();
}
