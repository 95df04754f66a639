/* The packets of a capture as columns of numbers. */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include <jansson.h>

#include "expect/decode.h"
#include "expect/words.h"
#include "link/capread.h"

enum { COLUMNS_MAX_MACS = 256, COLUMNS_MAC_BYTES = 6 };

struct station {
    uint8_t mac[COLUMNS_MAC_BYTES];
    char host[CAPREAD_NAME_BYTES];
};

/* What has to be known of a whole capture before one of its packets is told:
 * where TCP's numbers begin, which host has which MAC address. */
struct survey {
    uint32_t total;
    bool damaged;
    struct decoder decoder;
    struct station stations[COLUMNS_MAX_MACS];
    size_t station_count;
};

void survey_packet(struct survey *survey, const struct capread_packet *packet);

struct columns;

/* `file` is the reader that packets come from; `words` may be NULL.  Neither is
 * owned, nor is the survey. */
struct columns *columns_new(const struct survey *survey,
                            const struct capread *file, struct words *words);
/* Meets a packet that is not shown: hosts keep the order in which the whole
 * capture meets them, which is that of the way across routers, so that columns
 * do not move with the choice of packets. */
void columns_meet(struct columns *columns, const struct capread_packet *packet);
void columns_add(struct columns *columns, const struct capread_packet *packet);
/* Returns what evidence.h describes, and frees the columns. */
json_t *columns_finish(struct columns *columns, uint32_t first);

#endif
