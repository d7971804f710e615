/* The primitives of the filter language as tests on bytes (pcap_test.h).
 *
 * Which byte is looked at, and in which order, is what pcap-filter(7) promises and libpcap does: a load beyond the end
 * of a short packet ends the program, so the order is part of the verdict.
 */
#include "net/bpf/pcap_test.h"

#include "lib/byteorder.h"
#include "lib/fmt.h"

#define IP4         0x0800
#define IP6         0x86dd
#define ARP         0x0806
#define RARP        0x8035
#define LENGTH_MOST 1500 /* of a type: what is no more is a length, and LLC follows */

enum {
    P_ICMP = 1,
    P_IGMP = 2,
    P_TCP = 6,
    P_IGRP = 9,
    P_UDP = 17,
    P_FRAGMENT = 44,
    P_ESP = 50,
    P_AH = 51,
    P_ICMP6 = 58,
    P_PIM = 103,
    P_VRRP = 112,
    P_SCTP = 132
};

struct test *pcap_refuse(struct pcap_place *p, const char *f, ...)
{
    va_list ap;
    if (!*p->err->msg) {
        va_start(ap, f);
        fmt_v(p->err->msg, sizeof(p->err->msg), f, ap);
        va_end(ap);
        p->err->col = p->col;
    }
    return NULL;
}

/* ---- the bricks ---- */

struct test *test_join(struct pcap_place *p, bool both, struct test *a, struct test *b)
{
    struct test *t = a && b ? pcap_node(p->tree, sizeof(*t)) : NULL;
    if (t) {
        t->kind = both ? TEST_AND : TEST_OR;
        t->a = a;
        t->b = b;
    }
    return t;
}

static struct test *both(struct pcap_place *p, struct test *a, struct test *b)
{
    return test_join(p, true, a, b);
}

static struct test *either(struct pcap_place *p, struct test *a, struct test *b)
{
    return test_join(p, false, a, b);
}

struct test *test_not(struct pcap_place *p, struct test *a)
{
    struct test *t = a ? pcap_node(p->tree, sizeof(*t)) : NULL;
    if (t) {
        t->kind = TEST_NOT;
        t->a = a;
    }
    return t;
}

struct test *test_field(struct pcap_place *p, u8 size, u32 off, u32 mask, u8 op, u32 k)
{
    struct test *t = pcap_node(p->tree, sizeof(*t));
    if (t) {
        t->kind = TEST_FIELD;
        t->size = size;
        t->off = off;
        t->mask = mask;
        t->op = op;
        t->k = k;
    }
    return t;
}

static struct test *equal(struct pcap_place *p, u8 size, u32 off, u32 k)
{
    return test_field(p, size, off, ~0u, CBPF_JEQ, k);
}

struct test *test_length(struct pcap_place *p, u8 op, u32 k)
{
    struct test *t = test_field(p, CBPF_W, 0, ~0u, op, k);
    if (t)
        t->len = true;
    return t;
}

struct test *test_ad(struct pcap_place *p, u32 ad, u32 k)
{
    struct test *t = equal(p, CBPF_W, CBPF_AD_OFF + ad, k);
    if (t)
        t->from = FROM_AD;
    return t;
}

/* ---- what a frame is ---- */

struct test *test_linktype(struct pcap_place *p, u32 type)
{
    if (type > LENGTH_MOST)
        return equal(p, CBPF_H, p->type, type);
    struct test *llc = test_not(p, test_field(p, CBPF_H, p->type, ~0u, CBPF_JGT, LENGTH_MOST));
    if (type == 0xfe || type == 0xf0 || type == 0x06) /* both ends speak it */
        return both(p, llc, equal(p, CBPF_H, p->nl, type << 8 | type));
    return both(p, llc, equal(p, CBPF_B, p->nl, type));
}

static struct test *proto4(struct pcap_place *p, u32 v)
{
    return both(p, test_linktype(p, IP4), equal(p, CBPF_B, p->nl + 9, v));
}

/* The next header, or that behind a fragment header. */
static struct test *proto6(struct pcap_place *p, u32 v)
{
    struct test *behind = both(p, equal(p, CBPF_B, p->nl + 6, P_FRAGMENT), equal(p, CBPF_B, p->nl + 40, v));
    return both(p, test_linktype(p, IP6), either(p, equal(p, CBPF_B, p->nl + 6, v), behind));
}

static struct test *proto46(struct pcap_place *p, u32 v)
{
    return either(p, proto4(p, v), proto6(p, v));
}

