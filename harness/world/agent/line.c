/* The line to the host: the guest's first serial port, in raw mode. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "world/agent/agent.h"

enum { BUFFER_BYTES = FRAME_HEADER_BYTES + FRAME_MAX_PAYLOAD_BYTES };

static struct {
    int fd;
    size_t used, taken;
    uint8_t bytes[BUFFER_BYTES];
} line = {.fd = -1};

int line_open(void)
{
    struct termios raw;
    line.fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line.fd < 0 || tcgetattr(line.fd, &raw) < 0)
        return -errno;
    cfmakeraw(&raw);
    return tcsetattr(line.fd, TCSANOW, &raw) < 0 ? -errno : 0;
}

int line_fd(void)
{
    return line.fd;
}

static void write_all(const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(line.fd, bytes, n);
        if (written < 0 && errno != EINTR)
            return; /* the host is gone: the next read says so */
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
}

void line_send(enum frame_kind kind, uint32_t errand, const void *payload,
               size_t bytes)
{
    uint8_t header[FRAME_HEADER_BYTES];
    frame_header(header, kind, errand, bytes);
    write_all(header, sizeof(header));
    write_all(payload, bytes);
}

int line_read(void)
{
    line.used -= line.taken;
    memmove(line.bytes, line.bytes + line.taken, line.used);
    line.taken = 0;
    ssize_t n =
        read(line.fd, line.bytes + line.used, sizeof(line.bytes) - line.used);
    if (n < 0 && errno == EINTR)
        return 0;
    if (n <= 0)
        return n < 0 ? -errno : -EPIPE;
    line.used += (size_t)n;
    return 0;
}

int line_next(struct frame *frame)
{
    ssize_t n =
        frame_parse(frame, line.bytes + line.taken, line.used - line.taken);
    if (n == -EAGAIN)
        return 0;
    if (n < 0)
        return (int)n;
    line.taken += (size_t)n;
    return 1;
}
