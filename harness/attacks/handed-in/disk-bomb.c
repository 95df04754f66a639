/* tries: fills the disk
 * points: 0
 * ends: MiB|disk|listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    static char chunk[1 << 20];
    (void)tried();
    for (int number = 0;; number++) {
        char path[32];
        snprintf(path, sizeof(path), "%d", number);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        for (int i = 0; i < 8; i++)
            (void)!write(fd, chunk, sizeof(chunk));
        close(fd);
    }
}
