/* A decent program: answers each datagram on a UDP port with the same bytes,
 * after so many milliseconds; told to be wrong, with other bytes. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct sockaddr_in here = {.sin_family = AF_INET}, from;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    char bytes[2048];

    if (argc < 2)
        return 2;
    long late_ms = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    char change = argc > 3 && strcmp(argv[3], "wrong") == 0;
    here.sin_port = htons((unsigned short)strtol(argv[1], NULL, 10));
    if (bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0)
        return 1;
    for (;;) {
        socklen_t length = sizeof(from);
        struct timespec late = {late_ms / 1000, late_ms % 1000 * 1000000};
        ssize_t n = recvfrom(fd, bytes, sizeof(bytes), 0,
                             (struct sockaddr *)&from, &length);
        if (n < 0)
            return 1;
        (void)nanosleep(&late, NULL);
        bytes[0] = (char)(bytes[0] + change);
        (void)sendto(fd, bytes, (size_t)n, 0, (struct sockaddr *)&from, length);
    }
}
