/* What the programs did, for the verdict. */
#include "run/run.h"

void runner_witness(struct runner *runner)
{
    (void)runner;
}
