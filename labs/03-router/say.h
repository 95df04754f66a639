/* What the three programs tell their user. */
#ifndef SAY_H
#define SAY_H

enum {
    STATUS_NO = 1,       /* the answer is no */
    STATUS_USAGE = 2,    /* command line, file or prefix makes no sense */
    STATUS_TROUBLE = 5,  /* a file, memory, a descriptor */
    STATUS_UNWRITTEN = 9 /* the skeleton */
};

/* Prints "PROGRAM: ..." and a newline on stderr. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program: this part of the lab is still to be written. */
void unwritten(int checkpoint, const char *what) __attribute__((noreturn));

/* The same for a router, which goes on: says so once for each place that calls
 * it, and the packet in hand is dropped. */
#define UNWRITTEN_HERE(checkpoint, what)                                       \
    do {                                                                       \
        static int said_;                                                      \
        if (!said_++)                                                          \
            say("checkpoint %d is not done yet: write %s "                     \
                "(README.md#checkpoint-%d)",                                   \
                (checkpoint), (what), (checkpoint));                           \
    } while (0)

#endif
