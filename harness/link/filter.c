/* Compiling a filter, and asking it about packets. */
#include "link/filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

struct filter {
    struct bpf_program program;
};

/* libpcap says what it dislikes, not where. */
static int refused(const char *text, const char *why, struct scan_error *error)
{
    struct scan scan = {.text = text, .separators = ""};
    struct scan_word all = {.start = text, .length = strlen(text)};
    return scan_fail(&scan, &all, error, why, "libpcap refuses the filter");
}

int filter_compile(struct filter **filter, const char *text, bool ethernet,
                   const struct filter_hosts *hosts, struct scan_error *error)
{
    char *expanded = NULL;
    int rc = filter_expand(text, hosts, &expanded, error);
    if (rc < 0)
        return rc;
    enum { SNAP_BYTES = 65535 + 14 };
    pcap_t *pcap = pcap_open_dead(ethernet ? DLT_EN10MB : DLT_RAW, SNAP_BYTES);
    struct filter *fresh = mem_zalloc(sizeof(*fresh));
    if (pcap == NULL)
        rc = refused(text, "libpcap has no memory", error);
    else if (pcap_compile(pcap, &fresh->program, expanded, 1,
                          PCAP_NETMASK_UNKNOWN) < 0)
        rc = refused(text, pcap_geterr(pcap), error);
    if (pcap != NULL)
        pcap_close(pcap);
    free(expanded);
    if (rc < 0)
        free(fresh);
    else
        *filter = fresh;
    return rc;
}

bool filter_match(const struct filter *filter, const uint8_t *data,
                  size_t captured_bytes, size_t length_bytes)
{
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)captured_bytes,
                                 .len = (bpf_u_int32)length_bytes};
    return pcap_offline_filter(&filter->program, &header, data) != 0;
}

void filter_free(struct filter *filter)
{
    if (filter == NULL)
        return;
    pcap_freecode(&filter->program);
    free(filter);
}
