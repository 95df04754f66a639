/* Single keys from a terminal, without Enter and without being shown. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include <stdbool.h>
#include <termios.h>

/* The terminal is opened anew, for who polls a descriptor may make it one that
 * does not block, and stdin is shared with the shell and with stdout. */
struct keys {
    int fd; /* -1: stdin is no terminal */
    struct termios saved;
};

void keys_open(struct keys *keys);
void keys_close(struct keys *keys);
/* Sets the terminal up, and puts it back as it was.  Does nothing without a
 * terminal, nor in the background, where a process that sets the terminal up
 * would be stopped. */
void keys_take(const struct keys *keys);
void keys_give_back(const struct keys *keys);

#endif
