/* probe [-4|-6] [-t SECONDS] [-n COUNT] HOST PORT [PATH]: asks a web server for
 * one thing and tells how long each stage took, as JSON.
 *
 * There is nothing to write here: main parses the command line, makes COUNT
 * attempts, prints each, and sums them up. */
#include <errno.h>
#include <math.h>
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

static const char usage[] =
    "usage: probe [-4|-6] [-t SECONDS] [-n COUNT] HOST PORT [PATH]\n"
    "  -4, -6      one address family only\n"
    "  -t SECONDS  deadline of each attempt, 0.05 to 3600; default 10\n"
    "  -n COUNT    attempts, 1 to 1000, and a summary of them\n";

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

static bool parse_options(int argc, char **argv, struct options *options)
{
    struct target *target = &options->target;
    int option;
    long count;
    while ((option = getopt(argc, argv, "46t:n:")) != -1) {
        if (option == '4' || option == '6') {
            if (target->family != AF_UNSPEC)
                return false;
            target->family = option == '4' ? AF_INET : AF_INET6;
        } else if (option == 't') {
            if (!parse_seconds(optarg, &target->timeout_ns))
                return false;
        } else if (option == 'n' && parse_count(optarg, 1, COUNT_MAX, &count)) {
            options->count = (int)count;
            options->summary = true;
        } else {
            return false;
        }
    }
    return true;
}

static bool parse_target(int argc, char **argv, struct target *target)
{
    long port;
    int left = argc - optind;
    if (left < 2 || left > 3 || !http_host_allowed(argv[optind]) ||
        !parse_count(argv[optind + 1], 1, 65535, &port))
        return false;
    target->host = argv[optind];
    target->port = (uint16_t)port;
    target->path = left == 3 ? argv[optind + 2] : "/";
    return http_path_allowed(target->path);
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
    if (!parse_options(argc, argv, &options) ||
        !parse_target(argc, argv, &options.target)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return run(&options);
}
