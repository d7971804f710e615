/* Segments to large packets (contract: gro.h). Linux: net/core/gro.c.
 *
 *     a packet --wanted?--> a guess by unkeyed bits of addresses and ports --joins?--> its fragment        the usual
 * way | no                | no v                   v passes on       parsed, its flow's hash: 8 places --joins? begins?
 * neither: what is held of its flow goes first
 *
 * The guess costs a multiplication, and joining compares all of the header's bytes: what is equal to a header that was
 * parsed needs no parse, and its flow's hash is known. Who aims at the guess makes his packets take the longer way, no
 * more. Of nine flows whose hashes meet in a set the one that was there first is sent on early.
 *
 * All of a napi's, whose owner polls: no lock.
 */
#include "net/dev/gro.h"

#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/wire/eth.h"
#include "net/wire/ip6.h"

#define IDS_ANY   0 /* one segment: not known */
#define IDS_COUNT 1
#define IDS_FIXED 2

#define AHEAD     4u /* packets, of which the headers are fetched while this one is looked at */
#define HELD_MOST (GRO_SETS * GRO_WAYS)
#define L3_MOST   (ETH_HLEN + 2 * VLAN_HLEN)

struct gro {
    struct netdev *dev;
    u32 features; /* of the device, when `wants` was made of them */
    u32 n, born;
    u32 since;   /* ms: what comes now is held since then */
    u64 wants;   /* a bit for each IP protocol below 64 */
    bool joined; /* the device is */
    u64 used[2]; /* a bit for each place */
    struct skbq out;
    struct gro_held held[HELD_MOST]; /* GRO_WAYS for each set, */
    u32 hash[HELD_MOST];             /* and their flows' hashes; 0: this place is free */
    u8 hint[GRO_HINTS];              /* a place */
};
static_assert(HELD_MOST == 128, "two words of bits, and a byte for a place");

COUNTER(gro_joined, "Gro.Joined", "segments that became part of a larger packet");
COUNTER(gro_full, "Gro.Full", "packets that were held, and sent on because other flows needed the place");

/* ---- on ---- */

static void hand_on(struct gro *g)
{
    if (g->out.n)
        dev_rx_steered(g->dev, &g->out);
    g->out.n = 0;
}

static void emit(struct gro *g, struct skb *s)
{
    if (unlikely(g->out.n == SKBQ_MOST))
        hand_on(g);
    skbq_add(&g->out, s);
}

static void set_ip(struct skb *s)
{
    u32 len = s->len - skb_at(s, s->l3);
    if (s->has & SKB_IP6) {
        struct ip6_hdr *h = (struct ip6_hdr *)((u8 *)s->buf + s->l3);
        h->payload = be16_of((u16)(len - IP6_HLEN));
        return;
    }
    struct ip4_hdr *h = (struct ip4_hdr *)((u8 *)s->buf + s->l3);
    be16 was = h->len;
    h->len = be16_of((u16)len);
    h->check = csum_replace16(h->check, was, h->len);
}

static u8 kind(const struct gro_ops *ops, const struct skb *s)
{
    return s->has & SKB_IP4 ? ops->gso4 : ops->gso6;
}

/* The headers of a packet that grew say so. */
static void complete(const struct gro_held *h)
{
    struct skb *s = h->s;
    s->gso = kind(h->ops, s);
    s->gso_size = h->mss;
    s->gso_segs = h->segs;
    if (h->ids == IDS_FIXED)
        s->flags |= SKB_GSO_FIXED;
    set_ip(s);
    if (h->ops->complete)
        h->ops->complete(s, h);
    cksum_begin(s, h->ops->proto);
}

static void send_on(struct gro *g, struct gro_held *h)
{
    u32 at = (u32)(h - g->held);
    if (h->grown)
        complete(h);
    emit(g, h->s);
    h->s = NULL;
    g->hash[at] = 0;
    g->used[at / 64] &= ~(1ull << at % 64);
    g->n--;
}

static void send_all(struct gro *g)
{
    for (u32 w = 0; w < ARRAY_LEN(g->used); w++)
        for (u64 bits = g->used[w]; bits; bits &= bits - 1)
            send_on(g, &g->held[w * 64 + (u32)__builtin_ctzll(bits)]);
}

/* ---- joining ---- */

static u64 differ64(const u8 *a, const u8 *b)
{
    return load_le64(a) ^ load_le64(b);
}