struct test *test_protocol(struct pcap_place *p, enum pcap_word w)
{
    switch (w) {
    case WORD_IP: return test_linktype(p, IP4);
    case WORD_IP6: return test_linktype(p, IP6);
    case WORD_ARP: return test_linktype(p, ARP);
    case WORD_RARP: return test_linktype(p, RARP);
    case WORD_DECNET: return test_linktype(p, 0x6003);
    case WORD_LAT: return test_linktype(p, 0x6004);
    case WORD_STP: return test_linktype(p, 0x42);
    case WORD_ISO: return test_linktype(p, 0xfe);
    case WORD_NETBEUI: return test_linktype(p, 0xf0);
    case WORD_TCP: return proto46(p, P_TCP);
    case WORD_UDP: return proto46(p, P_UDP);
    case WORD_SCTP: return proto46(p, P_SCTP);
    case WORD_PIM: return proto46(p, P_PIM);
    case WORD_AH: return proto46(p, P_AH);
    case WORD_ESP: return proto46(p, P_ESP);
    case WORD_ICMP: return proto4(p, P_ICMP);
    case WORD_IGMP: return proto4(p, P_IGMP);
    case WORD_IGRP: return proto4(p, P_IGRP);
    case WORD_VRRP: return proto4(p, P_VRRP);
    case WORD_ICMP6: return proto6(p, P_ICMP6);
    default:
        return pcap_refuse(p, "\"%s\" wants something behind it: \"%s host\", \"%s proto\" ...", pcap_word_text(w),
                           pcap_word_text(w), pcap_word_text(w));
    }
}

struct test *test_vlan(struct pcap_place *p, i32 vid)
{
    struct test *tagged =
        either(p, either(p, test_linktype(p, 0x8100), test_linktype(p, 0x88a8)), test_linktype(p, 0x9100));
    if (vid >= 0)
        tagged = both(p, tagged, test_field(p, CBPF_H, p->nl, 0x0fff, CBPF_JEQ, (u32)vid));
    p->type += 4;
    p->nl += 4;
    return tagged;
}

static struct test *mac_group(struct pcap_place *p)
{
    return test_not(p, test_field(p, CBPF_B, 0, 1, CBPF_JEQ, 0));
}

struct test *test_multicast(struct pcap_place *p, enum pcap_word proto)
{
    switch (proto) {
    case WORD_NONE:
    case WORD_ETHER: return mac_group(p);
    case WORD_IP: return both(p, test_linktype(p, IP4), test_field(p, CBPF_B, p->nl + 16, ~0u, CBPF_JGE, 224));
    case WORD_IP6: return both(p, test_linktype(p, IP6), equal(p, CBPF_B, p->nl + 24, 255));
    default: return pcap_refuse(p, "multicast is of ether, ip or ip6, not of %s", pcap_word_text(proto));
    }
}

struct test *test_broadcast(struct pcap_place *p, enum pcap_word proto)
{
    static const struct macaddr all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    if (proto == WORD_NONE || proto == WORD_ETHER)
        return test_mac(p, DIR_DST, &all);
    if (proto == WORD_IP)
        return pcap_refuse(p, "netmask not known, so 'ip broadcast' not supported; \"ether broadcast\" is");
    return pcap_refuse(p, "broadcast is of ether, not of %s", pcap_word_text(proto));
}

/* ---- addresses ---- */

/* fn for the source, the destination, or both, as dir says. */
static struct test *by_dir(struct pcap_place *p, enum pcap_dir dir,
                           struct test *(*fn)(struct pcap_place *p, bool src, const void *arg), const void *arg)
{
    if (dir == DIR_SRC || dir == DIR_DST)
        return fn(p, dir == DIR_SRC, arg);
    return test_join(p, dir == DIR_AND, fn(p, true, arg), fn(p, false, arg));
}

static struct test *mac_side(struct pcap_place *p, bool src, const void *arg)
{
    const struct macaddr *m = arg;
    u32 at = src ? 6 : 0;
    return both(p, equal(p, CBPF_W, at + 2, load_be32(m->b + 2)), equal(p, CBPF_H, at, load_be16(m->b)));
}

struct test *test_mac(struct pcap_place *p, enum pcap_dir dir, const struct macaddr *m)
{
    return by_dir(p, dir, mac_side, m);
}

struct host4 {
    u32 addr, mask;
    u32 type, src, dst; /* the frame's type, and where the addresses stand in it */
};

static struct test *host4_side(struct pcap_place *p, bool src, const void *arg)
{
    const struct host4 *h = arg;
    return test_field(p, CBPF_W, p->nl + (src ? h->src : h->dst), h->mask, CBPF_JEQ, h->addr);
}

static struct test *host4_of(struct pcap_place *p, enum pcap_dir dir, const struct host4 *h)
{
    return both(p, test_linktype(p, h->type), by_dir(p, dir, host4_side, h));
}

static struct test *wrong_modifier(struct pcap_place *p, const struct pcap_qual *q)
{
    return pcap_refuse(p, "'%s' modifier applied to %s", pcap_word_text(q->proto),
                       q->kind == WORD_NET ? "net" : "host");
}

struct test *test_host4(struct pcap_place *p, const struct pcap_qual *q, u32 addr, u32 mask)
{
    struct host4 ip = {addr, mask, IP4, 12, 16}, arp = {addr, mask, ARP, 14, 24}, rarp = {addr, mask, RARP, 14, 24};
    switch (q->proto) {
    case WORD_NONE:
        return either(p, either(p, host4_of(p, q->dir, &ip), host4_of(p, q->dir, &arp)), host4_of(p, q->dir, &rarp));
    case WORD_IP: return host4_of(p, q->dir, &ip);
    case WORD_ARP: return host4_of(p, q->dir, &arp);
    case WORD_RARP: return host4_of(p, q->dir, &rarp);
    case WORD_ETHER: return pcap_refuse(p, "a MAC address is wanted behind \"ether\", as in 02:00:5e:10:00:01");
    default: return wrong_modifier(p, q);
    }
}

