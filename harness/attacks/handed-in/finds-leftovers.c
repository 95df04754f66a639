/* tries: leaves files and segments for its next run to find
 * points: 100
 * ends:
 * says: tried */
#include "hostile.h"

#include <sys/shm.h>
#include <sys/stat.h>

static void leave(const char *path)
{
    char what[128];
    snprintf(what, sizeof(what), "found %s again", path);
    attempt(what, access(path, F_OK) == 0);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    (void)!write(fd, "again", 5);
    (void)fchmod(fd, 0);
}

int main(void)
{
    leave("/work/left");
    leave("/tmp/left");
    leave("/dev/shm/left");
    attempt("found a segment again", shmget(0x91, 4096, 0) >= 0);
    (void)shmget(0x91, 4096, IPC_CREAT | 0666);
    for (int depth = 0; depth < 2000; depth++) { /* hard to remove */
        if (mkdir("deep", 0700) < 0 || chdir("deep") < 0)
            break;
    }
    (void)chmod("..", 0);
    (void)tried();
    return serve();
}
