/* tries: takes all memory as files of /dev/shm and /tmp
 * points: 0
 * ends: memory|listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    static char chunk[1 << 20];
    (void)tried();
    memset(chunk, 'x', sizeof(chunk));
    for (int number = 0;; number++) {
        char path[64];
        snprintf(path, sizeof(path), "%s/%d", number % 2 ? "/dev/shm" : "/tmp",
                 number);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0 || write(fd, chunk, sizeof(chunk)) < 0)
            (void)usleep(1000);
        close(fd);
    }
}
