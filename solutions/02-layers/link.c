/* Link layers; see headers.h. */
#include "headers.h"

#include "bytes.h"
//> #include "lab.h"

enum {
    ETHERNET_BYTES = 14,
    VLAN_BYTES = 4,
    COOKED_BYTES = 16,
    COOKED2_BYTES = 20,
};

/* DOC: ethernet-parse */
int ethernet_parse(const struct view *view, struct ethernet *ethernet)
{
    /* BEGIN SOLUTION 1 */
    int error = view_need(view, ETHERNET_BYTES);
    if (error != 0)
        return error;
    *ethernet = (struct ethernet){
        .dst = view->at,
        .src = view->at + 6,
        .type = get_be16(view->at + 12),
    };
    return ETHERNET_BYTES;
    /* END SOLUTION */
    //> (void)view, (void)ethernet;
    //> to_do(1, "view_need() in view.c, then ethernet_parse() in link.c");
}

int vlan_parse(const struct view *view, struct vlan *vlan)
{
    /* BEGIN SOLUTION 1 */
    int error = view_need(view, VLAN_BYTES);
    if (error != 0)
        return error;
    uint16_t tag = get_be16(view->at);
    *vlan = (struct vlan){
        .pcp = (uint8_t)(tag >> 13),
        .dei = (tag >> 12 & 1) != 0,
        .vid = tag & 0x0fff,
        .type = get_be16(view->at + 2),
    };
    return VLAN_BYTES;
    /* END SOLUTION */
    //> (void)view, (void)vlan;
    //> to_do(1, "vlan_parse() in link.c");
}

int cooked_parse(const struct view *view, struct cooked *cooked)
{
    /* BEGIN SOLUTION 1 */
    int error = view_need(view, COOKED_BYTES);
    if (error != 0)
        return error;
    uint16_t address_bytes = get_be16(view->at + 4);
    *cooked = (struct cooked){
        .packet_type = get_be16(view->at),
        .arphrd = get_be16(view->at + 2),
        .address = view->at + 6,
        .address_bytes = address_bytes > 8 ? 8 : (uint8_t)address_bytes,
        .protocol = get_be16(view->at + 14),
    };
    return COOKED_BYTES;
    /* END SOLUTION */
    //> (void)view, (void)cooked;
    //> to_do(1, "cooked_parse() in link.c");
}

int cooked2_parse(const struct view *view, struct cooked *cooked)
{
    /* BEGIN SOLUTION 1 */
    int error = view_need(view, COOKED2_BYTES);
    if (error != 0)
        return error;
    *cooked = (struct cooked){
        .protocol = get_be16(view->at),
        .interface = get_be32(view->at + 4),
        .arphrd = get_be16(view->at + 8),
        .packet_type = view->at[10],
        .address_bytes = view->at[11] > 8 ? 8 : view->at[11],
        .address = view->at + 12,
    };
    return COOKED2_BYTES;
    /* END SOLUTION */
    //> (void)view, (void)cooked;
    //> to_do(1, "cooked2_parse() in link.c");
}
