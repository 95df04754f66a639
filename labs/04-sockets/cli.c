/* What the four mains share; see cli.h.  There is nothing to write here. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int parse_number(const char *text, int64_t low, int64_t high, int64_t *value)
{
    if (text[0] < '0' || text[0] > '9')
        return -EINVAL; /* strtoll would take blanks and signs */
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < low || number > high)
        return -EINVAL;
    *value = number;
    return 0;
}

void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void not_done(int checkpoint, const char *what)
{
    complain("checkpoint %d is not done yet, so this failure is intended.  "
             "Write %s (README.md#checkpoint-%d)",
             checkpoint, what, checkpoint);
    exit(EXIT_NOT_DONE);
}
