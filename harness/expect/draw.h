/* The ladder diagram, drawn in a terminal. */
#ifndef EXPECT_DRAW_H
#define EXPECT_DRAW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum { DRAW_COLUMNS = 78, DRAW_MAX_LANES = 5 };

struct draw_style {
    bool utf8;
    bool colour;
    int columns; /* 0: DRAW_COLUMNS */
};

/* Draws what ladder_json made:
 *
 *         #        ms  sender                            receiver
 *         1       3.1  |------------ DATA 0 ------------------->|
 *         2       3.2  |------------ DATA 1 --x lost: loss 5%   |
 *                      |  ... 14 more DATA                      |
 *      * 17      24.0  |<----------- ACK 1 ---------------------|
 *
 * An asterisk stands before what the test looked at.  Hosts that do not fit
 * side by side are named in each row instead. */
void ladder_draw(FILE *out, const json_t *ladder,
                 const struct draw_style *style);

#endif
