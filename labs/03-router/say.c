/* What the three programs tell their user.  There is nothing to write here. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void say(const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, line);
}

void unwritten(int checkpoint, const char *what)
{
    say("not written yet, so this failure is intended.  Write %s for "
        "checkpoint %d (README.md#checkpoint-%d)",
        what, checkpoint, checkpoint);
    exit(STATUS_UNWRITTEN);
}
