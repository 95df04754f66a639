/* Takes memory, and touches it, without end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP_BYTES = 1 << 20 };

int main(void)
{
    for (;;) {
        char *data = malloc(STEP_BYTES);
        if (data)
            memset(data, 'x', STEP_BYTES);
        usleep(200); /* 5 GB/s at most */
    }
}
