/* The first process of a guest; see agent.h.
 *
 * It never ends: the kernel would panic.  When the host is gone it switches the
 * guest off. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "world/agent/agent.h"

enum { MAX_FDS = 70, TEXT_BYTES = 256 };

static _Noreturn void switch_off(void)
{
    (void)reboot(RB_POWER_OFF);
    for (;;)
        (void)pause();
}

/* Nothing more can be done here; the host is to know why. */
static _Noreturn void give_up(const char *what, int error)
{
    char text[TEXT_BYTES];
    int n = snprintf(text, sizeof(text), "%.180s: %s", what, strerror(-error));
    if (line_fd() >= 0)
        line_send(FRAME_FAILED, 0, text, (size_t)n + 1);
    (void)fprintf(stderr, "agent: %s\n", text);
    while (line_fd() >= 0 && line_read() == 0)
        ;
    switch_off();
}

static void say_hello(void)
{
    uint8_t version[4];
    frame_put32(version, FRAME_VERSION);
    line_send(FRAME_HELLO, 0, version, sizeof(version));
}

static struct frame await_setup(void)
{
    struct frame frame;
    int got;
    while ((got = line_next(&frame)) == 0) {
        if (line_read() < 0)
            switch_off();
    }
    if (got < 0 || frame.kind != FRAME_SETUP)
        give_up("the host did not begin with SETUP", -EBADMSG);
    return frame;
}

static void obey(const struct frame *frame)
{
    if (frame->kind == FRAME_RUN)
        errand_start(frame);
    else if (frame->kind == FRAME_SIGNAL)
        errand_signal(frame);
    else
        give_up("the host sent what it does not send", -EBADMSG);
}

static void hear(void)
{
    struct frame frame;
    int got;
    if (line_read() < 0)
        switch_off();
    while ((got = line_next(&frame)) > 0)
        obey(&frame);
    if (got < 0)
        give_up("the line to the host garbles", -EBADMSG);
}

static int watch_children(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void drain(int fd)
{
    char bytes[sizeof(struct signalfd_siginfo) * 8];
    while (read(fd, bytes, sizeof(bytes)) > 0)
        ;
}

static void serve(int children, int clock)
{
    struct pollfd fds[MAX_FDS] = {{.fd = line_fd(), .events = POLLIN},
                                  {.fd = children, .events = POLLIN},
                                  {.fd = clock, .events = POLLIN}};
    for (;;) {
        size_t n = 3 + errand_watch(fds + 3, MAX_FDS - 3);
        if (poll(fds, n, errand_expire()) <= 0)
            continue;
        if (fds[2].revents) {
            drain(clock);
            beat();
        }
        for (size_t i = 3; i < n; i++) {
            if (fds[i].revents)
                errand_readable(fds[i].fd);
        }
        if (fds[1].revents) {
            drain(children);
            errand_reap();
        }
        if (fds[0].revents)
            hear();
    }
}

int main(void)
{
    /* Kernels that mount devtmpfs by themselves have done so: EBUSY. */
    (void)mount("dev", "/dev", "devtmpfs", 0, NULL);
    int error = line_open();
    if (error < 0)
        give_up("cannot open the line to the host", error);
    say_hello();
    struct frame frame = await_setup();
    char what[TEXT_BYTES];
    error = setup(&frame, what, sizeof(what));
    if (error < 0)
        give_up(what, error);
    int children = watch_children();
    int clock = clock_start();
    line_send(FRAME_READY, 0, NULL, 0);
    serve(children, clock);
}
