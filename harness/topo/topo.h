/* Nets from inside: what the modules above topo may use of hosts and links.
 *
 * A host's network namespace has no name; `netns_fd` is what keeps it.  All of
 * these end the run as `infra` when the machine refuses, unless they say that
 * they return an error. */
#ifndef TOPO_TOPO_H
#define TOPO_TOPO_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <wirelab/net.h>

enum {
    NET_MAX_HOSTS = 64,
    NET_MAX_LINKS = 64,
    LINK_MAX_PORTS = 64,
    HOST_MAX_PORTS = 64,
    DEVICE_NAME_BYTES = 16,
    ADDR_TEXT_BYTES = 48,
};

/* One end of a link: a device on a host. */
struct port {
    struct host *host;
    struct link *link;
    unsigned index; /* among the link's ports */
    char device[DEVICE_NAME_BYTES];
    uint8_t mac[6]; /* has no effect on TUN */
    struct in_addr addr4;
    struct in6_addr addr6; /* :: without net_want_ipv6 */
    char addr4_text[ADDR_TEXT_BYTES], addr6_text[ADDR_TEXT_BYTES];
    int tap_fd; /* of a host with `taps`, else -1 */
};

struct host {
    struct net *net;
    char name[16];
    unsigned index;
    int netns_fd;
    bool forwards;
    bool forges; /* host_may_forge() */
    bool taps;   /* its ends are for a program: see <wirelab/tap.h> */
    struct port *ports[HOST_MAX_PORTS];
    unsigned port_count;
    char *dir;         /* work_dir/NAME: cwd of its programs */
    char *etc_hosts;   /* path of its /etc/hosts */
    char *etc_resolv;  /* path of its /etc/resolv.conf */
    char *aliases;     /* lines added to the former */
    char *nameservers; /* lines of the latter */
};

struct link {
    struct net *net;
    unsigned index;
    bool ethernet, lan; /* link_new says LAN of more than two ports */
    struct port ports[LINK_MAX_PORTS];
    unsigned port_count;
    int switch_fd; /* the namespace in the middle, or -1; see veth.c */
    void *engine;  /* of module link */
};

struct net {
    uint64_t seed;
    int64_t started_ns; /* packet times count from here */
    bool ipv6;
    struct host *hosts[NET_MAX_HOSTS];
    unsigned host_count;
    struct link *links[NET_MAX_LINKS];
    unsigned link_count;
    char *dir;    /* holds the hosts' directories */
    void *engine; /* of module link: one thread serves all links of a net */
    /* Set by module link with `engine`: stops it, before devices go. */
    void (*engine_stop)(struct net *net);
    void *runner; /* of module run: the programs on this net's hosts */
    /* Set by module run with `runner`: ends programs, before the engine. */
    void (*runner_stop)(struct net *net);
    struct net *older; /* of this process */
};

/* Takes a net down, engine first: descriptors, namespaces, directories.  The
 * end of the run does so by itself; a bench that makes many calls it. */
void net_free(struct net *net);

/* The net of this process: the newest that was not freed, or NULL. */
struct net *net_current(void);
/* Finds a host by name; NULL if there is none. */
struct host *net_find_host(const struct net *net, const char *name, size_t n);
/* Whose address it is; NULL if nobody's. */
struct host *net_host_by_addr4(const struct net *net, struct in_addr addr);
struct host *net_host_by_addr6(const struct net *net,
                               const struct in6_addr *addr);

/* Adds a link with its ports and addresses chosen, but no devices yet. */
struct link *link_new(struct net *net, struct host *const *hosts, size_t n,
                      bool ethernet);

/* Moves the calling thread into the host's network namespace; host_leave
 * moves it back into the one it started in. */
void host_enter(const struct host *host);
void host_leave(void);

/* Opens a TUN (or TAP, if the link is Ethernet) device for the port, named,
 * with address and MTU, up, routes added.  `vnet_hdr` asks for offloads (TSO4,
 * TSO6, CSUM): fast mode.  Returns the fd, non-blocking. */
