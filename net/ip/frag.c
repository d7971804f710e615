/* Fragments: of IPv4 packets on their way, and of what this machine sends itself (contract: frag.h). Linux:
 * ip_fragment, ip6_fragment.
 *
 * Each fragment has bytes of its own: where packets are cut nobody asks for speed. An option that is not to be copied
 * stands in the first one alone and becomes no-operations in the others.
 */
#include "net/ip/frag.h"

#include "lib/rand.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/header.h"
#include "net/skb/cksum.h"
#include "net/skb/drop.h"
#include "net/skb/gso.h"
#include "net/skb/pool.h"

COUNTER(ip_frag_oks, "Ip.FragOKs", "packets that were cut into fragments");
COUNTER(ip_frag_fails, "Ip.FragFails", "packets that were to be cut, and could not be");
COUNTER(ip_frag_creates, "Ip.FragCreates", "fragments that came of it");

COUNTER(ip6_frag_oks, "Ip6.FragOKs", "packets that were cut into fragments");
COUNTER(ip6_frag_fails, "Ip6.FragFails", "packets that were to be cut, and could not be");
COUNTER(ip6_frag_creates, "Ip6.FragCreates", "fragments that came of it");

#define COUNT_N(net, v6, what, n) ((v6) ? count_n(net, ip6_frag_##what, n) : count_n(net, ip_frag_##what, n))

#define OPTION_COPIED 0x80u
#define OPTION_END    0u
#define OPTION_NOP    1u

struct chain {
    struct skb *first, **end;
};

static void blank_options(struct ip4_hdr *h, u32 hlen)
{
    u8 *p = (u8 *)h + IP4_HLEN, *end = (u8 *)h + hlen;
    while (p < end && *p != OPTION_END) {
        u32 n = *p == OPTION_NOP || p + 1 == end ? 1 : p[1];
        if (n < 1 || n > (u32)(end - p))
            return;
        if (!(*p & OPTION_COPIED))
            memset(p, OPTION_NOP, n);
        p += n;
    }
}

/* A packet with the first bytes of s's header. */
static struct skb *begin(struct skb *s, u32 hlen)
{
    struct skb *f = skb_alloc(skb_buf_pool(s->buf));
    if (!f)
        return NULL;
    skb_meta(f, s);
    f->l3 = (u16)skb_off(f);
    f->cksum = CKSUM_NONE;
    memcpy(skb_put(f, hlen), (u8 *)s->buf + s->l3, hlen);
    return f;
}

/* f, with n bytes of s from `at` on behind it; NULL: no memory, and f is gone. */
static struct skb *copy_bytes(struct skb *f, struct skb *s, u32 at, u32 n)
{
    while (n) {
        u8 part[256];
        u32 k = min(n, (u32)sizeof(part));
        if (skb_read(s, at, part, k) || skb_append(f, part, k)) {
            skb_free(f);
            return NULL;
        }
        at += k;
        n -= k;
    }
    return f;
}

static struct skb *one_fragment4(struct skb *s, u32 l3, u32 hlen, u32 at, u32 n)
{
    struct skb *f = begin(s, hlen);
    if (!f)
        return NULL;
    struct ip4_hdr *h = (struct ip4_hdr *)f->data;
    u16 was = be16_get(h->frag);
    if (at && !(was & IP4_OFFSET)) /* a later one has lost them already */
        blank_options(h, hlen);
    bool last = l3 + hlen + at + n == s->len;
    h->len = be16_of((u16)(hlen + n));
    h->frag = be16_of((u16)(((was & IP4_OFFSET) + at / 8) | (was & IP4_MF) | (last ? 0 : IP4_MF)));
    h->check = be16_of(0);
    h->check = csum_fold(csum_bytes(h, hlen));
    return copy_bytes(f, s, l3 + hlen + at, n);
}

/* RFC 8200 4.5, of a packet without extension headers. */
static struct skb *one_fragment6(struct skb *s, u32 l3, u32 at, u32 n, u32 id)
{
    struct skb *f = begin(s, IP6_HLEN);
    if (!f)
        return NULL;
    struct ip6_hdr *h = (struct ip6_hdr *)f->data;
    struct ip6_frag *x = skb_put(f, sizeof(*x));
    bool last = l3 + IP6_HLEN + at + n == s->len;
    *x = (struct ip6_frag){h->next, 0, be16_of((u16)(at | (last ? 0 : IP6_FRAG_MORE))), be32_of(id)};
    h->next = IP_FRAGMENT;
    h->payload = be16_of((u16)(sizeof(*x) + n));
    return copy_bytes(f, s, l3 + IP6_HLEN + at, n);
}

/* One packet that is as long as it is on the wire. */
static void cut(struct skb *s, u32 mtu, struct chain *to)
{
    bool v6 = s->type == ETH_IP6;
    u32 l3 = skb_at(s, s->l3), hlen = v6 ? IP6_HLEN : ip4_hlen(ip4_at(s)), len = s->len - l3 - hlen, n = 0;
    u32 heads = hlen + (v6 ? (u32)sizeof(struct ip6_frag) : 0), step = (mtu - heads) & ~7u, id = (u32)rand_u64();
    struct net *net = s->dev->net;
    struct chain made = {.end = &made.first};

    if (s->len - l3 <= mtu) {
        *to->end = s;
        to->end = &s->next;
        s->next = NULL;
        return;
    }
    bool whole = mtu >= heads + 8 && (s->cksum != CKSUM_PARTIAL || cksum_finish(s));
    for (u32 at = 0; whole && at < len; at += step, n++) {
        u32 some = min(step, len - at);
        struct skb *f = v6 ? one_fragment6(s, l3, at, some, id) : one_fragment4(s, l3, hlen, at, some);
        if (!f) {
            whole = false;
            break;
        }
        *made.end = f;
        made.end = &f->next;
        f->next = NULL;
    }
    if (whole) {
        COUNT_N(net, v6, oks, 1);
        COUNT_N(net, v6, creates, n);
        *to->end = made.first;
        to->end = made.end;
        skb_free(s);
        return;
    }
    for (struct skb *f = made.first, *next; f; f = next) {
        next = f->next;
        skb_free(f);
    }
    COUNT_N(net, v6, fails, 1);
    skb_drop(s, DROP_NO_MEMORY);
}

struct skb *frag_cut(struct skb *s, u32 mtu)
{
    struct chain c = {.end = &c.first};
    if (s->gso)
        s = gso_cut(s, false);
    else
        s->next = NULL;
    for (struct skb *next; s; s = next) {
        next = s->next;
        cut(s, mtu, &c);
    }
    *c.end = NULL;
    return c.first;
}