/* Is it a packet that is ours alone, its checksum at the place where cutting puts it, and nothing else about it? */
static inline bool is_whole(const struct gro_ops *ops, const struct skb *s, u32 l4)
{
    if (s != &s->buf->skb || s->refs != 1 || (s->flags & (SKB_PARKED | SKB_PROBE | SKB_GSO_FIXED)))
        return false;
    if (likely(s->cksum != CKSUM_PARTIAL))
        return !s->gso;
    return s->csum_start == skb_off(s) + l4 && s->csum_offset == ops->check;
}

static inline bool same_link(const struct gro_held *h, const struct skb *s)
{
    const u8 *a = h->s->data, *b = s->data;
    u64 differ = differ64(a, b) | differ64(a + 6, b + 6) | differ64(a + h->l3 - 8, b + h->l3 - 8);
    differ |= (h->s->flags ^ s->flags) & SKB_VLAN;
    if (unlikely(s->flags & SKB_VLAN))
        differ |= load_le32(&h->s->vlan_tci) ^ load_le32(&s->vlan_tci);
    return !differ;
}

/* Does id go on as the others do? As what, or 0. */
static inline u8 ids_go_on(const struct gro_held *h, u16 id, bool df, u32 segs)
{
    if (h->ids != IDS_FIXED && id == (u16)(h->id + h->segs))
        return IDS_COUNT;
    if (h->ids != IDS_COUNT && id == h->id && df && segs == 1)
        return IDS_FIXED;
    return 0;
}

/* A header whose check is not the one that a sender writes would come out another: 0 and all ones are one sum. */
static inline bool ip4_check_ok(const u8 *ip)
{
    u64 a = load_le64(ip), b = load_le64(ip + 8), sum = load_le32(ip + 16);
    sum += (a & 0xffffffff) + (a >> 32) + (b & 0xffffffff) + (b >> 32);
    return load_le16(ip + 10) != 0xffff && csum_fold(csum_add((u32)sum, (u32)(sum >> 32))).raw == 0;
}

static inline u8 follows_ip4(const struct gro_held *h, const u8 *a, const u8 *b, u32 len, u32 segs)
{
    u64 differ = differ64(a, b) & 0xffff00000000ffff;      /* not the length, not the id */
    differ |= differ64(a + 8, b + 8) & 0xffffffff0000ffff; /* not the checksum */
    differ |= load_le32(a + 16) ^ load_le32(b + 16);
    if (differ || load_be16(b + 2) != len || !ip4_check_ok(b))
        return 0;
    return ids_go_on(h, load_be16(b + 4), b[6] & IP4_DF >> 8, segs);
}

static inline u8 follows_ip6(const struct gro_held *h, const u8 *a, const u8 *b, u32 len)
{
    u64 differ = differ64(a, b) & 0xffff0000ffffffff; /* not the length */
    for (u32 at = 8; at < (u32)h->l4 - h->l3; at += 8)
        differ |= differ64(a + at, b + at);
    return !differ && load_be16(b + 4) + IP6_HLEN == len ? IDS_COUNT : 0;
}

/* Is its checksum right? What it wants to know of s is what the parse of the first of the row found. */
static NOINLINE bool sums_up(const struct gro_held *h, struct skb *s)
{
    u32 had = s->has;
    s->l3 = (u16)(skb_off(s) + h->l3);
    s->l4 = (u16)(skb_off(s) + h->l4);
    s->has = h->s->has;
    s->l4_proto = h->s->l4_proto;
    bool ok = cksum_ok(s);
    s->has = had; /* its L4 header may yet be another */
    return ok;
}

/* s into h, if it is the next of its row: GRO_NOT: s is yours still. */
static enum gro_fit join(struct gro_held *h, struct skb *s)
{
    if (s->linear < h->hlen || s->len <= h->hlen || !same_link(h, s) || !is_whole(h->ops, s, h->l4))
        return GRO_NOT;
    u32 payload = s->len - h->hlen, segs = 1, len = s->len - h->l3;
    bool last = payload != h->mss;
    const u8 *a = h->s->data + h->l3, *b = s->data + h->l3;
    if (unlikely(s->gso)) {
        if (s->gso != kind(h->ops, h->s) || s->gso_size != h->mss)
            return GRO_NOT;
        segs = (payload + h->mss - 1) / h->mss;
        last = payload % h->mss;
    } else if (payload > h->mss) {
        return GRO_NOT;
    }
    u8 ids = h->s->has & SKB_IP4 ? follows_ip4(h, a, b, len, segs) : follows_ip6(h, a, b, len);
    if (!ids || h->s->len - h->l3 + payload > GRO_LEN_MOST)
        return GRO_NOT;
    if (s->frags + 1u + h->s->frags > SKB_FRAGS ||
        (s->cksum != CKSUM_VERIFIED && s->cksum != CKSUM_PARTIAL && !sums_up(h, s)))
        return GRO_NOT;
    enum gro_fit fit = h->ops->follows(h, s, payload);
    if (fit == GRO_NOT)
        return GRO_NOT;
    skb_join(h->s, s, h->hlen);
    h->segs = (u16)(h->segs + segs);
    h->ids = ids;
    h->grown = true;
    return last || h->s->len - h->l3 + h->mss > GRO_LEN_MOST ? GRO_ENDS : fit;
}

