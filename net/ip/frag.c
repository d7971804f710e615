/* Fragments of IPv4 packets on their way (contract: frag.h). Linux: ip_fragment.
 *
 * Each fragment has bytes of its own: where packets are cut nobody asks for speed. An option that is not to be copied
 * stands in the first one alone and becomes no-operations in the others.
 */
#include "net/ip/frag.h"

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

static struct skb *one_fragment(struct skb *s, u32 l3, u32 hlen, u32 at, u32 n)
{
    struct skb *f = skb_alloc(skb_buf_pool(s->buf));
    if (!f)
        return NULL;
    skb_meta(f, s);
    f->l3 = (u16)skb_off(f);
    u8 *p = skb_put(f, hlen);
    memcpy(p, (u8 *)s->buf + s->l3, hlen);
    struct ip4_hdr *h = (struct ip4_hdr *)p;
    u16 was = be16_get(h->frag);
    if (at)
        blank_options(h, hlen);
    bool last = l3 + hlen + at + n == s->len;
    h->len = be16_of((u16)(hlen + n));
    h->frag = be16_of((u16)(((was & IP4_OFFSET) + at / 8) | (was & IP4_MF) | (last ? 0 : IP4_MF)));
    h->check = be16_of(0);
    h->check = csum_fold(csum_bytes(h, hlen));
    while (n) {
        u8 part[256];
        u32 k = min(n, (u32)sizeof(part));
        if (skb_read(s, l3 + hlen + at, part, k) || skb_append(f, part, k)) {
            skb_free(f);
            return NULL;
        }
        at += k;
        n -= k;
    }
    f->cksum = CKSUM_NONE;
    return f;
}

/* One packet that is as long as it is on the wire. */
static void cut(struct skb *s, u32 mtu, struct chain *to)
{
    u32 l3 = skb_at(s, s->l3), hlen = ip4_hlen(ip4_at(s)), len = s->len - l3 - hlen, step = (mtu - hlen) & ~7u;
    struct net *net = s->dev->net;
    struct chain made = {.end = &made.first};
    u32 n = 0;

    if (s->len - l3 <= mtu) {
        *to->end = s;
        to->end = &s->next;
        s->next = NULL;
        return;
    }
    bool whole = mtu >= hlen + 8 && (s->cksum != CKSUM_PARTIAL || cksum_finish(s));
    for (u32 at = 0; whole && at < len; at += step, n++) {
        struct skb *f = one_fragment(s, l3, hlen, at, min(step, len - at));
        if (!f) {
            whole = false;
            break;
        }
        *made.end = f;
        made.end = &f->next;
        f->next = NULL;
    }
    if (whole) {
        count(net, ip_frag_oks);
        count_n(net, ip_frag_creates, n);
        *to->end = made.first;
        to->end = made.end;
        skb_free(s);
        return;
    }
    for (struct skb *f = made.first, *next; f; f = next) {
        next = f->next;
        skb_free(f);
    }
    count(net, ip_frag_fails);
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
