/* What record() has collected. */
#ifndef EXPECT_RECORD_H
#define EXPECT_RECORD_H

#include <jansson.h>

/* Forgets what an earlier run recorded; expect_begin() calls it. */
void record_begin(void);
/* [{"name", "unit", "recorded", "points": [[t_ms, value or null], …]}, …]; the
 * caller owns it. */
json_t *record_json(void);

#endif
