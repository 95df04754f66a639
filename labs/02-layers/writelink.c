/* Ethernet, its tags and ARP are written; see writing.h. */
#include "writing.h"

#include <string.h>

#include "bytes.h"
#include "lab.h"

void write_eth(struct header *header)
{
    (void)header;
    to_do(1, "write_eth() in writelink.c");
}

void write_vlan(struct header *header)
{
    (void)header;
    to_do(1, "write_vlan() in writelink.c");
}

void write_arp(struct header *header)
{
    (void)header;
    to_do(1, "write_arp() in writelink.c");
}
