/* dissect [-x] [-q] FILE: prints the headers of each packet of a capture.
 *
 * libpcap reads the file, pcap or pcapng, and does nothing else: a packet is
 * handed over as bytes, and taken apart by dissection.c. */
#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dissection.h"
#include "lab.h"
#include "print.h"

struct totals {
    uint64_t packets, truncated, malformed, bad_checksums;
};

struct options {
    bool hex, quiet;
};

/* DOC: first-layer
 * The file says what its packets begin with. */
static int first_layer(int link_type, enum layer_kind *first)
{
    switch (link_type) {
    case DLT_EN10MB:
        *first = LAYER_ETHERNET;
        return 0;
    case DLT_LINUX_SLL:
        *first = LAYER_COOKED;
        return 0;
    case DLT_LINUX_SLL2:
        *first = LAYER_COOKED2;
        return 0;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
        *first = LAYER_KINDS;
        return 0;
    default:
        return -1;
    }
}

static void count(struct totals *totals, const struct dissection *dissection)
{
    totals->packets++;
    totals->truncated += dissection->stop == STOP_TRUNCATED;
    totals->malformed += dissection->stop == STOP_MALFORMED;
    for (unsigned i = 0; i < dissection->layer_count; i++)
        totals->bad_checksums += dissection->layers[i].check.state == CHECK_BAD;
}

/* Returns what pcap_next_ex() ended with: PCAP_ERROR_BREAK is the end. */
static int dissect_all(pcap_t *pcap, enum layer_kind first,
                       struct options options, struct totals *totals)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int more;
    while ((more = pcap_next_ex(pcap, &header, &bytes)) == 1) {
        struct dissection dissection;
        dissect_packet(&dissection, first, bytes, header->caplen);
        count(totals, &dissection);
        if (options.quiet)
            continue;
        printf("packet %" PRIu64 " bytes=%u captured=%u\n", totals->packets,
               header->len, header->caplen);
        print_dissection(stdout, &dissection, options.hex);
    }
    return more;
}

static int dissect_file(pcap_t *pcap, const char *path, struct options options)
{
    enum layer_kind first;
    struct totals totals = {0};
    if (first_layer(pcap_datalink(pcap), &first) < 0)
        return fail(EXIT_TROUBLE,
                    "%s: link type %d is not one of Ethernet, "
                    "raw IP, Linux cooked v1 and v2",
                    path, pcap_datalink(pcap));
    int end = dissect_all(pcap, first, options, &totals);
    printf("packets=%" PRIu64 " truncated=%" PRIu64 " malformed=%" PRIu64
           " bad_checksums=%" PRIu64 "\n",
           totals.packets, totals.truncated, totals.malformed,
           totals.bad_checksums);
    if (end != PCAP_ERROR_BREAK)
        return fail(EXIT_TROUBLE, "%s: behind packet %" PRIu64 ": %s", path,
                    totals.packets, pcap_geterr(pcap));
    if (fflush(stdout) != 0)
        return fail(EXIT_TROUBLE, "cannot write the output");
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int option;
    while ((option = getopt(argc, argv, "xq")) != -1) {
        options.hex |= option == 'x';
        options.quiet |= option == 'q';
        if (option == '?')
            return EXIT_USAGE;
    }
    if (optind != argc - 1) {
        fputs("usage: dissect [-x] [-q] FILE\n", stderr);
        return EXIT_USAGE;
    }
    const char *path = argv[optind];
    char error[PCAP_ERRBUF_SIZE];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
    pcap_t *pcap = pcap_fopen_offline(file, error); /* which then owns it */
    if (pcap == NULL) {
        (void)fclose(file); /* it was only read */
        return fail(EXIT_TROUBLE, "%s: %s", path, error);
    }
    int status = dissect_file(pcap, path, options);
    pcap_close(pcap);
    return status;
}
