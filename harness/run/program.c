/* Which file a program is: of the tested implementation, of the reference, of
 * the system. */
#include "run/program.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "run/run.h"

/* Where the system's tools are, whatever the caller's PATH says. */
const char program_path[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           access(path, X_OK) == 0;
}

const char *program_dir(enum program_role role)
{
    return role == PROGRAM_REFERENCE ? testrun()->reference_dir
                                     : testrun()->impl_dir;
}

char *program_find_command(const char *name)
{
    const char *dir = program_path;
    while (*dir) {
        size_t length = strcspn(dir, ":");
        char *path = str_format("%.*s/%s", (int)length, dir, name);
        if (is_program(path))
            return path;
        free(path);
        dir += length + (dir[length] == ':');
    }
    return NULL;
}

static void skip(const char *message) __attribute__((noreturn));
static void skip(const char *message)
{
    testrun_end(&(struct ending){.verdict = VERDICT_SKIP, .message = message});
}

static bool has_program(enum program_role role, const char *name)
{
    struct stat st;
    char *path = str_format("%s/%s", program_dir(role), name);
    bool found = stat(path, &st) == 0;
    free(path);
    return found;
}

struct program program(const char *name)
{
    if (!has_program(PROGRAM_TESTED, name)) {
        journal_step("start %s", name);
        run_fail(false, "there is no program %s: it was not built", name);
    }
    return (struct program){.name = name, .role = PROGRAM_TESTED};
}

struct program reference(const char *name)
{
    if (!has_program(PROGRAM_REFERENCE, name))
        skip(str_format("the reference's %s is not here", name));
    return (struct program){.name = name, .role = PROGRAM_REFERENCE};
}

struct program peer(const char *command)
{
    char *path = program_find_command(command);
    if (path == NULL)
        skip(str_format("%s is not installed; `wirelab doctor` tells how to "
                        "get it",
                        command));
    free(path);
    return (struct program){.name = command, .role = PROGRAM_PEER};
}
