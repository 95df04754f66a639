/* The clock, and waiting by it.  Only the two mains ask for the time; all
 * others are told. */
#ifndef CLOCK_H
#define CLOCK_H

#include <signal.h>
#include <stdint.h>

/* CLOCK_MONOTONIC, in microseconds: it never jumps. */
int64_t clock_now_us(void);

/* Waits until the descriptor is readable or the time has come (INT64_MAX:
 * never); with `mask`, if not NULL, as the blocked signals meanwhile.  It may
 * also return for nothing: look again. */
void clock_wait(int fd, int64_t deadline_us, const sigset_t *mask);

#endif
