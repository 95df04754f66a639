/* What the four mains share: exit statuses, arguments, complaints. */
#ifndef CLI_H
#define CLI_H

#include <stdint.h>

enum exit_status {
    EXIT_REFUSED = 1,  /* the other side said no, or did not answer */
    EXIT_USAGE = 2,    /* the command line makes no sense */
    EXIT_NETWORK = 3,  /* not reached, refused, cut off, or too slow */
    EXIT_PROTOCOL = 4, /* the other side does not speak our protocol */
    EXIT_FILE = 5,     /* a local file or directory makes trouble */
    EXIT_NOT_DONE = 9, /* the skeleton: this part is still to be written */
};

/* Parses a decimal number of digits alone, within [low, high].
 * Returns 0, or -EINVAL. */
int parse_number(const char *text, int64_t low, int64_t high, int64_t *value);

/* Prints "program: …" and a newline to stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program with EXIT_NOT_DONE and says what to write next.  Only the
 * skeleton calls it; delete each call as you replace it. */
void not_done(int checkpoint, const char *what) __attribute__((noreturn));

#endif
