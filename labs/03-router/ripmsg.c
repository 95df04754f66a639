/* RIP messages read and written; rip.h draws one. */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "rip.h"
#include "say.h"

/* DOC: rip-parse */
int rip_parse(const uint8_t *bytes, size_t count, unsigned *command,
              struct rip_entry *entries)
{
    (void)bytes, (void)count, (void)command, (void)entries;
    UNWRITTEN_HERE(6, "rip_parse() in ripmsg.c");
    return -EBADMSG;
}

size_t rip_format(uint8_t *bytes, unsigned command,
                  const struct rip_entry *entries, size_t count)
{
    (void)bytes, (void)command, (void)entries, (void)count;
    UNWRITTEN_HERE(6, "rip_format() in ripmsg.c");
    return 0;
}
