/* What the three mains share: exit statuses and complaints. */
#ifndef LAB_H
#define LAB_H

enum exit_status {
    EXIT_TROUBLE = 1,  /* a file, a socket, a host that is not to be found */
    EXIT_USAGE = 2,    /* the command line makes no sense */
    EXIT_NOT_DONE = 9, /* the skeleton: this part is still to be written */
};

/* The descriptor that `forge` and `pinger` find open. */
enum { GIVEN_FD = 3 };

/* Prints "program: …" and a newline to stderr; returns `status`. */
int fail(enum exit_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Ends the program and says what is to be written next.  Only the skeleton
 * calls it; delete each call as you replace it. */
void to_do(int checkpoint, const char *what) __attribute__((noreturn));

#endif
