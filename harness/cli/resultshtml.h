/* wirelab results html. */
#ifndef CLI_RESULTSHTML_H
#define CLI_RESULTSHTML_H

int cli_results_html(int argc, char **argv);

#endif
