/* Link layers; see headers.h. */
#include "headers.h"

#include "bytes.h"
#include "lab.h"

enum {
    ETHERNET_BYTES = 14,
    VLAN_BYTES = 4,
    COOKED_BYTES = 16,
    COOKED2_BYTES = 20,
};

/* DOC: ethernet-parse */
int ethernet_parse(const struct view *view, struct ethernet *ethernet)
{
    (void)view, (void)ethernet;
    to_do(1, "view_need() in view.c, then ethernet_parse() in link.c");
}

int vlan_parse(const struct view *view, struct vlan *vlan)
{
    (void)view, (void)vlan;
    to_do(1, "vlan_parse() in link.c");
}

int cooked_parse(const struct view *view, struct cooked *cooked)
{
    (void)view, (void)cooked;
    to_do(1, "cooked_parse() in link.c");
}

int cooked2_parse(const struct view *view, struct cooked *cooked)
{
    (void)view, (void)cooked;
    to_do(1, "cooked2_parse() in link.c");
}
