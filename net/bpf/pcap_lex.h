/* Internal to net/bpf. The filter language's text as tokens. */
#ifndef NET_BPF_PCAP_LEX_H
#define NET_BPF_PCAP_LEX_H

#include "lib/ipaddr.h"
#include "net/bpf/pcap_names.h"

enum pcap_kind {
    LEX_END,
    LEX_WORD,   /* a keyword: `word` */
    LEX_NUMBER, /* `number` */
    LEX_DOTTED, /* "10.1", "10.1.2.3": `number`, of `parts` bytes */
    LEX_IP6,
    LEX_MAC,
    LEX_NAME, /* any other word, and a keyword behind a backslash */
    LEX_OP,   /* `op`: one character, or L << R >> G >= E <= N != A && O || = (== too) */
    LEX_BAD,  /* `why` */
};

struct pcap_token {
    enum pcap_kind kind;
    u32 col, n; /* where it stands, how long it is */
    const char *p;
    enum pcap_word word;
    char op;
    u8 parts;
    u32 number;
    struct ipaddr addr;
    struct macaddr mac;
    const char *why;
};

struct pcap_lex {
    const char *text;
    u32 at;
};

void pcap_next(struct pcap_lex *l, struct pcap_token *t);

#endif
