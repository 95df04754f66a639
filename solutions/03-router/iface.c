/* An interface; see iface.h.  There is nothing to write here. */
#include "iface.h"

#include <string.h>
#include <unistd.h>

#include "bytes.h"

const uint8_t mac_broadcast[MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

void iface_set_link_local(struct iface *iface)
{
    uint8_t bytes[16] = {0xfe, 0x80};
    const uint8_t *mac = iface->mac;
    const uint8_t id[8] = {mac[0] ^ 2, mac[1], mac[2], 0xff,
                           0xfe,       mac[3], mac[4], mac[5]};
    memcpy(bytes + 8, id, sizeof(id));
    iface->link_local = addr_get(bytes, ADDR6_BITS);
}

void iface_send(const struct iface *iface, const uint8_t *to, uint16_t type,
                uint8_t *frame, size_t frame_bytes)
{
    memcpy(frame, to, MAC_BYTES);
    memcpy(frame + MAC_BYTES, iface->mac, MAC_BYTES);
    put_be16(frame + 2 * MAC_BYTES, type);
    (void)!write(iface->fd, frame, frame_bytes);
}

bool iface_has(const struct iface *iface, const struct addr *addr)
{
    for (unsigned i = 0; i < iface->addr_count; i++) {
        if (addr_equal(&iface->addrs[i], addr))
            return true;
    }
    return addr_equal(&iface->link_local, addr);
}

int iface_subnet(const struct iface *iface, const struct addr *addr)
{
    for (unsigned i = 0; i < iface->addr_count; i++) {
        if (prefix_contains(&iface->nets[i], addr))
            return (int)i;
    }
    return -1;
}

const struct addr *iface_source(const struct iface *iface,
                                const struct addr *neighbour)
{
    struct prefix link_local = {{(uint64_t)0xfe80 << 48, 0, ADDR6_BITS}, 10};
    if (prefix_contains(&link_local, neighbour))
        return &iface->link_local;
    int subnet = iface_subnet(iface, neighbour);
    if (subnet >= 0)
        return &iface->addrs[subnet];
    for (unsigned i = 0; i < iface->addr_count; i++) {
        if (iface->addrs[i].bits == neighbour->bits)
            return &iface->addrs[i];
    }
    return NULL;
}

bool iface_broadcast(const struct iface *iface, const struct addr *addr)
{
    int subnet = addr->bits == ADDR4_BITS ? iface_subnet(iface, addr) : -1;
    if (subnet < 0 || iface->nets[subnet].length >= ADDR4_BITS - 1)
        return false;
    struct addr last = prefix_last(&iface->nets[subnet]);
    return addr_equal(&last, addr);
}

void mac_of_group(uint8_t *mac, const struct addr *group)
{
    mac[0] = mac[1] = 0x33;
    put_be32(mac + 2, (uint32_t)group->low);
}

bool iface_wants(const struct iface *iface, const uint8_t *to, bool *group)
{
    *group = to[0] & 1; /* the group bit; a broadcast has it too */
    return *group || memcmp(to, iface->mac, MAC_BYTES) == 0;
}
