/* Takes memory, and touches it, without end. */
#include <stdlib.h>
#include <unistd.h>

enum { STEP_BYTES = 1 << 20 };

int main(void)
{
    for (;;) {
        volatile char *data = malloc(STEP_BYTES);
        for (int at = 0; data && at < STEP_BYTES; at += 1024)
            data[at] = 'x';
        usleep(200); /* 5 GB/s at most */
    }
}
