/* nginx with the least configuration: one process, no other user, no daemon,
 * logs to where evidence is kept. */
#include <wirelab/server.h>

#include <stdlib.h>

#include "base/strbuf.h"
#include "topo/topo.h"

enum { WEB_PORT = 80 };

/* sendfile is off: what is sent then comes from nginx's own buffers of 32 KiB,
 * on every kernel and file system alike. */
static const char config[] =
    "daemon off;\n"
    "user root;\n" /* it can be nobody else in a user namespace */
    "master_process off;\n"
    "pid /tmp/nginx.pid;\n"
    "error_log stderr;\n"
    "events { worker_connections 512; }\n"
    "http {\n"
    "    access_log /dev/stdout;\n"
    "    default_type application/octet-stream;\n"
    "    client_body_temp_path /tmp/body;\n"
    "    proxy_temp_path /tmp/proxy;\n"
    "    fastcgi_temp_path /tmp/fastcgi;\n"
    "    uwsgi_temp_path /tmp/uwsgi;\n"
    "    scgi_temp_path /tmp/scgi;\n"
    "    server {\n"
    "        listen %s;\n"
    "        root /work/site;\n"
    "        %s\n"
    "    }\n"
    "}\n";

struct proc *server_web(struct host *host, const char *more)
{
    /* Before it has read its configuration it would log to a file. */
    static const char *const args[] = {"-e", "stderr",           "-p", "/work",
                                       "-c", "/work/nginx.conf", NULL};
    const char *listen = host->net->ipv6 ? "[::]:80 ipv6only=off" : "80";
    char *text = str_format(config, listen, more ? more : "");
    struct server server = {.command = "nginx",
                            .args = args,
                            .config_name = "nginx.conf",
                            .config = text,
                            .tcp_port = WEB_PORT};
    struct proc *proc = server_start(host, &server);
    free(text);
    return proc;
}
