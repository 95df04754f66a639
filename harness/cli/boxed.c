/* Building what a stranger has handed in; see boxed.h. */
#include "cli/boxed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "cli/build.h"
#include "cli/cli.h"
#include "grade/labjson.h"

char *boxed_out(const struct project *project, const struct lab_dir *lab,
                const char *source, const char *flavour)
{
    return str_format("%s/labs/%s/boxed-%016llx-%s", project->build, lab->name,
                      (unsigned long long)hash_bytes(source, strlen(source)),
                      flavour);
}

/* A lab.json that does not load has been told of by whoever opened the lab. */
static struct workshop_limits limits_of(const struct boxed_build *build)
{
    struct workshop_limits limits = build->limits;
    char error[LABJSON_ERROR_BYTES];
    char *path = str_format("%s/lab.json", build->lab->path);
    struct labjson lab;
    if (labjson_load(path, &lab, error) == 0) {
        if (limits.cpu_s == 0)
            limits.cpu_s = (unsigned)lab.build_cpu_s;
        if (limits.memory_bytes == 0)
            limits.memory_bytes = (size_t)lab.build_memory_mib << 20;
        labjson_fini(&lab);
    }
    free(path);
    return limits;
}

int boxed_start(struct workshop *workshop, const struct boxed_build *build)
{
    const char *cc = getenv("CC");
    char *rules = str_format("%s/harness/lab.mk", build->project->root);
    struct workshop_order order = {
        .lab = build->lab->path,
        .rules = rules,
        .source = build->source,
        .out = build->out,
        .programs = build->programs,
        .program_count = build->program_count,
        .flavour = build->flavour ? build->flavour : "san",
        .compiler = cc && *cc ? cc : "gcc",
        .own_makefile = build->own_makefile,
        .limits = limits_of(build),
    };
    int result = workshop_start(workshop, &order);
    free(rules);
    return result < 0 ? infra_error("cannot start a process to build in: %s",
                                    strerror(-result))
                      : 0;
}

int boxed_wait(struct workshop *workshop, char **error)
{
    char *said;
    int status = 0;
    *error = NULL;
    switch (workshop_wait(workshop, &said)) {
    case WORKSHOP_BUILT:
        break;
    case WORKSHOP_REFUSED:
        *error = first_error(said);
        status = EXIT_FAILED;
        break;
    case WORKSHOP_INFRA:
        status = infra_error("cannot build in a box: %s", said);
        break;
    }
    free(said);
    return status;
}

int boxed_build(const struct boxed_build *build, char **error)
{
    struct workshop workshop;
    int status = boxed_start(&workshop, build);
    return status ? status : boxed_wait(&workshop, error);
}
