/* Internal to net/bpf. An expression as a tree: what pcap_parse makes and pcap_gen turns into instructions. */
#ifndef NET_BPF_PCAP_NODE_H
#define NET_BPF_PCAP_NODE_H

#include "net/bpf/pcap_filter.h"

/* Where a load is counted from. `nl`, the network layer's place, is part of the offset already. */
enum pcap_from {
    FROM_FRAME,
    FROM_L4, /* behind the IPv4 header whose first byte stands at `nl` */
    FROM_AD, /* CBPF_AD_... */
};

/* Arithmetic: a tree whose value is a number. */
struct arith {
    enum { ARITH_NUMBER, ARITH_LEN, ARITH_LOAD, ARITH_NEG, ARITH_BINARY } kind;
    u8 op;   /* of ARITH_BINARY: CBPF_ADD ... */
    u8 size; /* of ARITH_LOAD: CBPF_W ... */
    enum pcap_from from;
    u32 k, nl;           /* ARITH_NUMBER: it; ARITH_LOAD: what is added to the index */
    struct arith *a, *b; /* operands; ARITH_LOAD: a is the index */
    struct test *guard;  /* what must hold before its loads mean anything; NULL: nothing */
};

/* A condition. */
struct test {
    enum { TEST_AND, TEST_OR, TEST_NOT, TEST_FIELD, TEST_COMPARE } kind;
    struct test *a, *b; /* TEST_NOT: a alone */
    /* TEST_FIELD: (load & mask) op k */
    enum pcap_from from;
    u8 size, op; /* CBPF_W ...; CBPF_JEQ ... */
    bool len;    /* the length of the packet, in the place of a load */
    u32 off, nl, mask, k;
    /* TEST_COMPARE: left op right */
    struct arith *left, *right;
};

/* Nodes come from blocks that go all at once. */
struct pcap_tree {
    struct pcap_block *blocks;
    u32 used, count; /* bytes of the first block; blocks */
    bool full;
};
void *pcap_node(struct pcap_tree *t, size_t size); /* zeroed; NULL: t->full, and nothing further works */
void pcap_tree_free(struct pcap_tree *t);

/* NULL, and err told: not understood; *root NULL and true: everything matches. */
bool pcap_parse(struct pcap_tree *t, const char *text, bool live, struct test **root, struct pcap_err *err);

#endif
