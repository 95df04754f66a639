/* Builds one submission's programs; see gradebuild.h. */
#include "cli/gradebuild.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"

enum { MAX_PROGRAMS = 16 };

int submission_build(struct workshop *workshop, const struct lab *lab,
                     const char *source, const char *out, const char *flavour)
{
    const char *programs[MAX_PROGRAMS];
    const json_t *names = json_object_get(lab->json.json, "programs");
    size_t n = 0;
    for (; n < json_array_size(names) && n < MAX_PROGRAMS; n++)
        programs[n] = json_string_value(json_array_get(names, n));
    const struct boxed_build build = {.project = &lab->project,
                                      .lab = lab->dir,
                                      .programs = programs,
                                      .program_count = n,
                                      .source = source,
                                      .out = out,
                                      .flavour = flavour};
    *workshop = (struct workshop){.pid = -1};
    if (tree_remove(out) < 0 || tree_make(out) < 0)
        return -errno;
    if (boxed_start(workshop, &build) != 0) {
        workshop->pid = -1;
        return -EAGAIN;
    }
    int fd = (int)syscall(SYS_pidfd_open, workshop->pid, 0);
    return fd < 0 ? -errno : fd;
}

int submission_built(struct workshop *workshop, char **error)
{
    *error = NULL;
    int status = workshop->pid > 0 ? boxed_wait(workshop, error) : EXIT_INFRA;
    if (status == EXIT_INFRA && *error == NULL)
        *error = mem_strdup("it could not be built on this machine");
    return status;
}
