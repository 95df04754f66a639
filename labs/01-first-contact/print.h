/* Results as JSON, one object a line (RFC 8259). */
#ifndef PRINT_H
#define PRINT_H

#include <stdio.h>

#include "attempt.h"
#include "figures.h"

/* {"host":...,"address":...,...,"hint":...} */
void print_attempt(FILE *out, const struct attempt *attempt);

/* {"attempts":3,"failed":0,"dns_ms":{"min":...,"median":...,"max":...},...} */
void print_summary(FILE *out, int attempts, int failed,
                   const struct summary summaries[FIGURES]);

#endif
