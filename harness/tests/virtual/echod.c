/* An echod that never waits, for test_virtual.sh: it asks poll(2) over and over
 * without a timeout.  With READS_CLOCK it looks at the clock in between. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void await_by_polling(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (poll(&ready, 1, 0) == 0) {
#ifdef READS_CLOCK
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    }
}

static void echo(int fd)
{
    char bytes[512];
    ssize_t n;
    do {
        await_by_polling(fd);
        n = read(fd, bytes, sizeof(bytes));
        if (n > 0)
            (void)!write(fd, bytes, (size_t)n);
    } while (n > 0);
    (void)close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    addr.sin_port = htons((uint16_t)strtoul(argv[argc - 1], NULL, 10));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
        listen(fd, 16) < 0)
        return 1;
    for (;;) {
        await_by_polling(fd);
        echo(accept(fd, NULL, NULL));
    }
}
