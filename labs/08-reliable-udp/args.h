/* Numbers on a command line. */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a whole number in decimal within limits.  Returns whether it is one. */
bool args_number(const char *text, uint64_t low, uint64_t high,
                 uint64_t *value);

#endif