int port_open_tun(struct port *port, unsigned mtu_bytes, bool vnet_hdr);
/* Makes the veth devices of a link of two ports, or of a LAN on a bridge in a
 * namespace of its own, offloads off unless `offload`: the benches' baseline.
 */
void link_open_veth(struct link *link, unsigned mtu_bytes, bool offload);
/* The same by way of a namespace in the middle (link->switch_fd), offloads off:
 * what enters by a port arrives there at the device `enters`, and goes on,
 * through whatever qdisc it has, by the device `leaves`; see veth.c.  For the
 * netem engine.  Names hold DEVICE_NAME_BYTES. */
void link_open_middle(struct link *link, unsigned mtu_bytes);
void link_middle_devices(const struct link *link, unsigned port, char *enters,
                         char *leaves);
/* Runs tc(8) commands, one a line, in the middle.  Returns tc's exit status or
 * -errno; `*said` is what it printed, for the caller to free. */
int link_tc_batch(const struct link *link, const char *commands, char **said);

/* Runs many ip(8) commands ("link set lo up\n…") as one process in the host. */
void host_ip_batch(const struct host *host, const char *commands);
/* Runs a program with the host's network; stdout is returned in `*output`
 * (malloc'd, may be NULL to discard).  Returns its exit status, or -errno. */
int host_command(const struct host *host, const char *const *argv,
                 char **output);
/* In a forked child: a private mount namespace in which /etc/hosts and
 * /etc/resolv.conf are the host's.  Returns 0 or -errno. */
int host_enter_names(const struct host *host);
/* Writes the files of names: /etc/hosts of every host.  Called by link_new,
 * host_alias and host_nameserver. */
void net_write_names(struct net *net);

/* ---- The cell: what a run lives in ----------------------------------------
 */

enum { CELL_NAME_BYTES = 64, CELL_ERROR_BYTES = 256 };

/* What this machine allows; for doctor and for choosing a world. */
struct cell_probe {
    bool root, user_ns, net_ns, pid_ns, proc_mount, watch, tun, netem, fifo;
    int net_ns_error, tun_error; /* errno of what was refused; see remedy.h */
    char reason[256]; /* the first thing that is missing, and its remedy */
};
void cell_probe(struct cell_probe *probe);
/* Tries what only some tests need: a pair of veth devices; NAT, by nft(8) or,
 * as tests do, by what came before it. */
bool cell_probe_veth(void);
bool cell_probe_nat(void);
/* Tries the kernel's netem on the loopback device of the calling thread's
 * namespace.  Returns 0 or -errno. */
int netns_try_netem(void);

/* Puts `run` into a cell: a child that is pid 1 of new pid, mount, ipc, uts and
 * network namespaces (and a user namespace, mapped to root, when the caller is
 * not root), with /proc of its own, dying when the caller dies.  Returns the
 * child's pid in the caller's namespace, or -errno with a reason in `error`
 * (CELL_ERROR_BYTES).  `run` is called in a grandchild, whose exit status (its
 * result, or 128 + signal) becomes the child's: pid 1 itself reaps orphans. */
pid_t cell_start(int (*run)(void *context), void *context, char *error);
/* The name of the cell this process is in, "wirelab-PID-START-PIDNS" of the
 * child as the caller of cell_start saw it; outside a cell, of this process.
 * What is called so and outlives its owner (a cgroup) is removed by cell_sweep.
 * `name` holds CELL_NAME_BYTES.  Names below it may follow after a slash. */
void cell_name(char *name);

/* Makes a work directory under $XDG_RUNTIME_DIR, $TMPDIR or /tmp: private,
 * locked (flock) by a descriptor that stays open in this process and those it
 * forks.  Returns 0 or -errno. */
int work_dir_make(char *path, size_t size);
void work_dir_remove(const char *path);
/* Removes what killed runs left (work directories, cgroups).  Returns how many
 * things it removed. */
int cell_sweep(void);

#endif
