/* The writer of capture.pcapng.
 *
 * Records are written in their order, each once its fate is settled, since the
 * comment tells the fate; so the file lags by the delay of the slowest packet.
 *
 * The file is valid whenever one looks, and after a kill -9.  Whole blocks in
 * single writes are not enough for that: the kernel copies a write page by page
 * and gives up between two pages when the process is killed.  So no block
 * crosses a page of the file (a filler block takes up the rest): wherever the
 * kernel gives up within a write of many pages, a block has just ended.  Blocks
 * larger than a page, of jumbo frames, are the exception, and have a write to
 * themselves.  A write that fails (the disk is full) is taken back to where it
 * began, and nothing more is written.
 *
 * Times count from the start of the net, as those in a failure's history do. */
#include "link/capfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "link/capstore.h"
#include "link/pcapng.h"

enum {
    PAGE_BYTES = 4096,
    WRITE_BYTES = 16 * PAGE_BYTES, /* a system call for each page was dear */
    LOW_PRIORITY = 10,
};

/* Short enough to look live, long enough to write many packets at a time. */
#define BATCH_NS MSECONDS(20)

struct capfile {
    struct capture *capture;
    int fd, error;
    off_t length_bytes;
    uint32_t written; /* records */
    unsigned links;   /* whose interfaces are in the file */
    int64_t last_ns;
    struct strbuf buffer; /* of the pages that are being filled */
    struct strbuf block, comment;
    pthread_t thread;
    sem_t closing;
};

static void flush(struct capfile *file)
{
    const char *at = file->buffer.text;
    size_t left = file->buffer.length;
    while (left > 0 && file->error == 0) {
        ssize_t n = write(file->fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            file->error = n < 0 ? -errno : -EIO;
            (void)!ftruncate(file->fd, file->length_bytes); /* best effort */
            break;
        }
        at += n;
        left -= (size_t)n;
    }
    if (file->error == 0)
        file->length_bytes += (off_t)file->buffer.length;
    file->buffer.length = 0;
}

static size_t page_left(const struct capfile *file)
{
    size_t at = (size_t)file->length_bytes + file->buffer.length;
    return PAGE_BYTES - at % PAGE_BYTES;
}

/* Fills the rest of the page.  What is left of one always holds a filler, but
 * behind a block larger than a page: there it takes the next page too. */
static void end_page(struct capfile *file)
{
    size_t left = page_left(file);
    if (left < PCAPNG_MIN_FILLER_BYTES)
        left += PAGE_BYTES;
    if (left != PAGE_BYTES) /* a page that is empty is left alone */
        pcapng_filler(&file->buffer, left);
}

/* Puts file->block where it crosses no page. */
static void place(struct capfile *file)
{
    size_t bytes = file->block.length, left = page_left(file);
    bool jumbo = bytes > PAGE_BYTES;
    if (bytes != left && bytes + PCAPNG_MIN_FILLER_BYTES > left)
        end_page(file);
    bool full = file->buffer.length >= WRITE_BYTES;
    if (jumbo || (full && page_left(file) == PAGE_BYTES))
        flush(file);
    strbuf_add(&file->buffer, file->block.text, bytes);
    file->block.length = 0;
    if (jumbo)
        flush(file);
}

/* tcpdump refuses a file with several interfaces of type 101, since libpcap
 * calls that one 12 in memory and then takes them for different ones; 228 has
 * one number everywhere, but is for IPv4 alone. */
static unsigned link_type(const struct link *link)
{
    if (link->ethernet)
        return PCAPNG_ETHERNET;
    return link->net->ipv6 ? PCAPNG_RAW_IP : PCAPNG_RAW_IPV4;
}

static void add_interface(struct capfile *file, const struct link *link,
                          unsigned port)
{
    const struct port *from = &link->ports[port];
    const char *to = link->lan ? "lan" : link->ports[!port].host->name;
    char name[64];
    snprintf(name, sizeof(name), "%s->%s (%s)", from->host->name, to,
             from->device);
    pcapng_interface(&file->block, link_type(link), name,
                     "as offered to the link, before the emulator");
    place(file);
}

