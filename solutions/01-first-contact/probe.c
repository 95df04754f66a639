/* probe [-4|-6] [-t SECONDS] [-n COUNT] HOST PORT [PATH]: asks a web server for
 * one thing and tells how long each stage took, as JSON.
 *
 * There is nothing to write here: main parses the command line, makes COUNT
 * attempts, prints each, and sums them up. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"
#include "figures.h"
#include "http.h"
#include "print.h"
#include "wait.h"

enum { EXIT_EXCHANGE = 1, EXIT_USAGE = 2, COUNT_MAX = 1000, TIMEOUT_S = 10 };

struct options {
    struct target target;
    int count;
    bool summary;
};

/* One line: what is wrong, where, and what would be right.  Returns false. */
static bool __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("probe: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("; usage: probe [-4|-6] [-t SECONDS] [-n COUNT] HOST PORT [PATH]\n",
          stderr);
    va_end(arguments);
    return false;
}

static bool parse_count(const char *text, long low, long high, long *value)
{
    char *end;
    errno = 0;
    *value = strtol(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
           *value >= low && *value <= high;
}

/* A decimal number of digits and a point; strtod would take "inf" and "1e3". */
static bool parse_seconds(const char *text, int64_t *ns)
{
    char *end;
    double seconds = strtod(text, &end);
    if (text[0] == '\0' || strspn(text, "0123456789.") != strlen(text) ||
        *end != '\0' || !(seconds >= 0.05 && seconds <= 3600))
        return false;
    *ns = (int64_t)(seconds * (double)NS_PER_S);
    return true;
}

static bool parse_option(int option, struct options *options)
{
    struct target *target = &options->target;
    int family = option == '4' ? AF_INET : AF_INET6;
    long count;
    switch (option) {
    case '4':
    case '6':
        if (target->family != AF_UNSPEC && target->family != family)
            return wrong("-4 and -6 exclude each other");
        target->family = family;
        return true;
    case 't':
        return parse_seconds(optarg, &target->timeout_ns) ||
               wrong("-t wants 0.05 to 3600 seconds, not '%s'", optarg);
    case 'n':
        if (!parse_count(optarg, 1, COUNT_MAX, &count))
            return wrong("-n wants 1 to %d attempts, not '%s'", COUNT_MAX,
                         optarg);
        options->count = (int)count;
        options->summary = true;
        return true;
    case ':':
        return wrong("-%c wants a value", optopt);
    default:
        return wrong("there is no option '-%c'", optopt);
    }
}

static bool parse_target(int argc, char **argv, struct target *target)
{
    long port;
    int left = argc - optind;
    if (left < 2)
        return wrong("a %s is missing", left == 0 ? "host" : "port");
    if (left > 3)
        return wrong("'%s' is one word too many", argv[optind + 3]);
    target->host = argv[optind];
    target->path = left == 3 ? argv[optind + 2] : "/";
    if (!http_host_allowed(target->host))
        return wrong("'%s' is no host", target->host);
    if (!parse_count(argv[optind + 1], 1, 65535, &port))
        return wrong("a port is 1 to 65535, not '%s'", argv[optind + 1]);
    target->port = (uint16_t)port;
    return http_path_allowed(target->path) ||
           wrong("'%s' is no path, which is /, then at most %d bytes of "
                 "printable ASCII without spaces",
                 target->path, HTTP_PATH_BYTES - 1);
}

static bool parse(int argc, char **argv, struct options *options)
{
    int option;
    while ((option = getopt(argc, argv, ":46t:n:")) != -1) {
        if (!parse_option(option, options))
            return false;
    }
    return parse_target(argc, argv, &options->target);
}

/* Figures of all attempts, one figure after the other. */
static void sum_up(double *ms, int count, int failed)
{
    struct summary summaries[FIGURES];
    for (int figure = 0; figure < FIGURES; figure++)
        summaries[figure] =
            summarize(ms + (size_t)figure * (size_t)count, (size_t)count);
    print_summary(stdout, count, failed, summaries);
}

static int run(const struct options *options)
{
    int count = options->count, failed = 0;
    double *ms = calloc((size_t)count * FIGURES, sizeof(*ms));
    if (ms == NULL) {
        fputs("probe: out of memory\n", stderr);
        return EXIT_EXCHANGE;
    }
    for (int i = 0; i < count; i++) {
        struct attempt attempt;
        attempt_run(&attempt, &options->target);
        print_attempt(stdout, &attempt);
        (void)fflush(stdout); /* who watches wants it now */
        failed += attempt.failure != FAILURE_NONE;
        for (int figure = 0; figure < FIGURES; figure++)
            ms[figure * count + i] = figure_ms(&attempt, (enum figure)figure);
    }
    if (options->summary)
        sum_up(ms, count, failed);
    free(ms);
    return failed ? EXIT_EXCHANGE : 0;
}

int main(int argc, char **argv)
{
    struct options options = {
        .count = 1,
        .target = {.family = AF_UNSPEC, .timeout_ns = TIMEOUT_S * NS_PER_S}};
    return parse(argc, argv, &options) ? run(&options) : EXIT_USAGE;
}
