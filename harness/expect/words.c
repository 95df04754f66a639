/* What a lab's own decoder says of its packets, kept for reports. */
#include "expect/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "expect/decode.h"
#include "link/capture.h"

int words_write(struct net *net, ladder_decode_fn *decode, const char *path)
{
    struct capture *capture = capture_of(net);
    uint32_t count = capture_records(capture);
    struct strbuf lines = {0};
    struct packet packet;
    char text[DECODE_TEXT_BYTES];
    int told = 0, rc = 0;
    for (uint32_t i = 1; i <= count && i <= WORDS_MAX_PACKETS; i++) {
        capture_get(capture, i, false, &packet);
        if (!decode_custom(decode, &packet, text))
            continue;
        strbuf_printf(&lines, "%" PRIu32 "\t%s\n", i, text);
        told++;
    }
    if (told > 0)
        rc = file_replace(path, lines.text, lines.length);
    strbuf_fini(&lines);
    return rc < 0 ? rc : told;
}

struct words {
    FILE *file;
    uint32_t number; /* of the line at hand; 0: none */
    char text[DECODE_TEXT_BYTES];
};

struct words *words_open(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    struct words *words = mem_zalloc(sizeof(*words));
    words->file = file;
    return words;
}

/* Lines of another form are passed over. */
static bool next_line(struct words *words)
{
    char line[DECODE_TEXT_BYTES + 16];
    while (fgets(line, sizeof(line), words->file)) {
        char *end;
        unsigned long number = strtoul(line, &end, 10);
        if (*end != '\t' || number == 0 || number > UINT32_MAX)
            continue;
        end[strcspn(end, "\n")] = '\0';
        words->number = (uint32_t)number;
        snprintf(words->text, sizeof(words->text), "%s", end + 1);
        return true;
    }
    words->number = UINT32_MAX;
    return false;
}

const char *words_of(struct words *words, uint32_t number)
{
    while (words->number < number && next_line(words))
        ;
    return words->number == number ? words->text : NULL;
}

void words_close(struct words *words)
{
    (void)fclose(words->file); /* it was only read */
    free(words);
}
