/* Seeds and the time of day. */
#include "cli/seed.h"

#include <sys/random.h>
#include <time.h>
#include <wirelab/time.h>

uint64_t seed_new(void)
{
    uint32_t word;
    if (getrandom(&word, sizeof(word), 0) != (ssize_t)sizeof(word))
        word = (uint32_t)clock_now_ns();
    return 1 + word % 999999;
}

void rfc3339_now(char *text)
{
    time_t now = time(NULL);
    struct tm utc;
    (void)gmtime_r(&now, &utc);
    (void)strftime(text, SEED_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
}
