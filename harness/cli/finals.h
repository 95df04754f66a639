/* wirelab results policy, wirelab results diff: grades that become final, and
 * how two sets of them differ. */
#ifndef CLI_FINALS_H
#define CLI_FINALS_H

int cli_policy(int argc, char **argv);
int cli_diff(int argc, char **argv);

#endif
