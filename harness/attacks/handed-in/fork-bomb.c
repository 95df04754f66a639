/* tries: forks without end
 * points: 0
 * ends: listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    (void)tried();
    for (;;) {
        if (fork() < 0)
            (void)usleep(1000);
    }
}
