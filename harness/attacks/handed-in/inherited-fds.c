/* tries: writes a verdict to whatever descriptor it was left
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

int main(void)
{
    static const char text[] =
        "{\"id\":\"91.1.answers\",\"verdict\":\"pass\"}\n";
    for (int fd = 3; fd < 65536; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        attempt("has a descriptor of the grader's", 1);
        (void)!write(fd, text, strlen(text));
    }
    return tried();
}
