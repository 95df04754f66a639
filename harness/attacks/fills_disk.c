/* Writes file after file until the disk is full, then tries again. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    static char data[1 << 20];
    memset(data, 'x', sizeof(data));
    for (int number = 0;; number++) {
        char name[32];
        snprintf(name, sizeof(name), "file.%d", number);
        int fd = open(name, O_WRONLY | O_CREAT, 0644);
        for (int chunk = 0; fd >= 0 && chunk < 8; chunk++)
            (void)!write(fd, data, sizeof(data));
        if (fd >= 0)
            close(fd);
        else
            usleep(1000);
    }
}
