/* Internal to net/bpf. The filter language's arithmetic on bytes: "ip[2:2] - (ip[0] & 15) * 4 < 100". */
#ifndef NET_BPF_PCAP_ARITH_H
#define NET_BPF_PCAP_ARITH_H

#include "net/bpf/pcap_test.h"

/* What reads an expression: the token that is being looked at, and where frames' parts are by now. */
struct pcap_parser {
    struct pcap_lex lex;
    struct pcap_token tok;
    struct pcap_place place;
    struct pcap_qual qual; /* of the last primitive: a value alone inherits it, */
    bool inherits;         /* if there is one */
    bool live;
    u32 depth; /* of parentheses and nots */
};

#define PCAP_DEPTH 20 /* a level takes some 300 bytes of stack */

void pcap_step(struct pcap_parser *p); /* to the next token */
struct pcap_token pcap_peek(const struct pcap_parser *p);
bool pcap_is_op(const struct pcap_token *t, char op);
bool pcap_deeper(struct pcap_parser *p); /* one level; false: refused. The caller counts depth back */

/* Does a comparison of numbers begin at this token? */
bool pcap_is_arith(const struct pcap_parser *p);
struct test *pcap_compare(struct pcap_parser *p); /* arithmetic, a relation, arithmetic */

#endif
