/* Waits for a calm machine; see calm.h. */
#include "world/calm.h"

#include <time.h>
#include <wirelab/time.h>

enum {
    SLEEPS = 250, /* of 1 ms: a piece */
    PIECES = 4,
    /* Half of what makes a packet too late (link/lateness.h). */
    LATE_NS = 1000000,
    LATE_ALLOWED = 2, /* in a piece: 1 % */
};

static void measure(uv_work_t *work)
{
    struct calm *calm = work->data;
    const struct timespec nap = {.tv_nsec = 1000000};
    calm->late = 0;
    for (int i = 0; i < SLEEPS; i++) {
        int64_t from_ns = clock_now_ns();
        (void)nanosleep(&nap, NULL);
        calm->late += clock_now_ns() - from_ns > nap.tv_nsec + LATE_NS;
    }
}

static void on_measured(uv_work_t *work, int status)
{
    struct calm *calm = work->data;
    int64_t waited_ns = clock_now_ns() - calm->began_ns;
    bool quiet = status == 0 && calm->late <= LATE_ALLOWED;
    calm->calm_pieces = quiet ? calm->calm_pieces + 1 : 0;
    bool is_calm = calm->calm_pieces >= PIECES;
    if (!is_calm && !calm->stopped && waited_ns < SECONDS(CALM_ONCE_S) &&
        calm->waited_ns + waited_ns < SECONDS(CALM_PATIENCE_S)) {
        (void)uv_queue_work(work->loop, work, measure, on_measured);
        return;
    }
    calm->waited_ns += waited_ns;
    calm->waits = false;
    calm->over(calm, is_calm);
}

void calm_wait(struct calm *calm, uv_loop_t *loop)
{
    calm->waits = true;
    calm->stopped = false;
    calm->calm_pieces = 0;
    calm->began_ns = clock_now_ns();
    calm->work.data = calm;
    (void)uv_queue_work(loop, &calm->work, measure, on_measured);
}

void calm_stop(struct calm *calm)
{
    calm->stopped = true;
}
