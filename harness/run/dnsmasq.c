/* dnsmasq as the only name server of a small world. */
#include <wirelab/server.h>

#include <stdlib.h>

#include "base/strbuf.h"

enum { DNS_PORT = 53 };

/* local=/#/: what is not given here is asked of nobody, and does not exist. */
static const char config[] = "no-resolv\n"
                             "no-hosts\n"
                             "local=/#/\n"
                             "no-round-robin\n"
                             "log-queries\n"
                             "%s\n";

struct proc *server_names(struct host *host, const char *lines)
{
    /* --no-daemon: in the foreground, logs to stderr, stays who it is. */
    static const char *const args[] = {"--no-daemon",
                                       "--conf-file=/work/dnsmasq.conf", NULL};
    char *text = str_format(config, lines);
    struct server server = {.command = "dnsmasq",
                            .args = args,
                            .config_name = "dnsmasq.conf",
                            .config = text,
                            .tcp_port = DNS_PORT,
                            .udp_port = DNS_PORT};
    struct proc *proc = server_start(host, &server);
    free(text);
    return proc;
}
