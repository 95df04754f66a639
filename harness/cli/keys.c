/* Single keys from a terminal; see keys.h. */
#include "cli/keys.h"

#include <fcntl.h>
#include <unistd.h>

void keys_open(struct keys *keys)
{
    keys->fd = -1;
    if (isatty(STDIN_FILENO))
        keys->fd = open("/dev/tty", O_RDONLY | O_CLOEXEC);
    if (keys->fd >= 0 && tcgetattr(keys->fd, &keys->saved) < 0)
        keys_close(keys);
}

void keys_close(struct keys *keys)
{
    if (keys->fd >= 0)
        (void)close(keys->fd);
    keys->fd = -1;
}

static void set(const struct keys *keys, const struct termios *mode)
{
    if (keys->fd >= 0 && tcgetpgrp(keys->fd) == getpgrp())
        (void)tcsetattr(keys->fd, TCSANOW, mode);
}

void keys_take(const struct keys *keys)
{
    struct termios raw = keys->saved;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    set(keys, &raw);
}

void keys_give_back(const struct keys *keys)
{
    set(keys, &keys->saved);
}
