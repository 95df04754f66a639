/* Questions to a capture: filters, compiled once. */
#ifndef LINK_QUERY_H
#define LINK_QUERY_H

#include "link/capture.h"

struct query;
struct query *query_new(struct capture *capture);
void query_free(struct query *query);

#endif
