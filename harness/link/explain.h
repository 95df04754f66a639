/* A profile in words. */
#ifndef LINK_EXPLAIN_H
#define LINK_EXPLAIN_H

#include "base/strbuf.h"
#include "link/profile.h"

/* Says, one sentence a line, what a link with this profile does to packets. */
void profile_explain(const struct profile *profile, struct strbuf *out);

#endif
