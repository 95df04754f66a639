/* Words and signs of a libpcap filter.  Private to filter_names.c. */
#ifndef LINK_TOKEN_H
#define LINK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOKEN_NAME,  /* a word that is none of libpcap's: a host, it is hoped */
    TOKEN_ADDR,  /* a numeric address or another number */
    TOKEN_HOST,  /* host src dst: a host may follow, with or without `host` */
    TOKEN_PROTO, /* may qualify a host */
    TOKEN_WANTS, /* port, net, vlan …: what follows is no host */
    TOKEN_AND,   /* and or not && || ! ( */
    TOKEN_OTHER,
};

struct token {
    const char *start;
    size_t length;
    enum token_kind kind;
};

/* Reads the token that begins at `p`, which is no white space; brackets and
 * what is in them are one. */
struct token token_read(const char *p);
/* Case does not count. */
bool token_is(const struct token *token, const char *word);

#endif
