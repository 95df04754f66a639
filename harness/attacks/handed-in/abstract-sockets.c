/* tries: abstract sockets, shared memory, queues of others
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <dirent.h>
#include <mqueue.h>
#include <stddef.h>
#include <sys/shm.h>
#include <sys/un.h>

static int lines(const char *path)
{
    FILE *file = fopen(path, "re");
    int count = 0, c;
    while (file && (c = getc(file)) != EOF)
        count += c == '\n';
    if (file)
        (void)fclose(file);
    return count;
}

int main(void)
{
    static const char *const names[] = {"wirelab", "neighbour",
                                        "/tmp/.X11-unix/X0",
                                        "/org/freedesktop/systemd1"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct sockaddr_un there = {.sun_family = AF_UNIX};
        size_t length = strlen(names[i]);
        memcpy(there.sun_path + 1, names[i], length);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        attempt(names[i],
                connect(fd, (struct sockaddr *)&there,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                                    length)) == 0);
        close(fd);
    }
    attempt("sees Unix sockets", lines("/proc/net/unix") > 1);
    attempt("sees segments", lines("/proc/sysvipc/shm") > 1);
    attempt("sees semaphores", lines("/proc/sysvipc/sem") > 1);
    DIR *shared = opendir("/dev/shm");
    int count = 0;
    while (shared && readdir(shared) != NULL)
        count++;
    attempt("sees shared memory", count > 2);
    if (shared)
        closedir(shared);
    return tried();
}
