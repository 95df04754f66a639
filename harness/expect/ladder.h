/* The ladder diagram: the packets around a failure, folded and chosen so that
 * they fit on a screen.  This half decides what is in it; draw.h draws it. */
#ifndef EXPECT_LADDER_H
#define EXPECT_LADDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/capture.h>

#include "expect/decode.h"

enum { LADDER_ROWS = 16, LADDER_MAX_FOCUS = 6 };

struct ladder_input {
    const struct packet *packets; /* in the order in which they were sent */
    const bool *focus;            /* those the test looks at; NULL: none */
    size_t count;
    size_t later;               /* packets there were after these */
    const struct packet *first; /* the capture's first packets, in which hosts
                                   are met in the order of their lanes */
    size_t first_count;
    const struct decoder *decoder;
    int64_t clock_ns; /* added to a packet's time gives time since the start
                         of the run, which is what steps are told in */
};

/* Returns {"hosts": […], "rows": […]} as results.schema.json describes it: the
 * rows around the focus, or the last ones.  The caller owns it. */
json_t *ladder_json(const struct ladder_input *input);

#endif
