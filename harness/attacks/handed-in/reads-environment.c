/* tries: looks for the grader in environment, mounts, cgroups
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

extern char **environ;

static void search(const char *path)
{
    static const char *const words[] = {"WIRELAB",   "neighbour", "submissions",
                                        "solutions", "roster",    "secret"};
    static char text[1 << 16];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    for (ssize_t i = 0; i < n; i++)
        text[i] = text[i] ? text[i] : ' ';
    text[n > 0 ? n : 0] = '\0';
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        attempt(words[i], strstr(text, words[i]) != NULL);
    if (fd >= 0)
        close(fd);
}

int main(void)
{
    static const char known[] =
        " PATH HOME PWD TMPDIR USER LANG TERM ASAN_OPTIONS UBSAN_OPTIONS ";
    for (char **variable = environ; *variable; variable++) {
        char name[64];
        snprintf(name, sizeof(name), " %.*s ", (int)strcspn(*variable, "="),
                 *variable);
        attempt(*variable, strstr(known, name) == NULL);
    }
    search("/proc/self/environ");
    search("/proc/self/mountinfo");
    search("/proc/self/cgroup");
    search("/proc/1/environ");
    search("/proc/1/cmdline");
    return tried();
}
