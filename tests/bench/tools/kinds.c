/* Kinds of frames (see kinds.h). `net` in what follows: the lowest 24 bits of an IPv4 address, or 64 of an IPv6 one,
 * are random. Where an address of the net itself could be meant, bit 7 is set: nobody who is there has that.
 *
 *     scan    UDP to anybody in dst's net                 few     UDP to 200 of dst's net, by turns
 *     frag    the first fragment, and never another       tiny    8 bytes of one datagram for each of 1024, by turns
 *     echo    pings of dst                                ttl     UDP to dst, whose hops are used up
 *     ask     ARP or NDP asks for dst, from anybody in src's net
 *     claim   ARP or NDP says that somebody of src's net is here
 *     ra      advertisements of routers without end (IPv6)
 */
#include "tests/bench/tools/kinds.h"

#include <netinet/in.h>
#include <string.h>

#define ETH    14u
#define HEAD_4 20u
#define HEAD_6 40u
#define DATA   18u
#define FEW    200u

static uint64_t random_word(void)
{
    static uint64_t x = 0x9e3779b97f4a7c15ull;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static unsigned get16(const uint8_t *p)
{
    return (unsigned)(p[0] << 8 | p[1]);
}

static uint32_t sum(uint32_t s, const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i + 1 < n; i += 2)
        s += get16(p + i);
    return n & 1 ? s + (uint32_t)(p[n - 1] << 8) : s;
}

static void put_sum(uint8_t *p, uint32_t s)
{
    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    put16(p, ~s & 0xffff);
}

static void anybody(uint8_t *a, const uint8_t *net, bool v6)
{
    uint64_t r = random_word();
    memcpy(a, net, 16);
    memcpy(a + (v6 ? 8 : 1), &r, v6 ? 8 : 3);
    a[v6 ? 15 : 3] |= 0x80;
}

static void one_of_few(uint8_t *a, const uint8_t *net, bool v6, uint64_t seq)
{
    memcpy(a, net, 16);
    a[v6 ? 14 : 2] = 77;
    a[v6 ? 15 : 3] = (uint8_t)(1 + seq % FEW);
}

/* ---- layers ---- */

static uint8_t *put_eth(uint8_t *f, const struct ends *e, unsigned type)
{
    memset(f, 0, 100);
    memcpy(f, e->to, 6);
    memcpy(f + 6, e->from, 6);
    put16(f + 12, type);
    return f + ETH;
}

/* n bytes follow; where they go */
static uint8_t *put_ip(uint8_t *f, const struct ends *e, const uint8_t *dst, unsigned proto, unsigned hops, unsigned n)
{
    uint8_t *h = put_eth(f, e, e->v6 ? 0x86dd : 0x0800);
    if (e->v6) {
        h[0] = 0x60;
        put16(h + 4, n);
        h[6] = (uint8_t)proto;
        h[7] = (uint8_t)hops;
        memcpy(h + 8, e->src, 16);
        memcpy(h + 24, dst, 16);
        return h + HEAD_6;
    }
    h[0] = 0x45;
    put16(h + 2, HEAD_4 + n);
    h[8] = (uint8_t)hops;
    h[9] = (uint8_t)proto;
    memcpy(h + 12, e->src, 4);
    memcpy(h + 16, dst, 4);
    put_sum(h + 10, sum(0, h, HEAD_4));
    return h + HEAD_4;
}

static void put_icmp6_sum(uint8_t *f, unsigned n)
{
    uint8_t *h = f + ETH;
    put_sum(h + HEAD_6 + 2, sum(IPPROTO_ICMPV6 + n, h + 8, 32 + n));
}

static unsigned length(const struct ends *e, unsigned n)
{
    return ETH + (e->v6 ? HEAD_6 : HEAD_4) + n;
}

static unsigned udp(uint8_t *f, const struct ends *e, const uint8_t *dst, unsigned hops)
{
    uint8_t *u = put_ip(f, e, dst, IPPROTO_UDP, hops, 8 + DATA);
    put16(u, 40000);
    put16(u + 2, 9);
    put16(u + 4, 8 + DATA);
    put16(u + 6, e->v6 ? 0x5757 : 0); /* which is none of a router's business */
    return length(e, 8 + DATA);
}

unsigned ping_fill(uint8_t *f, const struct ends *e, uint16_t id, uint16_t seq)
{
    uint8_t *p = put_ip(f, e, e->dst, e->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 64, 8 + DATA);
    p[0] = e->v6 ? 128 : 8;
    put16(p + 4, id);
    put16(p + 6, seq);
    if (e->v6)
        put_icmp6_sum(f, 8 + DATA);
    else
        put_sum(p + 2, sum(0, p, 8 + DATA));
    return length(e, 8 + DATA);
}

bool ping_answers(const uint8_t *f, unsigned n, uint16_t id, bool *v6, uint16_t *seq)
{
    *v6 = get16(f + 12) == 0x86dd;
    const uint8_t *p = f + ETH + (*v6 ? HEAD_6 : HEAD_4);
    if (n < ETH + HEAD_4 + 8 || (*v6 ? n < ETH + HEAD_6 + 8 || f[ETH + 6] != IPPROTO_ICMPV6 || p[0] != 129
                                     : get16(f + 12) != 0x0800 || f[ETH + 9] != IPPROTO_ICMP || p[0] != 0))
        return false;
    *seq = (uint16_t)get16(p + 6);
    return get16(p + 4) == id;
}

/* ---- kinds ---- */

