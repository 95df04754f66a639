/* Faults by name: exactly these packets, exactly then.
 *
 *      line   := rule | cut | change
 *      rule   := action which "of" filter [ from "->" to ]
 *      action := "drop" | "hold" TIME | "duplicate" | "corrupt"
 *      which  := "all" | "first" N | "nth" N | "every" N
 *      filter := a libpcap filter in quotes
 *      cut    := "cut at" TIME "for" TIME
 *      change := "profile at" TIME profile in quotes
 *
 * `from` and `to` are names of hosts on the link.  A rule counts the packets
 * that match its filter and direction as they enter the link, whatever else
 * happens to them; several rules may act on one packet. */
#ifndef LINK_SCRIPT_H
#define LINK_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/filter.h"
#include "link/profile.h"

/* What a script may name. */
struct script_names {
    const char *const *ports; /* host on the link's i-th port */
    size_t port_count;
    struct filter_hosts hosts; /* all of the net */
    bool ethernet;
};

struct script;
struct script *script_new(void);
void script_free(struct script *script);

/* Adds a line whose times count from `base_ns`.  Nothing of `names` is kept.
 * Returns 0, or -EINVAL with `*error` pointing at the word. */
int script_add(struct script *script, const char *line, int64_t base_ns,
               const struct script_names *names, struct scan_error *error);

enum { SCRIPT_TO_ALL = 255 }; /* `to` of a LAN's broadcast */

enum script_action {
    SCRIPT_DROP = 1 << 0,
    SCRIPT_HOLD = 1 << 1,
    SCRIPT_DUPLICATE = 1 << 2,
    SCRIPT_CORRUPT = 1 << 3,
};

struct script_verdict {
    unsigned actions; /* SCRIPT_*, 0 if no rule acts */
    int64_t hold_ns;  /* of all rules that hold, added up */
    unsigned copies;  /* how many duplicates */
    uint64_t draw;    /* for mangle_flip(): by rule and count */
    const char
        *reason; /* of the first rule that acts: its line; the script's */
};

/* Asks the rules about a packet that enters the link; counts it. */
void script_match(struct script *script, unsigned from, unsigned to,
                  const uint8_t *data, size_t captured_bytes,
                  size_t length_bytes, struct script_verdict *verdict);

/* Whether a cut covers this time.  `*reason`, if not NULL, gets its line. */
bool script_is_cut(const struct script *script, int64_t now_ns,
                   const char **reason);
/* Takes the next change of profile that is due and was not taken yet, in the
 * order of their times.  Returns false if there is none. */
bool script_take_profile(struct script *script, int64_t now_ns,
                         struct profile *profile);
/* Whether it holds any rule: else script_match need not be called. */
bool script_has_rules(const struct script *script);

#endif