struct host6 {
    struct ipaddr addr, mask;
};

static struct test *host6_side(struct pcap_place *p, bool src, const void *arg)
{
    const struct host6 *h = arg;
    struct test *t = NULL;
    for (u32 i = 0; i < 16; i += 4) {
        struct test *word = test_field(p, CBPF_W, p->nl + (src ? 8 : 24) + i, load_be32(h->mask.b + i), CBPF_JEQ,
                                       load_be32(h->addr.b + i));
        t = t ? both(p, t, word) : word;
    }
    return t;
}

struct test *test_host6(struct pcap_place *p, const struct pcap_qual *q, const struct ipaddr *a, u32 bits)
{
    struct host6 h = {.addr = *a};
    if (q->proto != WORD_NONE && q->proto != WORD_IP6)
        return wrong_modifier(p, q);
    for (u32 i = 0; i < bits; i++)
        h.mask.b[i / 8] |= (u8)(0x80 >> i % 8);
    for (u32 i = 0; i < 16; i++)
        if (a->b[i] & ~h.mask.b[i])
            return pcap_refuse(p, "non-network bits set: more than the first %u", bits);
    return both(p, test_linktype(p, IP6), by_dir(p, q->dir, host6_side, &h));
}

/* ---- ports and protocols ---- */

struct ports {
    u32 from, to;
    bool v6;
};

static struct test *port_compare(struct pcap_place *p, const struct ports *r, bool src, u8 op, u32 k)
{
    struct test *t = test_field(p, CBPF_H, p->nl + (r->v6 ? 40 : 0) + (src ? 0 : 2), ~0u, op, k);
    if (t && !r->v6) {
        t->from = FROM_L4;
        t->nl = p->nl;
    }
    return t;
}

static struct test *port_side(struct pcap_place *p, bool src, const void *arg)
{
    const struct ports *r = arg;
    if (r->from == r->to)
        return port_compare(p, r, src, CBPF_JEQ, r->from);
    return both(p, port_compare(p, r, src, CBPF_JGE, r->from), test_not(p, port_compare(p, r, src, CBPF_JGT, r->to)));
}

struct test *test_unfragmented(struct pcap_place *p)
{
    return test_not(p, test_field(p, CBPF_H, p->nl + 6, ~0u, CBPF_JSET, 0x1fff));
}

/* Of one protocol: it is that one (and no later fragment), and the ports are those. */
static struct test *ports_of(struct pcap_place *p, enum pcap_dir dir, const struct ports *r, u32 proto)
{
    struct test *is = equal(p, CBPF_B, p->nl + (r->v6 ? 6 : 9), proto);
    if (!r->v6)
        is = both(p, is, test_unfragmented(p));
    return both(p, is, by_dir(p, dir, port_side, r));
}

static struct test *ports_of_family(struct pcap_place *p, const struct pcap_qual *q, const struct ports *r)
{
    struct test *t;
    if (q->proto != WORD_NONE)
        t = ports_of(p, q->dir, r, q->proto == WORD_TCP ? P_TCP : q->proto == WORD_UDP ? P_UDP : P_SCTP);
    else
        t = either(p, either(p, ports_of(p, q->dir, r, P_TCP), ports_of(p, q->dir, r, P_UDP)),
                   ports_of(p, q->dir, r, P_SCTP));
    return both(p, test_linktype(p, r->v6 ? IP6 : IP4), t);
}

struct test *test_ports(struct pcap_place *p, const struct pcap_qual *q, u32 from, u32 to)
{
    struct ports v4 = {min(from, to), max(from, to), false}, v6 = {min(from, to), max(from, to), true};
    if (v4.to > 65535)
        return pcap_refuse(p, "illegal port number %u > 65535", v4.to);
    if (q->proto != WORD_NONE && q->proto != WORD_TCP && q->proto != WORD_UDP && q->proto != WORD_SCTP)
        return pcap_refuse(p, "illegal qualifier of 'port': tcp, udp and sctp have ports, %s has none",
                           pcap_word_text(q->proto));
    return either(p, ports_of_family(p, q, &v6), ports_of_family(p, q, &v4));
}

struct test *test_proto(struct pcap_place *p, const struct pcap_qual *q, u32 v)
{
    if (q->dir != DIR_ANY)
        return pcap_refuse(p, "direction applied to 'proto'");
    if (v > (q->proto == WORD_ETHER ? 65535 : 255))
        return pcap_refuse(p, "a protocol's number is at most %u", q->proto == WORD_ETHER ? 65535 : 255);
    switch (q->proto) {
    case WORD_NONE: return proto46(p, v);
    case WORD_ETHER: return test_linktype(p, v);
    case WORD_IP: return proto4(p, v);
    case WORD_IP6: return proto6(p, v);
    default: return pcap_refuse(p, "'%s proto' is bogus: it is said of ip, ip6 and ether", pcap_word_text(q->proto));
    }
}
