/* The one place that reads the clock. */
#include <stdlib.h>
#include <time.h>

#include <wirelab/time.h>

int64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

bool clock_is_virtual(void)
{
    return getenv("WIRELAB_VIRTUAL_CLOCK") !=
           NULL; /* the guest's agent says so */
}
