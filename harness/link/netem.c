/* The netem engine; see netem.h. */
#include <string.h>
#include <unistd.h>

#include "base/testrun.h"
#include "link/engine.h"
#include "topo/netns.h"

static void need_netem(void)
{
    int netns = netns_new();
    int error = netns < 0 ? netns : netns_enter(netns);
    if (error == 0)
        error = netns_try_netem();
    netns_leave();
    if (netns >= 0)
        close(netns);
    if (error < 0)
        infra("this kernel has no netem (%s): use --engine wire or --world uml",
              strerror(-error));
}

static void *start(struct net *net, struct capture *capture)
{
    (void)net, (void)capture;
    need_netem();
    infra("the engine netem is not finished: use --engine wire");
}

const struct engine engine_netem = {.name = "netem", .start = start};
