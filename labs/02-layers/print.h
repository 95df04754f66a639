/* A dissection as text: README.md#what-dissect-prints has the format. */
#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dissection.h"

/* Prints one packet; `hex` adds each header's bytes. */
void print_dissection(FILE *out, const struct dissection *dissection, bool hex);

const char *layer_name(enum layer_kind kind);

#endif
