/* The world a command's tests run in; see place.h. */
#include "cli/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/child.h"
#include "topo/topo.h"
#include "world/boot.h"
#include "world/memory.h"

#define MODULES "/usr/lib/uml/modules"

/* A second of virtual time may be full of work, on a machine that is full, too.
 */
enum { VIRTUAL_SILENCE_MS = 300000 };

/* ---- What works ------------------------------------------------------------
 */

static bool host_works(const char *engine, char *reason)
{
    struct cell_probe probe;
    cell_probe(&probe);
    bool namespaces = probe.net_ns && probe.pid_ns && probe.proc_mount &&
                      probe.watch && (probe.root || probe.user_ns);
    bool device = strcmp(engine, "netem") == 0 ? probe.netem : probe.tun;
    (void)snprintf(reason, PLACE_REASON_BYTES, "%s",
                   *probe.reason ? probe.reason
                                 : "this machine lacks what tests need");
    if (namespaces && device)
        reason[0] = '\0';
    return namespaces && device;
}

static bool memory_works(char *reason)
{
    char path[256], passed_over[GUEST_ERROR_BYTES];
    if (memory_dir_choose(GUEST_MEMORY_MIB, path, sizeof(path), passed_over,
                          sizeof(passed_over)) == 0)
        return true;
    (void)snprintf(reason, PLACE_REASON_BYTES,
                   "no directory for guests' memory: %.400s; set TMPDIR to one "
                   "that will do",
                   passed_over);
    return false;
}

static bool uml_works(char *reason)
{
    char error[GUEST_ERROR_BYTES];
    char *kernel = boot_find_kernel(error);
    (void)snprintf(reason, PLACE_REASON_BYTES, "%s", kernel ? "" : error);
    free(kernel);
    if (*reason)
        return false;
    if (access(MODULES, R_OK | X_OK) < 0 ||
        access("/usr/sbin/modprobe", X_OK) < 0) {
        (void)snprintf(reason, PLACE_REASON_BYTES,
                       "its kernel's modules in " MODULES " and modprobe are "
                       "needed: apt-get install user-mode-linux kmod");
        return false;
    }
    return memory_works(reason);
}

static char *find_virtual(const struct project *project)
{
    char *script = str_format("%s/harness/world/virtual-kernel", project->root);
    const char *argv[] = {script, "--find", NULL};
    char *output = NULL;
    int status = child_run(NULL, argv, &output);
    output[strcspn(output, "\n")] = '\0';
    free(script);
    if (status == 0)
        return output;
    free(output);
    return NULL;
}

static bool virtual_works(const struct project *project, char *reason)
{
    char *kernel = find_virtual(project);
    bool found = kernel != NULL;
    free(kernel);
    (void)snprintf(reason, PLACE_REASON_BYTES, "%s",
                   found ? "" : "its kernel is not built: make virtual-kernel");
    return found && memory_works(reason);
}

bool place_works(enum world_kind world, const struct project *project,
                 const char *engine, char *reason)
{
    reason[0] = '\0';
    if (world == WORLD_HOST)
        return host_works(engine, reason);
    return world == WORLD_UML ? uml_works(reason)
                              : virtual_works(project, reason);
}

/* ---- Choosing --------------------------------------------------------------
 */

static enum world_kind kind_of(const char *name)
{
    int kind = WORLD_HOST;
    while (strcmp(world_names[kind], name) != 0)
        kind++;
    return (enum world_kind)kind;
}

static int refuse(const char *world, const char *reason)
{
    return infra_error("infra: no world '%s': %s ('wirelab doctor' says more)",
                       world, reason);
}

/* The host if it can, else uml. */
static int choose(struct place *place, const char *engine)
{
    char reason[PLACE_REASON_BYTES];
    place->world = WORLD_HOST;
    if (place->host_works)
        return 0;
    place->world = WORLD_UML;
    if (!place_works(WORLD_UML, NULL, engine, reason))
        return infra_error("infra: %s; nor can the world 'uml' help: %s "
                           "('wirelab doctor' says more)",
                           place->host_reason, reason);
    (void)fprintf(stderr,
                  "wirelab: the world is 'uml', for the host lacks something: "
                  "%s\n",
                  place->host_reason);
    return 0;
}