static unsigned scan(uint8_t *f, const struct ends *e, uint64_t seq)
{
    uint8_t dst[16];
    (void)seq;
    anybody(dst, e->dst, e->v6);
    return udp(f, e, dst, 64);
}

static unsigned few(uint8_t *f, const struct ends *e, uint64_t seq)
{
    uint8_t dst[16];
    one_of_few(dst, e->dst, e->v6, seq);
    return udp(f, e, dst, 64);
}

static unsigned ttl(uint8_t *f, const struct ends *e, uint64_t seq)
{
    (void)seq;
    return udp(f, e, e->dst, 1);
}

static unsigned echo(uint8_t *f, const struct ends *e, uint64_t seq)
{
    return ping_fill(f, e, 1, (uint16_t)seq);
}

/* 24 bytes of the datagram `id`, from `at` on, and more are to come. */
static unsigned fragment(uint8_t *f, const struct ends *e, uint32_t id, unsigned at, unsigned n)
{
    if (e->v6) {
        uint8_t *x = put_ip(f, e, e->dst, IPPROTO_FRAGMENT, 64, 8 + n);
        x[0] = IPPROTO_UDP;
        put16(x + 2, at | 1);
        put16(x + 4, id >> 16);
        put16(x + 6, id & 0xffff);
        return length(e, 8 + n);
    }
    uint8_t *h = put_ip(f, e, e->dst, IPPROTO_UDP, 64, n) - HEAD_4;
    put16(h + 4, id & 0xffff);
    put16(h + 6, 0x2000 | at / 8);
    put16(h + 10, 0);
    put_sum(h + 10, sum(0, h, HEAD_4));
    return length(e, n);
}

static unsigned frag(uint8_t *f, const struct ends *e, uint64_t seq)
{
    return fragment(f, e, (uint32_t)seq, 0, 24);
}

static unsigned tiny(uint8_t *f, const struct ends *e, uint64_t seq)
{
    return fragment(f, e, (uint32_t)(seq / 1024), (unsigned)(seq % 1024) * 16, 8);
}

static unsigned arp(uint8_t *f, const struct ends *e, unsigned op, const uint8_t *spa, const uint8_t *tpa)
{
    static const uint8_t head[] = {0, 1, 8, 0, 6, 4};
    uint8_t *a = put_eth(f, e, 0x0806);
    memset(f, 0xff, 6);
    memcpy(a, head, sizeof(head));
    put16(a + 6, op);
    memcpy(a + 8, e->from, 6);
    memcpy(a + 14, spa, 4);
    memcpy(a + 24, tpa, 4);
    return 60;
}

static unsigned ndp(uint8_t *f, const struct ends *e, unsigned type, const uint8_t *dst, const uint8_t *target)
{
    uint8_t *p = put_ip(f, e, dst, IPPROTO_ICMPV6, 255, 32);
    p[0] = (uint8_t)type;
    p[4] = type == 136 ? 0x20 : 0; /* override */
    memcpy(p + 8, target, 16);
    p[24] = type == 136 ? 2 : 1;
    p[25] = 1;
    memcpy(p + 26, e->from, 6);
    put_icmp6_sum(f, 32);
    return length(e, 32);
}

static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};

static void to_all(uint8_t *f)
{
    memcpy(f, (uint8_t[]){0x33, 0x33, 0, 0, 0, 1}, 6);
}

static unsigned ask(uint8_t *f, const struct ends *e, uint64_t seq)
{
    struct ends x = *e;
    (void)seq;
    anybody(x.src, e->src, e->v6);
    return e->v6 ? ndp(f, &x, 135, e->dst, e->dst) : arp(f, e, 1, x.src, e->dst);
}

static unsigned claim(uint8_t *f, const struct ends *e, uint64_t seq)
{
    struct ends x = *e;
    anybody(x.src, e->src, e->v6);
    if (!e->v6)
        return arp(f, e, 1 + (seq & 1), x.src, x.src);
    unsigned n = ndp(f, &x, 136, all_nodes, x.src);
    to_all(f);
    return n;
}

static unsigned ra(uint8_t *f, const struct ends *e, uint64_t seq)
{
    struct ends x = *e;
    (void)seq;
    anybody(x.src, (const uint8_t[16]){0xfe, 0x80}, true);
    uint8_t *p = put_ip(f, &x, all_nodes, IPPROTO_ICMPV6, 255, 16 + 8 + 32);
    p[0] = 134;
    p[4] = 64;
    put16(p + 6, 10); /* s */
    p[16] = 1;
    p[17] = 1;
    memcpy(p + 18, e->from, 6);
    p += 24;
    p[0] = 3;
    p[1] = 4;
    p[2] = 64;
    p[3] = 0xc0;
    p[7] = p[11] = 10;
    memcpy(p + 16, (uint8_t[]){0x20, 1, 0xd, 0xb8}, 4);
    memcpy(p + 20, x.src + 8, 4);
    put_icmp6_sum(f, 16 + 8 + 32);
    to_all(f);
    return length(e, 16 + 8 + 32);
}

static const struct {
    const char *name;
    kind_fill *fill;
} kinds[] = {{"scan", scan}, {"few", few}, {"frag", frag},   {"tiny", tiny}, {"echo", echo},
             {"ttl", ttl},   {"ask", ask}, {"claim", claim}, {"ra", ra}};

kind_fill *kind_named(const char *name)
{
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strcmp(name, kinds[i].name))
            return kinds[i].fill;
    return NULL;
}
