/* Handed in with every attack.  What worked is said as "ESCAPED: ...", which
 * the judge looks for; "tried" says that the attack ran to its end, without
 * which it would prove nothing. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void attempt(const char *what, int worked)
{
    if (worked)
        printf("ESCAPED: %s\n", what);
    (void)fflush(stdout);
}

static inline int tried(void)
{
    printf("tried\n");
    (void)fflush(stdout);
    return 0;
}

/* A socket on the port that the suite asks. */
static inline int open_port(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(9000)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0)
        exit(1);
    return fd;
}

enum { ROOM = 1500 };

/* What an honest submission does, for ever; but `meddle` sees each question
 * first.  It may put another text (of ROOM bytes) in its place, and returns the
 * length. */
static inline int serve_with(ssize_t (*meddle)(char *text, ssize_t n,
                                               const struct sockaddr_in *from))
{
    int fd = open_port();
    for (;;) {
        char text[ROOM];
        struct sockaddr_in from;
        socklen_t length = sizeof(from);
        ssize_t n = recvfrom(fd, text, sizeof(text), 0,
                             (struct sockaddr *)&from, &length);
        if (n > 0 && meddle)
            n = meddle(text, n, &from);
        for (ssize_t i = 0; i < n; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
        if (n >= 0)
            (void)sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&from,
                         length);
    }
}

static inline int serve(void)
{
    return serve_with(NULL);
}

#endif
