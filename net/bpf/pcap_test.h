/* Internal to net/bpf. The primitives of the filter language as tests on bytes: what pcap_parse puts together.
 *
 * Each returns a tree, or NULL: no memory, or err told (the first who tells is heard). */
#ifndef NET_BPF_PCAP_TEST_H
#define NET_BPF_PCAP_TEST_H

#include "net/bpf/pcap_lex.h"
#include "net/bpf/pcap_node.h"

enum pcap_dir { DIR_ANY, DIR_SRC, DIR_DST, DIR_OR, DIR_AND };

/* What stands before a value: "tcp src port". */
struct pcap_qual {
    enum pcap_word proto; /* WORD_NONE: none was named */
    enum pcap_dir dir;
    enum pcap_word kind; /* WORD_HOST, _NET, _PORT, _PORTRANGE, _PROTO; WORD_NONE */
};

struct pcap_place {
    struct pcap_tree *tree;
    struct pcap_err *err;
    u32 col;      /* of what is being read */
    u32 type, nl; /* where the type of the frame stands, and what it encloses: each VLAN tag moves them */
};

struct test *pcap_refuse(struct pcap_place *p, const char *f, ...) PRINTF(2, 3); /* NULL */

struct test *test_join(struct pcap_place *p, bool both, struct test *a, struct test *b); /* NULL if either is */
struct test *test_not(struct pcap_place *p, struct test *a);
/* (load & mask) op k, the load counted from the frame's start; size CBPF_B, _H, _W. */
struct test *test_field(struct pcap_place *p, u8 size, u32 off, u32 mask, u8 op, u32 k);
struct test *test_length(struct pcap_place *p, u8 op, u32 k);
struct test *test_ad(struct pcap_place *p, u32 ad, u32 k);

struct test *test_linktype(struct pcap_place *p, u32 type);
struct test *test_protocol(struct pcap_place *p, enum pcap_word w); /* "tcp" alone */
struct test *test_unfragmented(struct pcap_place *p);               /* of IPv4: the first piece, or whole */
struct test *test_vlan(struct pcap_place *p, i32 vid);              /* -1: any; moves p */
struct test *test_multicast(struct pcap_place *p, enum pcap_word proto);
struct test *test_broadcast(struct pcap_place *p, enum pcap_word proto);

struct test *test_host4(struct pcap_place *p, const struct pcap_qual *q, u32 addr, u32 mask);
struct test *test_host6(struct pcap_place *p, const struct pcap_qual *q, const struct ipaddr *a, u32 bits);
struct test *test_mac(struct pcap_place *p, enum pcap_dir dir, const struct macaddr *m);
struct test *test_ports(struct pcap_place *p, const struct pcap_qual *q, u32 from, u32 to); /* q->proto: one, or none */
struct test *test_proto(struct pcap_place *p, const struct pcap_qual *q, u32 v);            /* "ip proto 17" */

#endif
