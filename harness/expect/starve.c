/* Who is to blame for what came late: the program or the machine?  The rules
 * are in <wirelab/expect.h>. */
#include <stdio.h>

#include <wirelab/expect.h>
#include <wirelab/time.h>

#include "expect/judge.h"
#include "run/run.h"

/* Less than a timer's own lateness is not worth another wait. */
static const int64_t least_grant_ns = MSECONDS(5);
static const int64_t look_ns = MSECONDS(25);

static struct {
    struct net *net; /* NULL: nothing is timed */
    int64_t from_ns, to_ns;
    int64_t bearable_ns; /* in a row */
    int64_t sum_ns;      /* of all waits */
} period;

void timed(struct net *net, int64_t from_ns, int64_t to_ns, int64_t bearable_ns)
{
    period.net = net;
    period.from_ns = from_ns;
    period.to_ns = to_ns;
    period.bearable_ns = bearable_ns;
    period.sum_ns = INT64_MAX;
}

void timed_sum(int64_t bearable_ns)
{
    period.sum_ns = bearable_ns;
}

void untimed(void)
{
    period.net = NULL;
}

/* What the machine took.  Who kept half a CPU busy waited for himself. */
static struct cpu_share taken(struct net *net, int64_t from_ns, int64_t to_ns)
{
    struct cpu_share share = runner_cpu_between(net, from_ns, to_ns);
    if (share.ran_ns * 2 > share.period_ns)
        share.waited_ns = share.stall_ns = 0;
    return share;
}

bool starved(struct net *net, int64_t from_ns, int64_t to_ns, int64_t late_ns,
             char why[STARVED_TEXT_BYTES])
{
    char waited[DURATION_TEXT_BYTES];
    struct cpu_share share =
        taken(net, net->started_ns + from_ns, net->started_ns + to_ns);
    if (share.waited_ns < late_ns)
        return false;
    snprintf(why, STARVED_TEXT_BYTES,
             "the machine is too busy: meanwhile the programs waited %s for a "
             "CPU",
             duration_text(share.waited_ns, waited));
    return true;
}

static void tell_starved(const char *who_waited, int64_t ns,
                         int64_t bearable_ns, char why[STARVED_TEXT_BYTES])
{
    char waited[DURATION_TEXT_BYTES], bearable[DURATION_TEXT_BYTES];
    snprintf(why, STARVED_TEXT_BYTES,
             "the machine is too busy: %s %s for a CPU, and this test bears %s",
             who_waited, duration_text(ns, waited),
             duration_text(bearable_ns, bearable));
}

bool starved_now(char why[STARVED_TEXT_BYTES])
{
    struct net *net = period.net;
    if (net == NULL)
        return false;
    int64_t to_ns = period.to_ns < INT64_MAX - net->started_ns
                        ? net->started_ns + period.to_ns
                        : clock_now_ns();
    struct cpu_share share =
        taken(net, net->started_ns + period.from_ns, to_ns);
    if (share.stall_ns >= period.bearable_ns)
        tell_starved("a program waited", share.stall_ns, period.bearable_ns,
                     why);
    else if (share.waited_ns >= period.sum_ns)
        tell_starved("the programs waited, in sum,", share.waited_ns,
                     period.sum_ns, why);
    else
        return false;
    return true;
}

/* A wait for a CPU is counted when it is over.  Whether one is going on: not
 * all sleep, and yet they hardly ran for a while. */
static bool hardly_ran(struct net *net, int64_t from_ns)
{
    int64_t now_ns = clock_now_ns();
    return !runner_sleeps(net) &&
           runner_cpu_between(net, from_ns, now_ns).ran_ns <
               (now_ns - from_ns) / 2;
}

bool wait_fairly(struct proc *proc, int64_t timeout_ns, struct proc_end *end)
{
    struct net *net = proc_host(proc)->net;
    int64_t from_ns = clock_now_ns(), given_ns = 0, owed_ns = 0, look_from_ns;
    bool ended = proc_wait(proc, timeout_ns, end);
    if (ended)
        return true;
    do {
        look_from_ns = clock_now_ns();
        ended = proc_wait(proc, owed_ns > look_ns ? owed_ns : look_ns, end);
        given_ns += owed_ns;
        owed_ns = taken(net, from_ns, clock_now_ns()).waited_ns - given_ns;
    } while (!ended &&
             (owed_ns > least_grant_ns || hardly_ran(net, look_from_ns)));
    return ended;
}