/* ---- the longer way ---- */

/* The families' headers are linear: both were parsed. */
static bool same_flow(const struct gro_held *h, const struct skb *s)
{
    const u8 *a = h->s->data, *b = s->data;
    u32 l3 = skb_at(s, s->l3), l4 = skb_at(s, s->l4);
    if (l3 != h->l3 || s->l4_proto != h->ops->proto || ((s->has ^ h->s->has) & SKB_IP))
        return false;
    if (((s->flags ^ h->s->flags) & SKB_VLAN) ||
        ((s->flags & SKB_VLAN) && load_le32(&s->vlan_tci) != load_le32(&h->s->vlan_tci)))
        return false;
    for (u32 at = 12; at < l3; at += 2) /* tags and type */
        if (load_le16(a + at) != load_le16(b + at))
            return false;
    if (load_le32(a + h->l4) != load_le32(b + l4)) /* ports */
        return false;
    a += l3;
    b += l3;
    if (s->has & SKB_IP4)
        return !differ64(a + 12, b + 12);
    return !(differ64(a + 8, b + 8) | differ64(a + 16, b + 16) | differ64(a + 24, b + 24) | differ64(a + 32, b + 32));
}

/* Whose part this is nobody can say: what is held between its addresses goes first; or all, if they cannot be read. */
static NOINLINE void send_addresses(struct gro *g, const struct skb *s)
{
    struct flow f, held;
    if (!skb_has_any(s, SKB_IP)) {
        send_all(g);
        return;
    }
    flow_of(s, &f);
    for (u32 w = 0; w < ARRAY_LEN(g->used); w++)
        for (u64 bits = g->used[w]; bits; bits &= bits - 1) {
            struct gro_held *h = &g->held[w * 64 + (u32)__builtin_ctzll(bits)];
            flow_of(h->s, &held);
            if (!memcmp(&f.src, &held.src, 2 * sizeof(f.src)))
                send_on(g, h);
        }
}

static const struct gro_ops *ops_of(const struct gro *g, u8 proto)
{
    SET_FOREACH(gro, const struct gro_ops, ops)
        if (ops->proto == proto && (g->features & ops->feature))
            return ops;
    return NULL;
}

/* May s, which was parsed, be the first of a row? Fills h. */
static bool begins(struct gro_held *h, const struct gro_ops *ops, struct skb *s)
{
    u32 l3 = skb_at(s, s->l3), l4 = skb_at(s, s->l4);
    const u8 *ip = s->data + l3;
    *h = (struct gro_held){.s = s, .ops = ops, .l3 = (u16)l3, .l4 = (u16)l4, .segs = 1};
    if (l3 > L3_MOST || !is_whole(ops, s, l4))
        return false;
    if (s->has & SKB_IP4) {
        if (l4 != l3 + IP4_HLEN || load_be16(ip + 2) != s->len - l3 || !ip4_check_ok(ip))
            return false;
        h->id = load_be16(ip + 4);
    } else if (load_be16(ip + 4) + IP6_HLEN != s->len - l3) {
        return false;
    }
    if (!ops->begins(h, s->len - l4) || s->len <= h->hlen)
        return false;
    u32 payload = s->len - h->hlen;
    h->mss = (u16)payload;
    if (s->gso) { /* of the host, which counts ids up */
        if (s->gso != kind(ops, s) || !s->gso_size || payload % s->gso_size)
            return false;
        h->mss = s->gso_size;
        h->segs = (u16)(payload / s->gso_size);
        h->ids = h->segs > 1 ? IDS_COUNT : IDS_ANY;
    }
    return s->len - l3 + h->mss <= GRO_LEN_MOST && s->frags < SKB_FRAGS;
}

