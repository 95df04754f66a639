/* Words and signs of a libpcap filter. */
#include "link/token.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct {
    enum token_kind kind;
    const char *const *words;
} vocabulary[] = {
    {TOKEN_HOST, (const char *const[]){"src", "dst", "host", NULL}},
    {TOKEN_PROTO,
     (const char *const[]){"ip", "ip6", "arp", "rarp", "ether", NULL}},
    {TOKEN_WANTS,
     (const char *const[]){
         "port",    "portrange", "net",     "mask", "proto",   "protochain",
         "gateway", "less",      "greater", "vlan", "mpls",    "pppoes",
         "geneve",  "type",      "subtype", "dir",  "ifindex", "lat",
         "moprc",   "mopdl",     NULL}},
    {TOKEN_AND, (const char *const[]){"and", "or", "not", NULL}},
    {TOKEN_OTHER,
     (const char *const[]){
         "tcp",       "udp",      "sctp",     "icmp",      "icmp6",
         "igmp",      "igrp",     "pim",      "ah",        "esp",
         "vrrp",      "carp",     "len",      "broadcast", "multicast",
         "inbound",   "outbound", "icmptype", "icmpcode",  "icmp6type",
         "icmp6code", "tcpflags", "pppoed",   "stp",       "link",
         "fddi",      "tr",       "wlan",     "iso",       "llc",
         "atalk",     "aarp",     "decnet",   NULL}},
};
enum { VOCABULARIES = sizeof(vocabulary) / sizeof(vocabulary[0]) };

bool token_is(const struct token *token, const char *word)
{
    return strlen(word) == token->length &&
           strncasecmp(word, token->start, token->length) == 0;
}

/* Constants such as tcp-syn, icmp-echo and icmp6-echo. */
static bool is_constant(const struct token *token)
{
    static const char *const prefixes[] = {"tcp-", "icmp-", "icmp6-"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(token->start, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    }
    return false;
}

/* 10.77.1.1, fd77::1, 02:00:00:00:00:01, 0x10, 80. */
static bool is_number(const struct token *token)
{
    if (memchr(token->start, ':', token->length) != NULL)
        return true;
    if (!isdigit((unsigned char)token->start[0]))
        return false;
    for (size_t i = 0; i < token->length; i++) {
        if (!isxdigit((unsigned char)token->start[i]) &&
            strchr(".x/-", token->start[i]) == NULL)
            return false;
    }
    return true;
}

static enum token_kind kind_of_word(const struct token *token)
{
    for (size_t i = 0; i < VOCABULARIES; i++) {
        for (const char *const *w = vocabulary[i].words; *w != NULL; w++) {
            if (token_is(token, *w))
                return vocabulary[i].kind;
        }
    }
    if (is_number(token))
        return TOKEN_ADDR;
    return is_constant(token) ? TOKEN_OTHER : TOKEN_NAME;
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("_.:-/", c));
}

struct token token_read(const char *p)
{
    struct token token = {.start = p, .length = 1, .kind = TOKEN_OTHER};
    if (*p == '[') {
        token.length = strcspn(p, "]");
        token.length += p[token.length] == ']';
    } else if (isalnum((unsigned char)*p) || *p == '_' || *p == ':') {
        while (is_word_char(p[token.length]))
            token.length++;
        token.kind = kind_of_word(&token);
    } else if (*p == '&' || *p == '|' || *p == '<' || *p == '>') {
        token.length += p[1] == p[0];
        token.kind = token.length == 2 && (*p == '&' || *p == '|')
                         ? TOKEN_AND
                         : TOKEN_OTHER;
    } else if (*p == '!' || *p == '(') {
        token.kind = *p == '!' && p[1] == '=' ? TOKEN_OTHER : TOKEN_AND;
    }
    return token;
}
