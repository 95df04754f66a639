/* tries: makes files without end
 * points: 0
 * ends: files|disk|listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    (void)tried();
    for (unsigned number = 0;; number++) {
        char path[32];
        snprintf(path, sizeof(path), "%u", number);
        close(open(path, O_WRONLY | O_CREAT, 0600));
    }
}
