/* tries: takes all memory
 * points: 0
 * ends: memory|before it listened
 * says: tried */
#include "hostile.h"

int main(void)
{
    (void)tried();
    for (;;) {
        volatile char *data = malloc(1 << 20);
        for (int at = 0; data && at < 1 << 20; at += 1024)
            data[at] = 'x';
    }
}