static void add_names(struct capfile *file, const struct link *link)
{
    struct pcapng_name names[2 * LINK_MAX_PORTS];
    size_t n = 0;
    for (unsigned i = 0; i < link->port_count; i++) {
        const struct port *port = &link->ports[i];
        const char *name = port->host->name;
        names[n++] = (struct pcapng_name){&port->addr4, 4, name};
        if (link->net->ipv6)
            names[n++] = (struct pcapng_name){&port->addr6, 16, name};
    }
    pcapng_names(&file->block, names, n);
    place(file);
}

static void add_new_links(struct capfile *file)
{
    struct net *net = capture_net(file->capture);
    for (; file->links < capture_links(file->capture); file->links++) {
        const struct link *link = net->links[file->links];
        for (unsigned port = 0; port < link->port_count; port++)
            add_interface(file, link, port);
        add_names(file, link);
    }
}

static void add_packet(struct capfile *file, const struct packet *packet)
{
    file->comment.length = 0;
    capture_note(file->capture, packet, &file->comment);
    pcapng_packet(
        &file->block,
        &(struct pcapng_packet){
            .interface = capture_interface(file->capture, packet->number),
            .time_ns = packet->sent_ns,
            .data = packet->data,
            .captured_bytes = packet->captured_bytes,
            .length_bytes = packet->length_bytes,
            .comment =
                file->comment.length > 0 ? strbuf_text(&file->comment) : "",
        });
    file->last_ns = packet->sent_ns;
    place(file);
}

/* Writes on until the first packet that is still in flight; or, in the end,
 * everything. */
static void write_records(struct capfile *file, bool all)
{
    uint32_t count = capture_records(file->capture);
    add_new_links(file);
    while (file->written < count && file->error == 0) {
        struct packet packet;
        capture_get(file->capture, file->written + 1, false, &packet);
        if ((packet.fate & FATE_IN_FLIGHT) != 0 && !all)
            break;
        add_packet(file, &packet);
        file->written++;
    }
    flush(file);
}

static void add_statistics(struct capfile *file)
{
    uint64_t missing = capture_uncaptured(file->capture);
    char comment[128];
    if (missing == 0 || file->links == 0)
        return;
    snprintf(comment, sizeof(comment),
             "%llu more packets were counted, but not recorded: the capture "
             "keeps the first %d",
             (unsigned long long)missing, CAPTURE_MAX_RECORDS);
    pcapng_statistics(&file->block, 0, file->last_ns, file->written + missing,
                      missing, comment);
    place(file);
    flush(file);
}

/* Waits for the batch to fill.  Returns true if the file is to be closed. */
static bool batch_wait(struct capfile *file)
{
    int64_t until_ns = clock_now_ns() + BATCH_NS;
    struct timespec until = {.tv_sec = until_ns / SECONDS(1),
                             .tv_nsec = until_ns % SECONDS(1)};
    int rc;
    do {
        rc = sem_clockwait(&file->closing, CLOCK_MONOTONIC, &until);
    } while (rc != 0 && errno == EINTR);
    return rc == 0;
}

static void *writer(void *context)
{
    struct capfile *file = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), LOW_PRIORITY);
    do {
        uint64_t seen = capture_news(file->capture);
        write_records(file, false);
        capture_sleep(file->capture, seen, INT64_MAX);
    } while (!batch_wait(file));
    write_records(file, true);
    add_statistics(file);
    return NULL;
}

struct capfile *capfile_open(struct capture *capture, const char *path,
                             int *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        *error = -errno;
        return NULL;
    }
    struct capfile *file = mem_zalloc(sizeof(*file));
    file->capture = capture;
    file->fd = fd;
    sem_init(&file->closing, 0, 0);
    pcapng_section(&file->block, "wirelab");
    place(file);
    flush(file);
    int rc = pthread_create(&file->thread, NULL, writer, file);
    if (rc != 0) {
        *error = -rc;
        close(fd);
        free(file);
        return NULL;
    }
    return file;
}

int capfile_close(struct capfile *file)
{
    sem_post(&file->closing);
    capture_stop(file->capture);
    pthread_join(file->thread, NULL);
    int error = file->error;
    if (close(file->fd) < 0 && error == 0)
        error = -errno;
    sem_destroy(&file->closing);
    strbuf_fini(&file->buffer);
    strbuf_fini(&file->block);
    strbuf_fini(&file->comment);
    free(file);
    return error;
}
