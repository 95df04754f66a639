/* tries: prints PASS, TAP, JSON and a verdict on every stream
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

static const char *const claims[] = {
    "PASS 91.1.answers\n",
    "1..2\nok 1 - 91.1.answers\nok 2 - 91.2.answers_all\n",
    "{\"id\":\"91.1.answers\",\"verdict\":\"pass\"}\n",
    "100%: Checks: 2, Failures: 0, Errors: 0\n",
    "{\"score\":{\"points\":100,\"max\":100}}\n",
};

int main(void)
{
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        for (int fd = 0; fd < 1024; fd++)
            (void)!write(fd, claims[i], strlen(claims[i]));
    }
    return tried();
}
