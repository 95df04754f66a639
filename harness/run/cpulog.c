/* A list of marks; see cpulog.h. */
#include "run/cpulog.h"

#include <stdlib.h>

#include "base/strbuf.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void thin_out(struct cpulog *log)
{
    for (size_t i = 0; i < log->count / 2; i++)
        log->marks[i] = log->marks[2 * i];
    log->count /= 2;
}

void cpulog_add(struct cpulog *log, struct cpu_mark mark)
{
    struct cpu_mark last = cpulog_last(log);
    if (log->marks == NULL)
        log->marks = mem_zalloc(CPULOG_MAX_MARKS * sizeof(log->marks[0]));
    if (log->count == CPULOG_MAX_MARKS)
        thin_out(log);
    mark.ran_ns = larger(mark.ran_ns, last.ran_ns);
    mark.waited_ns = larger(mark.waited_ns, last.waited_ns);
    log->marks[log->count++] = mark;
}

struct cpu_mark cpulog_last(const struct cpulog *log)
{
    return log->count ? log->marks[log->count - 1] : (struct cpu_mark){0};
}

void cpulog_between(const struct cpulog *log, int64_t from_ns, int64_t to_ns,
                    struct cpu_share *sum)
{
    size_t first = 0;
    if (log->count == 0)
        return;
    while (first + 1 < log->count && log->marks[first + 1].at_ns <= from_ns)
        first++;
    size_t last = first;
    while (last + 1 < log->count && log->marks[last].at_ns < to_ns) {
        last++;
        sum->stall_ns =
            larger(sum->stall_ns,
                   log->marks[last].waited_ns - log->marks[last - 1].waited_ns);
    }
    const struct cpu_mark *a = &log->marks[first], *b = &log->marks[last];
    sum->period_ns = larger(sum->period_ns, b->at_ns - a->at_ns);
    sum->ran_ns += b->ran_ns - a->ran_ns;
    sum->waited_ns += b->waited_ns - a->waited_ns;
}

void cpulog_fini(struct cpulog *log)
{
    free(log->marks);
    *log = (struct cpulog){0};
}
