/* Flows: who speaks to whom, and the hash that GRO, RPS, ECMP and conntrack share (contract: parse.h).
 *
 * The hash is the same for both directions because the two ends are put in order first, each address with its port. Its
 * key is drawn when the net is made, so nobody outside can aim at a bucket.
 */
#include "lib/hash.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "net/skb/drop.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/eth.h"
#include "net/wire/icmp.h"
#include "net/wire/ip6.h"
#include "net/wire/udp.h"

struct flow_net {
    struct hash_key key;
};

static int draw_key(struct net *net, void *slot)
{
    struct flow_net *f = slot;
    rand_bytes(&f->key, sizeof(f->key));
    return 0;
}

NET_SLOT(flow_net, struct flow_net, draw_key, NULL);

/* The headers of a parsed packet are linear: these are its bytes. */
static const void *layer(const struct skb *s, u16 at)
{
    return (const u8 *)s->buf + at;
}

static struct ipaddr addr4(const u8 a[4])
{
    return ipaddr_of4(a[0], a[1], a[2], a[3]);
}

static void ports_of(const struct skb *s, be16 *sport, be16 *dport)
{
    *sport = *dport = be16_of(0);
    if (s->has & SKB_FRAGMENT)
        return;
    if (s->has & (SKB_TCP | SKB_UDP)) { /* both begin with the ports */
        const struct udp_hdr *h = layer(s, s->l4);
        *sport = h->sport;
        *dport = h->dport;
    } else if (s->has & (SKB_ICMP | SKB_ICMP6)) {
        const struct icmp_hdr *h = layer(s, s->l4);
        if (s->has & SKB_ICMP ? icmp_has_id(h->type) : icmp6_has_id(h->type))
            *sport = *dport = h->id;
    }
}

void flow_of(const struct skb *s, struct flow *f)
{
    if (s->has & SKB_IP4) {
        const struct ip4_hdr *h = layer(s, s->l3);
        f->src = addr4(h->src);
        f->dst = addr4(h->dst);
    } else {
        const struct ip6_hdr *h = layer(s, s->l3);
        f->src = h->src;
        f->dst = h->dst;
    }
    ports_of(s, &f->sport, &f->dport);
    f->proto = s->l4_proto;
}

/* ---- the hash ---- */

struct key4 {
    u8 low[4], high[4];
    u16 low_port, high_port;
    u32 proto;
};

struct key6 {
    struct ipaddr low, high;
    u16 low_port, high_port;
    u32 proto;
};

static bool in_order(const void *a, const void *b, size_t n, be16 pa, be16 pb)
{
    int order = memcmp(a, b, n);
    return order < 0 || (!order && pa.raw <= pb.raw);
}

static u32 hash4(const struct hash_key *key, const u8 *src, const u8 *dst, be16 sport, be16 dport, u8 proto)
{
    u32 a = load_le32(src), b = load_le32(dst);
    struct key4 k = {.proto = proto};
    bool swap = a != b ? a > b : sport.raw > dport.raw;
    store_le32(k.low, swap ? b : a);
    store_le32(k.high, swap ? a : b);
    k.low_port = swap ? dport.raw : sport.raw;
    k.high_port = swap ? sport.raw : dport.raw;
    return (u32)siphash13_fixed(key, &k, sizeof(k));
}

static u32 hash6(const struct hash_key *key, const struct ipaddr *src, const struct ipaddr *dst, be16 sport, be16 dport,
                 u8 proto)
{
    bool swap = !in_order(src, dst, sizeof(*src), sport, dport);
    struct key6 k = {*(swap ? dst : src), *(swap ? src : dst), (swap ? dport : sport).raw, (swap ? sport : dport).raw,
                     proto};
    return (u32)siphash13_fixed(key, &k, sizeof(k));
}

static u32 hash_eth(const struct hash_key *key, const struct skb *s)
{
    struct eth_hdr h;
    if (skb_read(s, 0, &h, sizeof(h)))
        return 1;
    struct key6 k = {.proto = be16_get(h.type)};
    bool swap = memcmp(&h.src, &h.dst, sizeof(h.src)) > 0;
    memcpy(&k.low, swap ? &h.dst : &h.src, sizeof(h.src));
    memcpy(&k.high, swap ? &h.src : &h.dst, sizeof(h.src));
    return (u32)siphash13_fixed(key, &k, sizeof(k));
}

u32 skb_hash(struct skb *s)
{
    if (s->flags & SKB_HASHED)
        return s->hash;
    const struct hash_key *key = &NET_GET(skb_buf_pool(s->buf)->net, struct flow_net, flow_net)->key;
    be16 sport, dport;
    u32 h;

    if (!(s->has & SKB_PARSED))
        skb_parse(s);
    ports_of(s, &sport, &dport);
    if (s->has & SKB_IP4) {
        const struct ip4_hdr *ip = layer(s, s->l3);
        h = hash4(key, ip->src, ip->dst, sport, dport, ip->proto);
    } else if (s->has & SKB_IP6) {
        const struct ip6_hdr *ip = layer(s, s->l3);
        h = hash6(key, &ip->src, &ip->dst, sport, dport, s->has & SKB_FRAGMENT ? IP_FRAGMENT : s->l4_proto);
    } else {
        h = hash_eth(key, s);
    }
    s->hash = h ? h : 1;
    s->flags |= SKB_HASHED;
    return s->hash;
}

u32 flow_hash(struct net *net, const struct flow *f)
{
    const struct hash_key *key = &NET_GET(net, struct flow_net, flow_net)->key;
    u32 h = ipaddr_is4(&f->src) ? hash4(key, f->src.b + 12, f->dst.b + 12, f->sport, f->dport, f->proto)
                                : hash6(key, &f->src, &f->dst, f->sport, f->dport, f->proto);
    return h ? h : 1;
}
