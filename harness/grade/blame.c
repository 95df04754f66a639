/* Whose doing it was that time was not kept; see blame.h. */
#include "grade/blame.h"

#include <stdlib.h>
#include <string.h>

#include "base/object.h"
#include "base/strbuf.h"
#include "base/testrun.h"

struct load {
    double ran_ms, waited_ms;      /* of the tested programs */
    double duration_ms;            /* of the test */
    json_int_t sent, lost, theirs; /* packets; lost: by the emulator itself */
};

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static bool is_tested(const json_t *program)
{
    return strcmp(object_text(program, "role"), "tested") == 0;
}

/* Whether "HOST->OTHER" leaves a host on which a tested program ran. */
static bool is_theirs(const json_t *link, const json_t *programs)
{
    const char *name = object_text(link, "name");
    const char *arrow = strstr(name, "->");
    size_t length = arrow ? (size_t)(arrow - name) : strlen(name), i;
    json_t *program;
    json_array_foreach(programs, i, program)
    {
        const char *host = object_text(program, "host");
        if (is_tested(program) && strlen(host) == length &&
            strncmp(host, name, length) == 0)
            return true;
    }
    return false;
}

static struct load load_of(const json_t *verdict)
{
    const json_t *programs = json_object_get(verdict, "programs");
    struct load load = {.duration_ms = number_of(verdict, "duration_ms")};
    json_t *each;
    size_t i;
    json_array_foreach(programs, i, each)
    {
        if (!is_tested(each))
            continue;
        load.ran_ms += number_of(each, "cpu_ms");
        load.waited_ms += number_of(each, "run_delay_ms");
    }
    json_array_foreach(json_object_get(verdict, "links"), i, each)
    {
        json_int_t lost = json_integer_value(json_object_get(each, "internal"));
        load.lost += lost;
        if (!is_theirs(each, programs))
            continue;
        load.theirs += lost;
        load.sent += json_integer_value(json_object_get(each, "packets"));
    }
    return load;
}

static bool is_busy(const struct load *load)
{
    return load->duration_ms > 0 && load->ran_ms * 8 >= load->duration_ms &&
           load->ran_ms * 2 >= load->duration_ms - load->waited_ms;
}

static bool is_own_doing(const struct load *load)
{
    return (load->lost > 0 && load->theirs * 2 >= load->lost) || is_busy(load);
}

bool blame_program(json_t *verdict)
{
    const char *excused =
        json_string_value(json_object_get(verdict, "excused"));
    struct load load = load_of(verdict);
    if (excused == NULL || !is_own_doing(&load) ||
        strcmp(object_text(verdict, "verdict"), verdict_name(VERDICT_INFRA)) !=
            0)
        return false;
    char *message = str_format(
        "%s (time was not kept, but by this program alone: in %.0f ms it ran "
        "for %.0f ms, waited %.0f ms for a CPU, and sent %lld packets and %lld "
        "more that the emulator could not carry)",
        excused, load.duration_ms, load.ran_ms, load.waited_ms,
        (long long)load.sent, (long long)load.theirs);
    json_object_set_new(verdict, "verdict",
                        json_string(verdict_name(VERDICT_FAIL)));
    json_object_set_new(verdict, "message", json_string(message));
    free(message);
    return true;
}
