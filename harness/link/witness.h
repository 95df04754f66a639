/* What the links saw, for the verdict. */
#ifndef LINK_WITNESS_H
#define LINK_WITNESS_H

#include "base/testrun.h"

/* A witness_fn; the context is the net's struct linkset.  Ends all traffic. */
void links_witness(json_t *verdict, const struct ending *ending, void *context);

/* Every direction of every link with its counters. */
struct linkset;
json_t *links_json(const struct linkset *set);

#endif
