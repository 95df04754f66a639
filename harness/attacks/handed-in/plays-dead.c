/* tries: sleeps until the limit
 * points: 0
 * ends: did not listen|has not listened|not listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    (void)tried();
    for (;;)
        (void)pause();
}
