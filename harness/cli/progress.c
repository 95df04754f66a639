/* What a long verb shows while it works; see progress.h. */
#include "cli/progress.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wirelab/time.h>

#include "base/strbuf.h"

void progress_init(struct progress *progress, FILE *out)
{
    const char *term = getenv("TERM");
    *progress = (struct progress){.out = out,
                                  .live = isatty(fileno(out)) && term &&
                                          strcmp(term, "dumb") != 0,
                                  .started_ns = clock_now_ns()};
}

static size_t columns(FILE *out)
{
    struct winsize size;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        return size.ws_col;
    return 80;
}

void progress_show(struct progress *progress, const char *format, ...)
{
    if (!progress->live)
        return;
    struct strbuf line = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&line, format, args);
    va_end(args);
    /* A line that wraps could not be taken away again. */
    int width = (int)columns(progress->out) - 1;
    (void)fprintf(progress->out, "\r\033[K%.*s", width, strbuf_text(&line));
    (void)fflush(progress->out);
    progress->shown = true;
    strbuf_fini(&line);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        (void)fputs("\r\033[K", progress->out);
    progress->shown = false;
}

double progress_seconds(const struct progress *progress)
{
    return (double)(clock_now_ns() - progress->started_ns) / 1e9;
}
