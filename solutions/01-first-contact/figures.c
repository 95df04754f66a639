/* Moments become figures; see figures.h. */
#include "figures.h"

#include <math.h>
#include <stdlib.h>

#include "wait.h"

const char *figure_name(enum figure figure)
{
    static const char *const names[FIGURES] = {
        "dns_ms", "connect_ms", "send_ms", "ttfb_ms", "total_ms"};
    return names[figure];
}

/* A stage that did not begin, or did not end, took no time that could be
 * told. */
static double between_ms(int64_t from_ns, int64_t to_ns)
{
    if (from_ns == 0 || to_ns == 0)
        return NAN;
    return (double)(to_ns - from_ns) / (double)NS_PER_MS;
}

/* DOC: figure */
double figure_ms(const struct attempt *attempt, enum figure figure)
{
    switch (figure) {
    /* BEGIN SOLUTION 4 */
    case FIGURE_DNS:
        return between_ms(attempt->began_ns, attempt->resolved_ns);
    case FIGURE_CONNECT:
        return between_ms(attempt->resolved_ns, attempt->connected_ns);
    case FIGURE_SEND:
        return between_ms(attempt->connected_ns, attempt->sent_ns);
    case FIGURE_TTFB:
        return between_ms(attempt->sent_ns, attempt->first_byte_ns);
    /* END SOLUTION */
    //> /* Checkpoint 4: the other figures; struct attempt has the moments. */
    case FIGURE_TOTAL:
        return between_ms(attempt->began_ns, attempt->ended_ns);
    default:
        return NAN;
    }
}

/* BEGIN SOLUTION 4 */
static int compare_ms(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t drop_nans(double *ms, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(ms[i]))
            ms[kept++] = ms[i];
    }
    return kept;
}

/* END SOLUTION */
/* DOC: summarize */
struct summary summarize(double *ms, size_t count)
{
    /* BEGIN SOLUTION 4 */
    size_t n = drop_nans(ms, count);
    if (n == 0)
        return (struct summary){NAN, NAN, NAN};
    qsort(ms, n, sizeof(*ms), compare_ms);
    return (struct summary){
        .min = ms[0],
        .median = (ms[(n - 1) / 2] + ms[n / 2]) / 2,
        .max = ms[n - 1],
    };
    /* END SOLUTION */
    //> (void)ms, (void)count;
    //> return (struct summary){NAN, NAN, NAN}; /* checkpoint 4 */
}
