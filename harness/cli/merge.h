/* wirelab results merge. */
#ifndef CLI_MERGE_H
#define CLI_MERGE_H

int cli_merge(int argc, char **argv);

#endif
