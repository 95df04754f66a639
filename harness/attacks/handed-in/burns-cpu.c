/* tries: keeps every CPU busy, so that the run is called void
 * points: 0
 * ends: listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    (void)tried();
    for (int i = 0; i < 40; i++) {
        if (fork() == 0) {
            for (volatile unsigned n = 0;; n++)
                ;
        }
    }
    for (;;)
        (void)pause();
}
