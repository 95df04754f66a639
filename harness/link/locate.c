/* Where the headers of a recorded packet are. */
#include "link/locate.h"

#include <netinet/in.h>

#include "link/view.h"

void packet_locate(struct packet *packet, bool ethernet)
{
    int offset = 0;
    struct view view;
    if (ethernet)
        offset = view_ethernet(packet->data, packet->captured_bytes);
    if (offset < 0)
        return;
    size_t bytes = packet->captured_bytes - (size_t)offset;
    const uint8_t *ip = packet->data + offset;
    if (view_read(&view, ip, bytes) < 0)
        return;
    packet->ip = ip;
    if (view.fragment ||
        (view.protocol != IPPROTO_TCP && view.protocol != IPPROTO_UDP))
        return;
    size_t end = view.ip_bytes < bytes ? view.ip_bytes : bytes;
    if (view.payload_offset > end)
        return;
    packet->payload = ip + view.payload_offset;
    packet->payload_bytes = end - view.payload_offset;
}
