/* The very table that the tests use: tests/table.h. */
#include "tests/table.c" /* NOLINT */
