/* libpcap filters in which a host's name stands for its addresses.
 *
 * "udp and src host sender" becomes "udp and (src host 10.77.1.1 or src host
 * fd77:1::1)" before libpcap sees it.  libpcap would ask the resolver about any
 * name that it does not know, and wait; here an unknown name is an error. */
#ifndef LINK_FILTER_H
#define LINK_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/scan.h"

struct filter_host {
    const char *name;
    const char *const *addrs; /* numeric, IPv4 and IPv6 */
    size_t addr_count;
};

struct filter_hosts {
    const struct filter_host *hosts;
    size_t count;
};

struct filter;

/* Compiles a filter for packets that begin with the IP header, or with an
 * Ethernet header.  `hosts` may be NULL; it is not kept.
 * Returns 0 and a filter which the caller frees, or -EINVAL with `*error`. */
int filter_compile(struct filter **filter, const char *text, bool ethernet,
                   const struct filter_hosts *hosts, struct scan_error *error);
/* Any thread may ask, several at once. */
bool filter_match(const struct filter *filter, const uint8_t *data,
                  size_t captured_bytes, size_t length_bytes);
void filter_free(struct filter *filter);

/* Writes the filter as libpcap will see it.  The caller frees `*expanded`.
 * Returns 0, or -EINVAL with `*error`. */
int filter_expand(const char *text, const struct filter_hosts *hosts,
                  char **expanded, struct scan_error *error);

#endif