static struct gro_held *find(struct gro *g, u32 hash, const struct skb *s)
{
    u32 set = hash % GRO_SETS * GRO_WAYS;
    for (u32 at = set; at < set + GRO_WAYS; at++)
        if (g->hash[at] == hash && same_flow(&g->held[at], s))
            return &g->held[at];
    return NULL;
}

/* A free place in the hash's set; the one that was there first makes room. */
static struct gro_held *place(struct gro *g, u32 hash)
{
    struct gro_held *h = &g->held[hash % GRO_SETS * GRO_WAYS], *oldest = h;
    for (u32 i = 0; i < GRO_WAYS; i++) {
        if (!h[i].s)
            return &h[i];
        if ((i32)(h[i].born - oldest->born) < 0)
            oldest = &h[i];
    }
    count(dev_net(g->dev), gro_full);
    send_on(g, oldest);
    return oldest;
}

static void hold(struct gro *g, const struct gro_held *first, u8 *hint)
{
    struct gro_held *h = place(g, first->s->hash);
    u32 at = (u32)(h - g->held);
    *h = *first;
    g->hash[at] = first->s->hash;
    h->born = g->born++;
    h->since = g->since;
    g->used[at / 64] |= 1ull << at % 64;
    g->n++;
    if (hint)
        *hint = (u8)at;
}

static NOINLINE void take_slowly(struct gro *g, struct skb *s, u8 *hint)
{
    struct gro_held first, *h;
    if (!(s->has & SKB_PARSED))
        skb_parse(s);
    if (unlikely(!skb_has_any(s, SKB_TCP | SKB_UDP) || (s->has & SKB_FRAGMENT))) {
        if (g->n)
            send_addresses(g, s);
        emit(g, s);
        return;
    }
    const struct gro_ops *ops = ops_of(g, s->l4_proto);
    bool may = ops && begins(&first, ops, s);
    if (!ops || (!may && !g->n)) {
        emit(g, s);
        return;
    }
    h = find(g, skb_hash(s), s);
    if (h) {
        enum gro_fit fit = join(h, s);
        if (fit == GRO_JOINS && hint)
            *hint = (u8)(h - g->held);
        if (fit != GRO_JOINS)
            send_on(g, h);
        if (fit != GRO_NOT)
            return;
    }
    if (may && cksum_ok(s))
        hold(g, &first, hint);
    else
        emit(g, s);
}

/* ---- the usual way ---- */

/* Its bytes would have to be summed up first. */
static inline bool is_unverified(const struct skb *s)
{
    return s->cksum != CKSUM_VERIFIED && s->cksum != CKSUM_PARTIAL;
}

/* To sum up what only goes on to others costs more than to send it on frame by frame. */
static NOINLINE bool passes_on(const struct gro *g, const struct skb *s, u32 at)
{
    return s->linear >= at + IP6_HLEN && dev_passes_on(g->dev, load_be16(s->data + at - 2), s->data + at);
}

/* Is it more than it is worth? As well where frames pass as they came, of what is large already. */
static inline bool is_spared(const struct gro *g, const struct skb *s, u32 at)
{
    if (g->n || (likely(!is_unverified(s)) && !(g->joined && s->gso)))
        return false;
    return g->joined || passes_on(g, s, at);
}

static NOINLINE u32 wanted_else(const struct gro *g, const u8 *p)
{
    u32 at = ETH_HLEN;
    u16 type = load_be16(p + 12);
    for (; eth_is_vlan(type) && at < L3_MOST; at += VLAN_HLEN)
        type = load_be16(p + at + 2);
    if (type != ETH_IP4 && type != ETH_IP6)
        return 0;
    return g->wants >> (p[at + (type == ETH_IP4 ? 9 : 6)] & 63) & 1 ? at : 0;
}

/* Where the IP header stands of a packet that may join another, or whose flow's packet may be held; 0: of no such one.
 * It errs by what take_slowly finds out: with few bytes in the linear part, and with protocols from 64 on. */
static inline u32 wanted(const struct gro *g, const struct skb *s)
{
    const u8 *p = s->data;
    u32 at = ETH_HLEN;
    if (unlikely(s->linear < ETH_HLEN + 10))
        return at;
    if (likely(load_le16(p + 12) == be16_of(ETH_IP4).raw)) {
        if (likely(!(g->wants >> (p[ETH_HLEN + 9] & 63) & 1)))
            return 0;
    } else {
        at = wanted_else(g, p);
    }
    return is_spared(g, s, at) ? 0 : at;
}

