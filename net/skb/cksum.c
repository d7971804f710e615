/* Checksum state of a packet (contract: cksum.h). The pseudo-header: RFC 9293 3.1, RFC 8200 8.1.
 *
 * Nothing is summed up that somebody has summed up already: what the device checked, what a sender on this machine or
 * its host left to be filled in, and what was found right once before is not looked at again.
 */
#include "net/skb/cksum.h"

#include "net/skb/parse.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "net/wire/udp.h"

static void *layer(const struct skb *s, u16 at)
{
    return (u8 *)s->buf + at;
}

u32 cksum_pseudo(const struct skb *s, u8 proto, u32 l4_len)
{
    const struct ip4_hdr *h4 = layer(s, s->l3);
    const struct ip6_hdr *h6 = layer(s, s->l3);
    u32 sum = h4->ver_ihl >> 4 == 4 ? csum_bytes(h4->src, 8) : csum_bytes(&h6->src, 32);
    return csum_add(csum_add(sum, csum_of_u16(proto)), csum_of_u32(l4_len));
}

/* Where IP says that the packet ends: behind it there may be padding. */
static u32 l4_len(const struct skb *s)
{
    u32 l3 = skb_at(s, s->l3), l4 = skb_at(s, s->l4);
    if (s->has & SKB_IP4)
        return l3 + be16_get(((const struct ip4_hdr *)layer(s, s->l3))->len) - l4;
    return l3 + IP6_HLEN + be16_get(((const struct ip6_hdr *)layer(s, s->l3))->payload) - l4;
}

/* The sum of everything from l4 to the packet's end, with the pseudo-header. */
static bool sums_up(const struct skb *s, bool pseudo)
{
    u32 len = l4_len(s), l3 = skb_at(s, s->l3), l4 = skb_at(s, s->l4), sum;
    if (s->cksum == CKSUM_COMPLETE) { /* less the IP header in front and the padding behind */
        u32 end = l4 + len;
        sum = csum_sub(s->csum, skb_csum(s, l3, l4 - l3));
        sum = csum_sub_at(sum, skb_csum(s, end, s->len - end), end - l3);
    } else {
        sum = skb_csum(s, l4, len);
    }
    if (pseudo)
        sum = csum_add(sum, cksum_pseudo(s, s->l4_proto, len));
    return csum_fold(sum).raw == 0;
}

bool cksum_ok(struct skb *s)
{
    if (s->cksum == CKSUM_VERIFIED || s->cksum == CKSUM_PARTIAL)
        return true;
    if (!(s->has & (SKB_TCP | SKB_UDP | SKB_ICMP | SKB_ICMP6)) || (s->has & SKB_FRAGMENT))
        return true;
    if (s->has & SKB_UDP) {
        const struct udp_hdr *h = layer(s, s->l4);
        if (!h->check.raw)
            return s->has & SKB_IP4; /* RFC 8200 8.1: UDP over IPv6 has one */
    }
    if (!sums_up(s, !(s->has & SKB_ICMP)))
        return false;
    s->cksum = CKSUM_VERIFIED;
    return true;
}

bool cksum_finish(struct skb *s)
{
    if (s->cksum != CKSUM_PARTIAL)
        return true;
    u32 start = s->csum_start - skb_off(s), at = start + s->csum_offset;
    if (s->csum_start < skb_off(s) || at + 2 > s->len || !skb_own(s))
        return false;
    be16 *field = skb_need(s, at, 2);
    if (!field)
        return false;
    be16 sum = csum_fold(skb_csum(s, start, s->len - start));
    /* 0 would say "none" to UDP; all ones is the same number (RFC 768). */
    bool udp = s->csum_offset == offsetof(struct udp_hdr, check);
    *field = sum.raw || !udp ? sum : (be16){0xffff};
    s->cksum = CKSUM_NONE;
    return true;
}

void cksum_begin(struct skb *s, u8 proto)
{
    u32 len = s->len - skb_at(s, s->l4);
    u16 offset = proto == IP_TCP ? offsetof(struct tcp_hdr, check) : offsetof(struct udp_hdr, check);
    be16 *field = layer(s, (u16)(s->l4 + offset));
    *field = csum_fold_plain(cksum_pseudo(s, proto, len));
    s->cksum = CKSUM_PARTIAL;
    s->csum_start = s->l4;
    s->csum_offset = offset;
}

/* A UDP checksum of 0 is none, and what comes out as 0 is written as all ones. */
static void mend(const struct skb *s, be16 *field, const void *old, const void *new, u32 n)
{
    if ((s->has & SKB_UDP) && !field->raw)
        return;
    be16 sum = csum_replace_bytes(*field, old, new, n);
    *field = (s->has & SKB_UDP) && !sum.raw ? (be16){0xffff} : sum;
}

/* A sum under COMPLETE covers what changed as well as the field, and both changes cancel out: it stays. */
void cksum_replace(struct skb *s, be16 *field, const void *old, const void *new, u32 n)
{
    if (s->cksum == CKSUM_PARTIAL)
        *field = (be16){(u16)~csum_replace_bytes((be16){(u16)~field->raw}, old, new, n).raw};
    else
        mend(s, field, old, new, n);
}

void cksum_replace_l4(struct skb *s, be16 *field, const void *old, const void *new, u32 n)
{
    if (s->cksum != CKSUM_PARTIAL)
        mend(s, field, old, new, n);
}
