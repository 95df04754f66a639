/* Figures over time, for the plots of the report.  They judge nothing.
 *
 *      for (; capture_next(net, ACK, packet.number, &packet); )
 *          record("in flight", "segments", packet.sent_ns, in_flight);
 *
 * A report draws each series as a plot of its own, those of the same unit and
 * the same words before a colon in one: record("goodput: first", "Mbit/s", …)
 * and record("goodput: second", "Mbit/s", …) share their axes. */
#ifndef WIRELAB_RECORD_H
#define WIRELAB_RECORD_H

#include <stdint.h>

/* A series of more points than this is thinned: every second one is dropped,
 * again and again, those that come later too; first and last ones stay. */
enum { RECORD_MAX_POINTS = 4096, RECORD_MAX_SERIES = 16 };

/* Adds the point (t_ns, value) to a series, which begins with its first point.
 * `name` is a few words that name the figure and go above the plot, `unit`
 * what its axis says: "segments", "ms", "Mbit/s", "" for a bare number; a
 * series keeps the unit of its first point.  `t_ns` counts from net_new, as a
 * packet's times do; points of a series come in the order of their times.  A
 * value that is no finite number leaves a gap.  May be called from the test's
 * own thread only.  More than RECORD_MAX_SERIES series are not kept. */
void record(const char *name, const char *unit, int64_t t_ns, double value);

/* Calls `fn` when the test ends, in whatever way, so that it can record what
 * the capture tells: a failure is where plots are wanted most.  By then the
 * links have stopped and the programs are about to be killed; `fn` looks, and
 * expects nothing.  NULL takes it back. */
void record_at_end(void (*fn)(void));

#endif
