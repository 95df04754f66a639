/* ICMPv6 (RFC 4443): echo, and the errors a router sends. */
#ifndef ICMP6_H
#define ICMP6_H

#include "router.h"

enum {
    ICMP6_BYTES = 8,
    ICMP6_UNREACHABLE = 1,
    ICMP6_PACKET_TOO_BIG = 2,
    ICMP6_TIME_EXCEEDED = 3,
    ICMP6_PARAMETER_PROBLEM = 4,
    ICMP6_FIRST_INFO = 128, /* types from here on are no errors */
    ICMP6_ECHO = 128,
    ICMP6_ECHO_REPLY = 129,
    ICMP6_NEIGHBOUR_SOLICITATION = 135,
    ICMP6_NEIGHBOUR_ADVERTISEMENT = 136,
    /* codes of ICMP6_UNREACHABLE */
    ICMP6_NO_ROUTE = 0,
    ICMP6_BEYOND_SCOPE = 2,
    ICMP6_ADDRESS = 3,
    ICMP6_PORT = 4,
    /* of ICMP6_PARAMETER_PROBLEM */
    ICMP6_UNKNOWN_NEXT_HEADER = 1,
};

/* An ICMPv6 message for the router itself, at `at` in the packet. */
void icmp6_input(struct router *router, const struct packet *packet, size_t at);
/* As icmp4_error(); RFC 4443 section 2.4 (e) says when not. */
void icmp6_error(struct router *router, unsigned type, unsigned code,
                 uint32_t rest, const uint8_t *ip, size_t bytes);
/* Puts the checksum of an ICMPv6 message in its place. */
void icmp6_seal(uint8_t *ip, size_t at, size_t bytes);
/* Whether it is right. */
bool icmp6_is_sound(const uint8_t *ip, size_t at, size_t bytes);

#endif
