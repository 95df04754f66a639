/* An echod that never waits, for test_virtual.sh: it asks poll(2) over and over
 * without a timeout.  With READS_CLOCK it looks at the clock in between; with
 * RECEIVES it calls recv(2) that does not wait instead, and nothing else.  With
 * WORKS it does wait, but before it listens it is alone with its work for a
 * million system calls. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { A_LOT = 1000000 };

static void work(void)
{
#ifdef WORKS
    int fd = open("/dev/null", O_WRONLY);
    for (int i = 0; i < A_LOT; i++)
        (void)!write(fd, "", 1);
    (void)close(fd);
#endif
}

#ifdef RECEIVES
static void await_by_polling(int fd)
{
    (void)fd; /* accept(2) waits, and receive() polls by itself */
}
#else
static void await_by_polling(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
#ifdef WORKS
    (void)poll(&ready, 1, -1);
#endif
    while (poll(&ready, 1, 0) == 0) {
#ifdef READS_CLOCK
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    }
}
#endif

static ssize_t receive(int fd, char *bytes, size_t size)
{
#ifdef RECEIVES
    ssize_t n;
    while ((n = recv(fd, bytes, size, MSG_DONTWAIT)) < 0)
        ;
    return n;
#else
    await_by_polling(fd);
    return read(fd, bytes, size);
#endif
}

static void echo(int fd)
{
    char bytes[512];
    ssize_t n;
    while ((n = receive(fd, bytes, sizeof(bytes))) > 0)
        (void)!write(fd, bytes, (size_t)n);
    (void)close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    work();
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
