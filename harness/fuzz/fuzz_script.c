/* Any script, and any packets shown to it.  The input's lines are the script;
 * what follows an empty line is one packet. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "link/mangle.h"
#include "link/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const char *const addrs[] = {"10.77.1.1", "fd77:1::1"};
static const struct filter_host hosts[] = {{"a", addrs, 2}, {"b-c", addrs, 1}};
static const char *const ports[] = {"a", "b-c"};

/* libpcap's own compiler is not what is tested here, and its optimiser takes
 * seconds over some long filters. */
enum { MAX_LINE_BYTES = 120, MAX_LINES = 8 };

static void add_lines(struct script *script, const char *text, bool ethernet)
{
    const struct script_names names = {.ports = ports,
                                       .port_count = 2,
                                       .hosts = {hosts, 2},
                                       .ethernet = ethernet};
    struct scan_error error;
    for (int n = 0; *text != '\0' && *text != '\n' && n < MAX_LINES; n++) {
        size_t length = strcspn(text, "\n");
        if (length <= MAX_LINE_BYTES) {
            char *line = str_format("%.*s", (int)length, text);
            if (script_add(script, line, 0, &names, &error) < 0)
                assert(error.offset <= length && error.message[0] != '\0');
            free(line);
        }
        text += length + (text[length] == '\n');
    }
}

static void show(struct script *script, const uint8_t *packet, size_t bytes)
{
    struct script_verdict verdict;
    struct profile profile;
    uint8_t *copy = mem_zalloc(bytes);
    memcpy(copy, packet, bytes);
    for (unsigned from = 0; from < 2; from++) {
        script_match(script, from, !from, copy, bytes, bytes, &verdict);
        assert((verdict.actions != 0) == (verdict.reason != NULL));
        if (verdict.actions & SCRIPT_CORRUPT)
            (void)mangle_flip(copy, bytes, verdict.draw);
    }
    (void)mangle_mark_ce(copy, bytes);
    (void)script_is_cut(script, 1000000000, NULL);
    while (script_take_profile(script, 1000000000, &profile))
        ;
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes == 0)
        return 0;
    struct script *script = script_new();
    char *text = str_format("%.*s", (int)bytes - 1, (const char *)data + 1);
    add_lines(script, text, data[0] & 1);
    const uint8_t *packet = memmem(data, bytes, "\n\n", 2);
    size_t skip = packet ? (size_t)(packet + 2 - data) : bytes;
    show(script, data + skip, bytes - skip);
    free(text);
    script_free(script);
    return 0;
}
