/* What the three mains share; see lab.h.  There is nothing to write here. */
#include "lab.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int fail(enum exit_status status, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, text);
    return (int)status;
}

void to_do(int checkpoint, const char *what)
{
    exit(fail(EXIT_NOT_DONE,
              "this failure is intended: checkpoint %d is not done yet.  "
              "Write %s (README.md#checkpoint-%d)",
              checkpoint, what, checkpoint));
}
