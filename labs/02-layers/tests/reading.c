/* dissect's output, read back; see common.h.
 *
 *      packet 1 bytes=42 captured=42
 *        ethernet dst=... src=... type=0x0806
 *        arp hardware_type=1 ...
 *      packets=1 truncated=0 malformed=0 bad_checksums=0                     */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

enum { VALUE_BYTES = 512 };

static const size_t output_bytes = (size_t)32 << 20;

struct reading {
    char *text;           /* its newlines became NULs */
    const char **packets; /* [count + 1]: where each begins in it, the end */
    size_t count;
};

/* ---- Reading ------------------------------------------------------------- */

static const char *next_line(const char *line)
{
    return line + strlen(line) + 1;
}

static const char *find_line(const struct reading *reading, size_t packet,
                             const char *name, size_t n)
{
    size_t length = strlen(name);
    for (const char *line = next_line(reading->packets[packet]);
         line < reading->packets[packet + 1]; line = next_line(line)) {
        if (strncmp(line, "  ", 2) == 0 &&
            strncmp(line + 2, name, length) == 0 &&
            (line[2 + length] == ' ' || line[2 + length] == '\0') && n-- == 0)
            return line + 2 + length;
    }
    return NULL;
}

const char *line_of(const struct reading *reading, size_t packet,
                    const char *name, size_t n)
{
    return find_line(reading, packet, name, n);
}

const char *packet_text(const struct reading *reading, size_t packet)
{
    static char text[4096];
    size_t n = 0;
    for (const char *line = reading->packets[packet];
         line < reading->packets[packet + 1] && n < sizeof(text);
         line = next_line(line))
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", line);
    return text;
}

const char *field_of(const struct reading *reading, size_t packet,
                     const char *layer, const char *field)
{
    static char value[VALUE_BYTES];
    char wanted[64];
    const char *line = find_line(reading, packet, layer, 0);
    snprintf(wanted, sizeof(wanted), " %s=", field);
    const char *at = line ? strstr(line, wanted) : NULL;
    if (at == NULL)
        return "";
    at += strlen(wanted);
    bool bad = strncmp(at, "bad (", 5) == 0;
    size_t length = strcspn(at, bad ? ")" : " ") + bad;
    snprintf(value, sizeof(value), "%.*s", (int)length, at);
    return value;
}

/* ---- Totals -------------------------------------------------------------- */

static size_t count_bad(const struct reading *reading, size_t packet)
{
    size_t bad = 0;
    for (const char *line = reading->packets[packet];
         line < reading->packets[packet + 1]; line = next_line(line))
        bad += strstr(line, "checksum=bad") != NULL;
    return bad;
}

static bool stops(const struct reading *reading, size_t packet, const char *how)
{
    const char *stop = find_line(reading, packet, "stop", 0);
    return stop && strncmp(stop + 1, how, strlen(how)) == 0;
}

static void check_totals(const struct reading *reading)
{
    size_t truncated = 0, malformed = 0, bad = 0;
    char wanted[128];
    for (size_t i = 0; i < reading->count; i++) {
        truncated += stops(reading, i, "truncated");
        malformed += stops(reading, i, "malformed");
        bad += count_bad(reading, i);
    }
    snprintf(wanted, sizeof(wanted),
             "packets=%zu truncated=%zu malformed=%zu bad_checksums=%zu",
             reading->count, truncated, malformed, bad);
    expect_text(reading->packets[reading->count], wanted,
                "dissect's last line, beside what its lines add up to,");
}

/* ---- Running dissect ------------------------------------------------------
 */

static void split(struct reading *reading, size_t packets)
{
    char *line = reading->text;
    while (strncmp(line, "packets=", 8) != 0 && *line != '\0') {
        char *end = strchr(line, '\n');
        if (end == NULL)
            break;
        *end = '\0';
        if (strncmp(line, "packet ", 7) == 0) {
            expect_true(reading->count < packets,
                        "dissect should tell of %zu packets, and tells of more",
                        packets);
            reading->packets[reading->count++] = line;
        }
        line = end + 1;
    }
    expect_equal((int64_t)reading->count, (int64_t)packets,
                 "packets that dissect tells of");
    reading->packets[packets] = line;
    line[strcspn(line, "\n")] = '\0';
}

struct reading *read_file(struct wire *wire, const char *file, size_t packets)
{
    struct start_options options = {.output_bytes = output_bytes};
    struct proc *dissect =
        host_start_with(wire->reader, program("dissect"), &options,
                        (const char *[]){file, NULL});
    expect_exit(dissect, 0, PATIENCE);
    struct reading *reading = calloc(1, sizeof(*reading));
    reading->text = strdup(proc_stdout(dissect, NULL));
    reading->packets = calloc(packets + 1, sizeof(*reading->packets));
    split(reading, packets);
    check_totals(reading);
    return reading;
}

struct reading *read_bag(struct wire *wire, const struct bag *bag,
                         enum capture_format format, unsigned link_type)
{
    static unsigned number;
    char name[32], file[64];
    snprintf(name, sizeof(name), "%u.pcap%s", ++number,
             format == CAPTURE_PCAPNG ? "ng" : "");
    snprintf(file, sizeof(file), "reader:%s", name);
    file_capture(wire->net, file, format, link_type, bag->packets, bag->count);
    return read_file(wire, name, bag->count);
}

/* ---- Expecting ------------------------------------------------------------
 */

void expect_field(const struct reading *reading, size_t packet,
                  const char *layer, const char *field, const char *value,
                  const char *what)
{
    const char *actual = field_of(reading, packet, layer, field);
    if (strcmp(actual, value) == 0)
        return;
    step("dissect on %s:\n%s", what, packet_text(reading, packet));
    if (find_line(reading, packet, layer, 0) == NULL)
        test_fail("%s has the layer %s, and dissect printed none", what, layer);
    test_fail("%s: %s's %s should be %s, and dissect printed \"%s\"", what,
              layer, field, value, actual);
}

void expect_stop(const struct reading *reading, size_t packet, const char *how,
                 const char *what)
{
    const char *stop = find_line(reading, packet, "stop", 0);
    size_t length = strlen(how);
    bool right =
        stop ? length > 0 && strncmp(stop + 1, how, length) == 0 : length == 0;
    if (right)
        return;
    step("dissect on %s:\n%s", what, packet_text(reading, packet));
    if (length == 0)
        test_fail("%s is whole and right, and dissect printed \"stop%s\"", what,
                  stop);
    test_fail("%s should stop %s, and dissect printed %s%s", what, how,
              stop ? "stop" : "no stop", stop ? stop : "");
}
