/* What hostile programs share.  Each tries things that must not work; the test
 * reads "ESCAPED: ..." for each that did, and "tried" at the end, without which
 * the attack itself is broken and proves nothing. */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdio.h>

/* `worked` is whether the sandbox let it happen. */
static inline void attempt(const char *what, int worked)
{
    if (worked)
        printf("ESCAPED: %s\n", what);
    fflush(stdout);
}

static inline void tried(void)
{
    printf("tried\n");
    fflush(stdout);
}

#endif
