/* Results as JSON; see print.h.  There is nothing to write here. */
#include "print.h"

#include <inttypes.h>
#include <math.h>
#include <netinet/in.h>

/* JSON has no NaN, and escapes what could end a string. */
static void print_ms(FILE *out, double ms)
{
    if (isnan(ms))
        fputs("null", out);
    else
        fprintf(out, "%.3f", ms);
}

static void print_string(FILE *out, const char *text)
{
    if (text == NULL) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void print_address(FILE *out, const struct attempt *attempt)
{
    char text[ADDRESS_TEXT_BYTES];
    if (attempt->addresses.count == 0) {
        fputs(",\"address\":null,\"family\":null", out);
        return;
    }
    const struct address *used = &attempt->addresses.list[attempt->used];
    address_text(used, text);
    fputs(",\"address\":", out);
    print_string(out, text);
    fprintf(out, ",\"family\":%d", used->storage.ss_family == AF_INET ? 4 : 6);
}

static void print_outcome(FILE *out, const struct attempt *attempt)
{
    fprintf(out, ",\"bytes\":%" PRId64 ",\"status\":", attempt->body_bytes);
    if (attempt->status)
        fprintf(out, "%d", attempt->status);
    else
        fputs("null", out);
    fputs(",\"error\":", out);
    print_string(out, failure_name(attempt->failure));
    fputs(",\"stage\":", out);
    print_string(out, stage_name(attempt->stage));
    fputs(",\"hint\":", out);
    print_string(out, attempt->hint);
}

void print_attempt(FILE *out, const struct attempt *attempt)
{
    fputs("{\"host\":", out);
    print_string(out, attempt->target->host);
    print_address(out, attempt);
    for (enum figure figure = 0; figure < FIGURES; figure++) {
        fprintf(out, ",\"%s\":", figure_name(figure));
        print_ms(out, figure_ms(attempt, figure));
    }
    print_outcome(out, attempt);
    fputs("}\n", out);
}

void print_summary(FILE *out, int attempts, int failed,
                   const struct summary summaries[FIGURES])
{
    fprintf(out, "{\"attempts\":%d,\"failed\":%d", attempts, failed);
    for (enum figure figure = 0; figure < FIGURES; figure++) {
        fprintf(out, ",\"%s\":{\"min\":", figure_name(figure));
        print_ms(out, summaries[figure].min);
        fputs(",\"median\":", out);
        print_ms(out, summaries[figure].median);
        fputs(",\"max\":", out);
        print_ms(out, summaries[figure].max);
        fputs("}", out);
    }
    fputs("}\n", out);
}
