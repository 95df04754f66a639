/* Tools of other packages: whether they are there, and what installs them in
 * the words of this distribution (harness/remedy, which also works before
 * anything is built). */
#ifndef CLI_INSTALL_H
#define CLI_INSTALL_H

#include <stdbool.h>

#include "cli/cli.h"
#include "cli/project.h"

/* Whether a command is on PATH. */
bool tool_is_there(const char *name);
/* The one command that installs these tools, or says that nothing does;
 * malloc'd. */
char *install_command(const struct project *project,
                      const struct text_list *tools);
/* The distribution's name, "Debian GNU/Linux 12 (bookworm)"; malloc'd. */
char *install_system(const struct project *project);

#endif
