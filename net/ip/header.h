/* The two IP headers on the packet path: what is read and written of them, one inline function for both families. `f`
 * is a constant where it is called from a burst of one family, so that the compiler sees the one body alone.
 *
 * All after ip_header_check, which leaves the fixed header and IPv4's options linear: nothing here can fail.
 */
#ifndef NET_IP_HEADER_H
#define NET_IP_HEADER_H

#include "lib/csum.h"
#include "net/ip/addr.h"
#include "net/ip/family.h"
#include "net/skb/reason.h"
#include "net/skb/skb.h"
#include "net/wire/eth.h"
#include "net/wire/ip6.h"

static inline const struct ip_family *ip_family_of_skb(const struct skb *s)
{
    return s->type == ETH_IP4 ? &ip_v4 : &ip_v6;
}

static inline struct ip4_hdr *ip4_at(const struct skb *s)
{
    return (struct ip4_hdr *)((u8 *)s->buf + s->l3);
}

static inline struct ip6_hdr *ip6_at(const struct skb *s)
{
    return (struct ip6_hdr *)((u8 *)s->buf + s->l3);
}

/* The 20 bytes that every IPv4 header has, summed up: 0xffff where the checksum is right and there are no options. */
static inline u16 ip4_sum20(const void *h)
{
    const u8 *p = h;
    u64 sum = (u64)load_le32(p) + load_le32(p + 4) + load_le32(p + 8) + load_le32(p + 12) + load_le32(p + 16);
    u32 low = (u32)sum, all = low + (u32)(sum >> 32);
    all += all < low;
    return (u16)((all + (all << 16 | all >> 16)) >> 16); /* each half is the other's carry */
}

static inline __attribute__((always_inline)) enum drop_reason ip4_header_check(struct skb *s)
{
    u32 at = skb_at(s, s->l3);
    const struct ip4_hdr *h = skb_need(s, at, IP4_HLEN);
    if (unlikely(!h))
        return DROP_IP_HEADER;
    u32 len = be16_get(h->len), there = s->len - at;
    if (unlikely(h->ver_ihl != 0x45)) {
        if (h->ver_ihl >> 4 != 4 || ip4_hlen(h) < IP4_HLEN || !(h = skb_need(s, at, ip4_hlen(h))))
            return DROP_IP_HEADER;
        if (csum_fold(csum_bytes(h, ip4_hlen(h))).raw)
            return DROP_IP_CSUM;
    } else if (unlikely(ip4_sum20(h) != 0xffff)) {
        return DROP_IP_CSUM;
    }
    if (unlikely(len > there || len < ip4_hlen(h)))
        return DROP_IP_LENGTH;
    if (len < there)
        skb_trim(s, at + len); /* Ethernet's padding */
    return DROP_NOT;
}

static inline enum drop_reason ip6_header_check(struct skb *s)
{
    u32 at = skb_at(s, s->l3);
    const struct ip6_hdr *h = skb_need(s, at, IP6_HLEN);
    if (unlikely(!h || be32_get(h->ver_class_flow) >> 28 != 6))
        return DROP_IP_HEADER;
    u32 len = be16_get(h->payload) + IP6_HLEN, there = s->len - at;
    if (unlikely(len > there))
        return DROP_IP_LENGTH;
    if (len < there && !(len == IP6_HLEN && s->gso)) /* a merged one of more than 64 KiB has no length */
        skb_trim(s, at + len);
    return DROP_NOT;
}

static inline __attribute__((always_inline)) enum drop_reason ip_header_check(struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? ip4_header_check(s) : ip6_header_check(s);
}

static inline const u8 *ip_dst_key(const struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? ip4_at(s)->dst : ip6_at(s)->dst.b;
}

static inline const u8 *ip_src_key(const struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? ip4_at(s)->src : ip6_at(s)->src.b;
}

static inline struct ipaddr ip_addr(const u8 *key, const struct ip_family *f)
{
    return f == &ip_v4 ? addr_of4(key) : *(const struct ipaddr *)key;
}

static inline u8 ip_tos(const struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? ip4_at(s)->tos : ip6_class(ip6_at(s));
}

static inline u8 ip_hops(const struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? ip4_at(s)->ttl : ip6_at(s)->hops;
}

/* One hop less; there is one left. RFC 1624, of a change by 0x0100. */
static inline void ip_hop_dec(struct skb *s, const struct ip_family *f)
{
    if (f == &ip_v6) {
        ip6_at(s)->hops--;
        return;
    }
    struct ip4_hdr *h = ip4_at(s);
    u32 check = (u32)h->check.raw + 1; /* in memory order the hop count is the low byte of its word */
    h->check.raw = (u16)(check + (check >= 0xffff));
    h->ttl--;
}

/* May nobody on the way cut it? */
static inline bool ip_is_whole(const struct skb *s, const struct ip_family *f)
{
    return f == &ip_v6 || (be16_get(ip4_at(s)->frag) & IP4_DF);
}

#endif
