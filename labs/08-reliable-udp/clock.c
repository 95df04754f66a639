/* Asking for the time, and waiting without spinning. */
#include "clock.h"

#include <poll.h>
#include <time.h>

int64_t clock_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ppoll(2), not poll(2): with whole milliseconds a timer due in 0.4 ms is
 * either late or asked for in a loop that spins. */
void clock_wait(int fd, int64_t deadline_us, const sigset_t *mask)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int64_t left_us = deadline_us - clock_now_us();
    struct timespec timeout = {0};

    if (left_us > 0) {
        timeout.tv_sec = left_us / 1000000;
        timeout.tv_nsec = left_us % 1000000 * 1000;
    }
    (void)ppoll(&poll_fd, 1, deadline_us == INT64_MAX ? NULL : &timeout, mask);
}
