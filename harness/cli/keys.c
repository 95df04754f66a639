/* Single keys from a terminal; see keys.h. */
#include "cli/keys.h"

#include <unistd.h>

void keys_init(struct keys *keys)
{
    keys->there =
        isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &keys->saved) == 0;
}

static void set(const struct keys *keys, const struct termios *mode)
{
    if (keys->there && tcgetpgrp(STDIN_FILENO) == getpgrp())
        (void)tcsetattr(STDIN_FILENO, TCSANOW, mode);
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
