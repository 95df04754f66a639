/* Real-time priority, and when to do without.
 *
 * A thread with SCHED_FIFO that always has something to do starves the very
 * programs it serves; the kernel then stops it for 50 ms in each second, and
 * with it the engines of other tests.  So an engine which has hardly slept for
 * a while becomes an ordinary thread until it has some rest again.  Then it
 * only competes, as the sender's own kernel would in its place. */
#include "link/duty.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <wirelab/time.h>

enum {
    FIFO_PRIORITY = 10,
    PREFERRED_NICE = -10,
    BUSY_PERCENT = 10,
    RESTED_PERCENT = 30
};

#define WINDOW_NS MSECONDS(50)

static bool go(bool ahead)
{
    struct sched_param param = {.sched_priority = ahead ? FIFO_PRIORITY : 0};
    int policy = ahead ? SCHED_FIFO : SCHED_OTHER;
    return pthread_setschedparam(pthread_self(), policy, &param) == 0;
}

void duty_begin(struct duty *duty, int64_t now_ns)
{
    (void)prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    /* Without the privilege we are later when the machine is busy; the lateness
     * says so. */
    duty->allowed = duty->ahead = go(true);
    if (duty->allowed)
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), PREFERRED_NICE);
    duty->begun_ns = now_ns;
    duty->slept_ns = 0;
}

void duty_slept(struct duty *duty, int64_t from_ns, int64_t to_ns)
{
    if (!duty->allowed)
        return;
    duty->slept_ns += to_ns - from_ns;
    int64_t window_ns = to_ns - duty->begun_ns;
    if (window_ns < WINDOW_NS)
        return;
    int64_t percent = duty->slept_ns * 100 / window_ns;
    if (duty->ahead && percent < BUSY_PERCENT && go(false))
        duty->ahead = false;
    else if (!duty->ahead && percent > RESTED_PERCENT && go(true))
        duty->ahead = true;
    duty->begun_ns = to_ns;
    duty->slept_ns = 0;
}
