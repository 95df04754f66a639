/* Any text: parsed without harm, or refused with an error that points into it;
 * what was taken survives being written and read again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "link/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_refusal(const struct scan_error *error, const char *text)
{
    char lines[256];
    assert(error->line >= 1 && error->column >= 1);
    assert(error->offset <= strlen(text));
    assert(error->message[0] != '\0');
    scan_error_caret(error, text, lines, sizeof(lines));
}

static void check_round_trip(const struct profile *profile)
{
    char once[PROFILE_TEXT_BYTES], twice[PROFILE_TEXT_BYTES];
    struct scan_error error;
    struct profile again;
    int length = profile_format(profile, PROFILE_CANONICAL, once, sizeof(once));
    assert(length >= 0 && length < PROFILE_TEXT_BYTES);
    assert(profile_parse(&again, once, &error) == 0);
    profile_format(&again, PROFILE_CANONICAL, twice, sizeof(twice));
    assert(strcmp(once, twice) == 0);
    profile_format(profile, PROFILE_FOR_TC, once, sizeof(once));
    assert(profile_parse(&again, once, &error) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct profile profile;
    struct scan_error error;
    char *text = str_format("%.*s", (int)bytes, (const char *)data);
    if (profile_parse(&profile, text, &error) == 0)
        check_round_trip(&profile);
    else
        check_refusal(&error, text);
    free(text);
    return 0;
}
