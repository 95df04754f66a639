/* The version that results.json carries and `wirelab --version` prints. */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#define WIRELAB_VERSION "0.1.0"

#endif
