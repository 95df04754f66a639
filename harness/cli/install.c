/* Tools of other packages; see install.h. */
#include "cli/install.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/child.h"

bool tool_is_there(const char *name)
{
    const char *path = getenv("PATH");
    bool found = false;
    while (path && *path && !found) {
        size_t length = strcspn(path, ":");
        char *file = str_format("%.*s/%s", (int)length, path, name);
        found = access(file, X_OK) == 0;
        free(file);
        path += length + (path[length] == ':');
    }
    return found;
}

/* The first line of what the script says to these words. */
static char *ask(const struct project *project, const char *const *words,
                 size_t n)
{
    const char *argv[CLI_MAX_LIST + 2] = {NULL};
    char *script = str_format("%s/harness/remedy", project->root);
    char *output;
    argv[0] = script;
    for (size_t i = 0; i < n && i < CLI_MAX_LIST; i++)
        argv[i + 1] = words[i];
    (void)child_run(NULL, argv, &output); /* a failure says nothing */
    output[strcspn(output, "\n")] = '\0';
    free(script);
    return output;
}

char *install_command(const struct project *project,
                      const struct text_list *tools)
{
    return ask(project, tools->items, tools->count);
}

char *install_system(const struct project *project)
{
    static const char *const words[] = {"--system"};
    return ask(project, words, 1);
}