/* Where the guess for this packet stands; NULL: there are too few bytes. */
static inline u8 *hint_for(struct gro *g, const struct skb *s, u32 at)
{
    const u8 *ip = s->data + at;
    u64 bits;
    if (s->linear < at + IP6_HLEN + 4)
        return NULL;
    if (ip[0] >> 4 == 4)
        bits = load_le64(ip + 12) + load_le32(ip + 20) * 0xd6e8feb86659fd93ull;
    else
        bits = (load_le64(ip + 16) ^ load_le64(ip + 32)) + load_le32(ip + 40) * 0xd6e8feb86659fd93ull;
    return &g->hint[bits * 0x9e3779b97f4a7c15ull >> 54];
}
static_assert(GRO_HINTS == 1 << (64 - 54), "the bits that are left");

static void take(struct gro *g, struct skb *s, u32 at, u32 *joined)
{
    u8 *hint = hint_for(g, s, at);
    if (likely(hint)) {
        struct gro_held *h = &g->held[*hint];
        enum gro_fit fit = h->s ? join(h, s) : GRO_NOT;
        if (fit == GRO_ENDS)
            send_on(g, h);
        if (fit != GRO_NOT) {
            ++*joined;
            return;
        }
    }
    take_slowly(g, s, hint);
}

/* Headers of TCP with timestamps end in their second line. */
static inline void look_ahead(const struct skbq *q, u32 i)
{
    if (i + AHEAD >= q->n)
        return;
    const u8 *p = q->p[i + AHEAD]->data;
    prefetch(p);
    prefetch(p + CACHE_LINE);
}

/* From the first one on that is wanted. */
static NOINLINE void sort(struct gro *g, struct skbq *q, u32 from, u64 now)
{
    u32 joined = 0;
    g->since = (u32)(now / NS_PER_MS);
    for (u32 i = 0; i < from; i++)
        emit(g, q->p[i]);
    for (u32 i = from; i < q->n; i++) {
        look_ahead(q, i);
        u32 at = wanted(g, q->p[i]);
        if (at)
            take(g, q->p[i], at, &joined);
        else
            emit(g, q->p[i]);
    }
    count_n(dev_net(g->dev), gro_joined, joined);
    hand_on(g);
}

/* What is held was let in by features that are not those of now. */
static NOINLINE void look_at_features(struct gro *g, u32 features)
{
    send_all(g);
    hand_on(g);
    g->features = features;
    g->wants = 0;
    if (!(features & DEV_F_GRO))
        return;
    SET_FOREACH(gro, const struct gro_ops, ops)
        if (features & ops->feature)
            g->wants |= 1ull << ops->proto;
    if (g->wants) /* what an IPv6 packet may begin with */
        g->wants |= 1ull << IP_HOPOPTS | 1ull << IP_ROUTING | 1ull << IP_DSTOPTS | 1ull << IP_FRAGMENT;
}

void gro_rx(struct gro *g, struct skbq *q, u64 now)
{
    u32 features = load_relaxed(&g->dev->features);
    if (unlikely(features != g->features))
        look_at_features(g, features);
    g->joined = g->dev->joined;
    if (g->wants)
        for (u32 i = 0; i < q->n; i++)
            if (wanted(g, q->p[i])) {
                sort(g, q, i, now);
                return;
            }
    dev_rx_steered(g->dev, q);
}

void gro_flush(struct gro *g)
{
    send_all(g);
    hand_on(g);
}

void gro_flush_old(struct gro *g, u64 now)
{
    u32 ms = (u32)(now / NS_PER_MS);
    for (u32 w = 0; g->n && w < ARRAY_LEN(g->used); w++)
        for (u64 bits = g->used[w]; bits; bits &= bits - 1) {
            struct gro_held *h = &g->held[w * 64 + (u32)__builtin_ctzll(bits)];
            if (h->since != ms)
                send_on(g, h);
        }
    hand_on(g);
}

u32 gro_holds(const struct gro *g)
{
    return g->n;
}

/* ---- with the napi ---- */

struct gro *gro_new(struct netdev *dev)
{
    struct gro *g = mem_zalloc(sizeof(*g));
    if (g)
        g->dev = dev;
    return g;
}

void gro_free(struct gro *g)
{
    softirq_off();
    for (u32 i = 0; g && i < HELD_MOST; i++)
        if (g->held[i].s)
            skb_drop(g->held[i].s, DROP_DEV_DOWN);
    softirq_on();
    mem_free(g);
}
