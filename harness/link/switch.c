/* A learning switch (IEEE 802.1D, 7.8), without ageing: no test lasts 300 s,
 * and a station that moves is learnt anew with its first frame. */
#include "link/switch.h"

#include <errno.h>
#include <net/ethernet.h>
#include <string.h>

enum { MAX_PROBES = 8 };

static size_t slot_of(const uint8_t *mac)
{
    uint64_t key = 0;
    memcpy(&key, mac, ETH_ALEN);
    return (size_t)((key * 0x9e3779b97f4a7c15U) >> 54);
}

/* The station's slot, or a free one where it would be; NULL if there is no
 * room for it. */
static struct station *find(struct switch_table *table, const uint8_t *mac)
{
    size_t first = slot_of(mac);
    for (size_t i = 0; i < MAX_PROBES; i++) {
        struct station *slot = &table->slots[(first + i) % SWITCH_SLOTS];
        if (!slot->used || memcmp(slot->mac, mac, ETH_ALEN) == 0)
            return slot;
    }
    return NULL;
}

static void learn(struct switch_table *table, unsigned from, const uint8_t *mac)
{
    struct station *slot = find(table, mac);
    if (slot == NULL)
        slot = &table->slots[slot_of(mac)]; /* another is forgotten */
    memcpy(slot->mac, mac, ETH_ALEN);
    slot->port = (uint8_t)from;
    slot->used = 1;
}

int switch_forward(struct switch_table *table, unsigned from,
                   const uint8_t *frame, size_t bytes)
{
    if (bytes < ETH_HLEN)
        return -EBADMSG;
    const uint8_t *to = frame, *sender = frame + ETH_ALEN;
    if ((sender[0] & 1) == 0) /* a group never sends */
        learn(table, from, sender);
    if (to[0] & 1)
        return SWITCH_ALL;
    const struct station *slot = find(table, to);
    return slot && slot->used ? slot->port : SWITCH_ALL;
}
