/* forge [-o FILE] SPEC...: builds packets, and writes them to a capture file or
 * to the packet socket that is open as descriptor 3.
 *
 * A packet socket takes a frame as it is (packet(7)): no layer of the kernel
 * looks at it on its way out.  Opening one needs CAP_NET_RAW; writing to one
 * that somebody else has opened and bound needs nothing. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "lab.h"

struct output {
    pcap_t *pcap; /* NULL: descriptor GIVEN_FD */
    pcap_dumper_t *dumper;
    const char *path;
    int link_type; /* of the file, set by its first packet; -1 before */
};

static int link_type_of(const struct spec *spec)
{
    switch (spec->layers[0].kind) {
    case SPEC_ETH:
        return DLT_EN10MB;
    case SPEC_IP:
    case SPEC_IP6:
        return DLT_RAW;
    default:
        return -1;
    }
}

static int open_file(struct output *output, int link_type)
{
    output->link_type = link_type;
    output->pcap = pcap_open_dead(link_type, BUILD_MAX_BYTES);
    if (output->pcap == NULL)
        return fail(EXIT_TROUBLE, "libpcap has no memory");
    output->dumper = pcap_dump_open(output->pcap, output->path);
    if (output->dumper == NULL)
        return fail(EXIT_TROUBLE, "%s", pcap_geterr(output->pcap));
    return 0;
}

static int write_file(struct output *output, const struct spec *spec,
                      const uint8_t *frame, size_t bytes)
{
    int link_type = link_type_of(spec);
    if (link_type < 0)
        return fail(EXIT_USAGE,
                    "a packet in a file begins with eth, ip or ip6");
    if (output->pcap == NULL) {
        int status = open_file(output, link_type);
        if (status != 0)
            return status;
    }
    if (link_type != output->link_type)
        return fail(EXIT_USAGE, "all packets of a file begin alike: with eth, "
                                "or with ip and ip6");
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)bytes,
                                 .len = (bpf_u_int32)bytes};
    pcap_dump((u_char *)output->dumper, &header, frame);
    return 0;
}

/* DOC: write-socket */
static int write_socket(const uint8_t *frame, size_t bytes)
{
    (void)frame, (void)bytes;
    to_do(6, "write_socket() in forge.c");
}

static int forge(struct output *output, const char *line)
{
    static struct build build; /* 64 KiB: too much for some stacks */
    struct spec spec;
    int error = spec_parse(&spec, line);
    int bytes = error == 0 ? build_frame(&build, &spec) : error;
    if (bytes < 0)
        return fail(EXIT_USAGE, "%s", spec.error);
    const uint8_t *frame = build.bytes + build.start;
    return output->path ? write_file(output, &spec, frame, (size_t)bytes)
                        : write_socket(frame, (size_t)bytes);
}

static int finish(struct output *output)
{
    int status = 0;
    if (output->dumper != NULL && pcap_dump_flush(output->dumper) < 0)
        status = fail(EXIT_TROUBLE, "cannot write %s: %s", output->path,
                      strerror(errno));
    if (output->dumper != NULL)
        pcap_dump_close(output->dumper);
    if (output->pcap != NULL)
        pcap_close(output->pcap);
    return status;
}

int main(int argc, char **argv)
{
    struct output output = {.link_type = -1};
    int option;
    while ((option = getopt(argc, argv, "o:")) != -1) {
        if (option != 'o')
            return EXIT_USAGE;
        output.path = optarg;
    }
    if (optind == argc) {
        fputs("usage: forge [-o FILE] SPEC...\n", stderr);
        return EXIT_USAGE;
    }
    int status = 0;
    for (int i = optind; i < argc && status == 0; i++)
        status = forge(&output, argv[i]);
    int closed = finish(&output);
    return status != 0 ? status : closed;
}