/* Says where guests' memory goes if it is not where everybody has it. */
static void tell_memory(void)
{
    char path[256], passed_over[GUEST_ERROR_BYTES];
    if (memory_dir_choose(GUEST_MEMORY_MIB, path, sizeof(path), passed_over,
                          sizeof(passed_over)) == 0 &&
        *passed_over)
        (void)fprintf(stderr, "wirelab: guests' memory is in %s, since %s\n",
                      path, passed_over);
}

static void describe_guests(struct place *place, const struct project *project)
{
    struct guest_options *guest = &place->guests.guest;
    place->guests.kind = place->world;
    guest->cpu = -1;
    guest->seed = 1;
    guest->shown = place->shown;
    if (place->world == WORLD_UML) {
        guest->modules = MODULES;
    } else if (place->world == WORLD_VIRTUAL) {
        place->kernel = find_virtual(project);
        guest->kernel = place->kernel;
        guest->time = GUEST_TIME_FREE_CPU;
        guest->silence_ms = VIRTUAL_SILENCE_MS;
        place->guests.pin_guests = true;
        place->guests.guest_load = 1; /* one test at once */
    }
}

int place_try(enum world_kind world, const struct project *project,
              double *boot_ms, char *reason)
{
    struct place place = {.world = world};
    describe_guests(&place, project);
    int result = guest_try(&place.guests.guest, boot_ms, reason);
    place_fini(&place);
    return result;
}

int place_choose(struct place *place, const struct project *project,
                 const char *world, const char *engine)
{
    char reason[PLACE_REASON_BYTES];
    *place = (struct place){0};
    place->host_works = host_works(engine, place->host_reason);
    int status = 0;
    if (world == NULL)
        status = choose(place, engine);
    else
        place->world = kind_of(world);
    if (world && !place_works(place->world, project, engine, reason))
        status = refuse(world, reason);
    if (status == 0 && place->world != WORLD_HOST) {
        (void)cell_sweep(); /* what killed runs left */
        describe_guests(place, project);
        tell_memory();
    }
    return status;
}

void place_fini(struct place *place)
{
    free(place->kernel);
    *place = (struct place){0};
}

void place_show(struct place *place, const struct lab *lab, const char *kept)
{
    const char *dirs[] = {lab->project.root, lab->project.build, lab->impl_dir,
                          lab->reference_dir};
    size_t n = 0;
    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        if (dirs[i] && access(dirs[i], R_OK | X_OK) == 0)
            place->shown[n++] = dirs[i];
    }
    place->shown[n] = NULL;
    place->guests.guest.kept = kept;
}

const char *place_flavour(const struct place *place)
{
    return place->world == WORLD_HOST ? "san" : "guest";
}

/* ---- Which test where ------------------------------------------------------
 */

/* Why a test cannot be run in this world; NULL if it can. */
static const char *need_of(enum world_kind world, const json_t *listed)
{
    size_t i;
    json_t *need;
    json_array_foreach(json_object_get(listed, "needs"), i, need)
    {
        if (strcmp(json_string_value(need), "host_speed") == 0)
            return "it judges speed, which a guest does not have; it is run in "
                   "the world 'host' only, and this machine has none";
        if (strcmp(json_string_value(need), "asan") == 0)
            return "it judges memory safety by AddressSanitizer, which does "
                   "not run in a guest; it is run in the world 'host' only, "
                   "and this machine has none";
        if (world == WORLD_UML &&
            strcmp(json_string_value(need), "throughput") == 0)
            return "it moves more than a guest in real time can; the worlds "
                   "'host' and 'virtual' can run it";
    }
    return NULL;
}

void place_assign(const struct place *place, const struct lab *lab,
                  const json_t *listed, struct job *job)
{
    const char *need = need_of(place->world, listed);
    job->world = place->world;
    if (place->world == WORLD_HOST || need == NULL)
        return;
    if (!place->host_works) {
        job->skip = need;
        return;
    }
    job->world = WORLD_HOST;
    if (lab->host_impl_dir && job->impl_dir == lab->impl_dir)
        job->impl_dir = lab->host_impl_dir;
    if (lab->host_reference_dir)
        job->reference_dir = lab->host_reference_dir;
}

int place_prepare_host(const struct place *place, struct lab *lab,
                       const char *impl)
{
    size_t i;
    json_t *listed;
    bool needed = false;
    json_array_foreach(lab->tests, i, listed)
    {
        needed |= need_of(place->world, listed) != NULL;
    }
    if (!needed || place->world == WORLD_HOST || !place->host_works)
        return 0;
    return lab_programs_for_host(lab, impl);
}
