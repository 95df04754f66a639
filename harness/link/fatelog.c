/* The log behind fates.tsv: fixed-size entries while packets move, text in the
 * end.  An entry holds numbers only; a flow's name, which is the same in every
 * run, is looked up when the lines are written. */
#include "link/fatelog.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_ENTRIES = 8192,
    MAX_CHUNKS = (FATELOG_MAX + CHUNK_ENTRIES - 1) / CHUNK_ENTRIES,
    DECISION_BYTES = 64,
};

struct entry {
    uint64_t index;
    uint32_t flow;
    uint16_t nth;
    uint8_t link, direction, kind, bits;
};

struct fatelog {
    struct entry *chunks[MAX_CHUNKS];
    size_t count;
    uint64_t missing;
};

struct fatelog *fatelog_new(void)
{
    return mem_zalloc(sizeof(struct fatelog));
}

void fatelog_free(struct fatelog *log)
{
    if (log == NULL)
        return;
    for (size_t i = 0; i < MAX_CHUNKS; i++)
        free(log->chunks[i]);
    free(log);
}

bool fatelog_wants(const struct profile *profile)
{
    return profile->loss.model != LOSS_NONE || profile->corrupt.percent > 0 ||
           profile->duplicate.percent > 0 || profile->reorder.percent > 0;
}

static struct entry *entry_at(const struct fatelog *log, size_t i)
{
    return &log->chunks[i / CHUNK_ENTRIES][i % CHUNK_ENTRIES];
}

void fatelog_add(struct fatelog *log, unsigned link, unsigned direction,
                 const struct unit *units, const struct fate *fate)
{
    for (size_t i = 0; i < fate->unit_count; i++) {
        if (units[i].kind == UNIT_BARE)
            continue; /* nothing was to be decided */
        if (log->count == FATELOG_MAX) {
            log->missing++;
            continue;
        }
        size_t chunk = log->count / CHUNK_ENTRIES;
        if (log->chunks[chunk] == NULL)
            log->chunks[chunk] =
                mem_zalloc(CHUNK_ENTRIES * sizeof(struct entry));
        *entry_at(log, log->count++) = (struct entry){
            .index = units[i].index,
            .flow = units[i].flow,
            .nth = units[i].nth,
            .link = (uint8_t)link,
            .direction = (uint8_t)direction,
            .kind = (uint8_t)units[i].kind,
            .bits = fate->unit_bits[i],
        };
    }
}

uint64_t fatelog_missing(const struct fatelog *log)
{
    return log->missing;
}

static char *line_of(const struct entry *entry,
                     const struct fatelog_names *names)
{
    char flow[FLOW_NAME_BYTES], decision[DECISION_BYTES];
    flows_name(names->flows(names->context, entry->link), entry->flow, flow,
               sizeof(flow));
    fate_unit_text(entry->bits, decision, sizeof(decision));
    return str_format(
        "%u\t%s\t%s\t%" PRIu64 "\t%u\t%s\t%s\n", entry->link + 1U,
        names->host(names->context, entry->link, entry->direction), flow,
        entry->index, entry->nth, unit_kind_name(entry->kind), decision);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void fatelog_write(const struct fatelog *log, const struct fatelog_names *names,
                   struct strbuf *out)
{
    char **lines = mem_zalloc((log->count + 1) * sizeof(*lines));
    for (size_t i = 0; i < log->count; i++)
        lines[i] = line_of(entry_at(log, i), names);
    qsort(lines, log->count, sizeof(*lines), by_text);
    for (size_t i = 0; i < log->count; i++) {
        strbuf_add(out, lines[i], strlen(lines[i]));
        free(lines[i]);
    }
    free(lines);
}
