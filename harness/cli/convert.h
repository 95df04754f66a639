/* wirelab results gradescope, classroom, …: see grade/convert.h. */
#ifndef CLI_CONVERT_H
#define CLI_CONVERT_H

/* argv[0] is the format's name. */
int cli_convert(int argc, char **argv);

#endif
