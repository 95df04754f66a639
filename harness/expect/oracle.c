/* Asking tshark; see wirelab/oracle.h.
 *
 * It prints one line a packet, the fields between tabs, which are found once
 * and stay where they are in its output. */
#include <wirelab/oracle.h>

#include <stdlib.h>
#include <string.h>

#include <wirelab/proc.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "topo/topo.h"

enum { ORACLE_MAX_FIELDS = 200 };

static const size_t output_bytes = (size_t)64 << 20;
static const size_t memory_bytes = (size_t)1 << 30;
static const int64_t patience_ns = SECONDS(60);

struct oracle {
    struct host *host;
    char **fields;
    size_t field_count;
    char *output;       /* tabs and newlines became NULs */
    const char **cells; /* [packets * field_count] */
    size_t packet_count;
    char *version; /* NULL: not asked yet */
};

/* How a question begins, and the name of the script that holds it. */
static const char script_name[] = "ask-tshark";
static const char question[] =
    "exec tshark -n -r \"$1\" -T fields -E separator=/t -E occurrence=f "
    "-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE "
    "-o udp.check_checksum:TRUE -o ip.defragment:FALSE "
    "-o ipv6.defragment:FALSE -o tcp.desegment_tcp_streams:FALSE "
    "-o tcp.relative_sequence_numbers:FALSE "
    "-o tcp.try_heuristic_first:FALSE -o udp.try_heuristic_first:FALSE";

/* tshark has remarks before it comes to the point: its last line. */
static void refuse(struct proc *tshark, int status) __attribute__((noreturn));
static void refuse(struct proc *tshark, int status)
{
    char *said = mem_strdup(proc_stderr(tshark, NULL));
    size_t length = strlen(said);
    while (length > 0 && said[length - 1] == '\n')
        said[--length] = '\0';
    const char *last = strrchr(said, '\n');
    infra("tshark failed with status %d: %s", status, last ? last + 1 : said);
}

/* Runs tshark to its end; all it printed is returned, for the caller to free.
 */
static char *run_tshark(struct host *host, struct program program,
                        const char *const *argv_tail)
{
    static const char *const env[] = {"WIRESHARK_CONFIG_DIR=/nonexistent",
                                      NULL};
    struct start_options options = {
        .env = env, .output_bytes = output_bytes, .memory_bytes = memory_bytes};
    struct proc *tshark = host_start_with(host, program, &options, argv_tail);
    struct proc_end end;
    if (!proc_wait(tshark, patience_ns, &end))
        infra("tshark did not end within a minute");
    if (end.exit_code != 0)
        refuse(tshark, end.exit_code);
    size_t bytes;
    const char *said = proc_stdout(tshark, &bytes);
    if (bytes >= output_bytes)
        infra("tshark printed more than %zu bytes", output_bytes);
    return mem_strdup(said);
}

/* The question is a script in the host's directory: there it may be long
 * without filling the test's history, and may be asked again by hand. */
static char *ask(const struct oracle *oracle, const char *file)
{
    struct strbuf script = {0};
    char *path = str_format("%s:%s", oracle->host->name, script_name);
    strbuf_add(&script, question, strlen(question));
    for (size_t i = 0; i < oracle->field_count; i++)
        strbuf_printf(&script, " -e %s", oracle->fields[i]);
    file_write(oracle->host->net, path, script.text, script.length);
    strbuf_fini(&script);
    free(path);
    (void)peer("tshark"); /* skips where it is absent */
    return run_tshark(oracle->host, peer("sh"),
                      (const char *[]){script_name, file, NULL});
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    return lines;
}

/* Cuts a line into cells.  Returns the next line. */
static char *split_line(char *line, const char **cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char end = i + 1 < count ? '\t' : '\n';
        char *stop = strchr(line, end);
        if (stop == NULL || memchr(line, '\n', (size_t)(stop - line)) != NULL)
            infra("a line of tshark has fewer than %zu fields: %.100s", count,
                  line);
        *stop = '\0';
        cells[i] = line;
        line = stop + 1;
    }
    return line;
}

static void keep_fields(struct oracle *oracle, const char *const *fields)
{
    while (fields[oracle->field_count])
        oracle->field_count++;
    if (oracle->field_count == 0 || oracle->field_count > ORACLE_MAX_FIELDS)
        infra("the oracle is asked for %zu fields, not 1 to %d",
              oracle->field_count, ORACLE_MAX_FIELDS);
    oracle->fields = mem_zalloc(oracle->field_count * sizeof(*oracle->fields));
    for (size_t i = 0; i < oracle->field_count; i++)
        oracle->fields[i] = mem_strdup(fields[i]);
}

static void free_oracle(void *context)
{
    struct oracle *oracle = context;
    for (size_t i = 0; i < oracle->field_count; i++)
        free(oracle->fields[i]);
    free(oracle->fields);
    free(oracle->output);
    free((void *)oracle->cells);
    free(oracle->version);
    free(oracle);
}

struct oracle *oracle_ask(struct host *host, const char *file,
                          const char *const *fields)
{
    struct oracle *oracle = mem_zalloc(sizeof(*oracle));
    testrun_cleanup(free_oracle, oracle);
    oracle->host = host;
    keep_fields(oracle, fields);
    oracle->output = ask(oracle, file);
    oracle->packet_count = count_lines(oracle->output);
    size_t cells = oracle->packet_count * oracle->field_count;
    oracle->cells = mem_zalloc((cells + 1) * sizeof(*oracle->cells));
    char *line = oracle->output;
    for (size_t i = 0; i < oracle->packet_count; i++)
        line = split_line(line, oracle->cells + i * oracle->field_count,
                          oracle->field_count);
    return oracle;
}

size_t oracle_packets(const struct oracle *oracle)
{
    return oracle->packet_count;
}

const char *oracle_field(const struct oracle *oracle, size_t packet,
                         const char *field)
{
    if (packet >= oracle->packet_count)
        infra("the oracle saw %zu packets and is asked about the %zuth",
              oracle->packet_count, packet + 1);
    for (size_t i = 0; i < oracle->field_count; i++) {
        if (strcmp(oracle->fields[i], field) == 0)
            return oracle->cells[packet * oracle->field_count + i];
    }
    infra("the oracle was not asked for %s", field);
}

/* "TShark (Wireshark) 4.0.17 (Git v4.0.17 ...": the first word with a dot. */
const char *oracle_version(struct oracle *oracle)
{
    if (oracle->version)
        return oracle->version;
    char *said = run_tshark(oracle->host, peer("tshark"),
                            (const char *[]){"--version", NULL});
    const char *digit = strpbrk(said, "0123456789");
    size_t length = digit ? strspn(digit, "0123456789.") : 0;
    oracle->version =
        length ? str_format("%.*s", (int)length, digit) : mem_strdup("?");
    free(said);
    return oracle->version;
}
