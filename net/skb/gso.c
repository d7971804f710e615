/* Cutting large packets (contract: gso.h).
 *
 *     s:       [ headers | payload ................................ ]
 *     piece 0: [ headers'| payload 0 .. mss ]         id + 0, seq,       no FIN, no PSH
 *     piece 1: [ headers"| mss .. 2 mss     ]         id + 1, seq + mss, no FIN, no PSH, no CWR
 *     last:    [ headers*| the rest, 1 .. mss ]       FIN and PSH as s has them
 */
#include "net/skb/gso.h"

#include "lib/string.h"
#include "net/skb/cksum.h"
#include "net/skb/drop.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "net/wire/udp.h"

static void *layer(const struct skb *s, u16 at)
{
    return (u8 *)s->buf + at;
}

static u32 headers(const struct skb *s) /* bytes in front of the payload */
{
    u32 l4 = skb_at(s, s->l4);
    return l4 + (s->has & SKB_TCP ? tcp_hlen(layer(s, s->l4)) : UDP_HLEN);
}

u32 gso_frame_len(const struct skb *s)
{
    return s->gso ? min(s->len, headers(s) + s->gso_size) : s->len;
}

u32 gso_frames(const struct skb *s)
{
    u32 payload = s->len - (s->gso ? headers(s) : 0);
    return s->gso && payload ? (payload + s->gso_size - 1) / s->gso_size : 1;
}

/* ---- a piece's payload ---- */

static int share_piece(void *arg, struct skb_buf *buf, u32 at, u32 n)
{
    skb_buf_get(buf);
    if (skb_add_frag(arg, buf, at, n))
        return 0;
    skb_buf_put(buf);
    return -E2BIG;
}

static int copy_piece(void *arg, struct skb_buf *buf, u32 at, u32 n)
{
    return skb_append(arg, (u8 *)buf + at, n);
}

/* The headers of s and `len` bytes of its payload from `off` on. NULL: no memory. */
static struct skb *piece(struct skb *s, u32 hlen, u32 off, u32 len, bool sg)
{
    struct skb *p = skb_alloc(skb_buf_pool(s->buf));
    if (!p)
        return NULL;
    p->data = (u8 *)p->buf + skb_off(s);
    memcpy(skb_put(p, hlen), s->data, hlen);
    if (skb_walk(s, off, len, sg ? share_piece : copy_piece, p)) {
        skb_free(p);
        return NULL;
    }
    skb_meta(p, s);
    p->gso = GSO_NONE;
    p->gso_size = p->gso_segs = 0;
    p->flags &= (u8) ~(SKB_GSO_ECN | SKB_GSO_FIXED);
    return p;
}

/* ---- a piece's headers ---- */

static void set_ip(struct skb *p, u32 i, bool fixed)
{
    u32 len = p->len - skb_at(p, p->l3);
    if (p->has & SKB_IP6) {
        struct ip6_hdr *h = layer(p, p->l3);
        h->payload = be16_of((u16)(len - IP6_HLEN));
        return;
    }
    struct ip4_hdr *h = layer(p, p->l3);
    h->len = be16_of((u16)len);
    if (!fixed)
        h->id = be16_of((u16)(be16_get(h->id) + i));
    h->check = be16_of(0);
    h->check = csum_fold(csum_bytes(h, ip4_hlen(h)));
}

static void set_tcp(struct skb *p, u32 i, u32 off, bool last)
{
    struct tcp_hdr *h = layer(p, p->l4);
    h->seq = be32_of(be32_get(h->seq) + off);
    if (!last)
        h->flags &= (u8) ~(TCP_FIN | TCP_PSH);
    if (i)
        h->flags &= (u8)~TCP_CWR;
}

static void set_headers(struct skb *p, const struct skb *s, u32 i, u32 off, bool last)
{
    set_ip(p, i, s->flags & SKB_GSO_FIXED);
    if (p->has & SKB_TCP) {
        set_tcp(p, i, off, last);
        cksum_begin(p, IP_TCP);
        return;
    }
    struct udp_hdr *h = layer(p, p->l4);
    h->len = be16_of((u16)(p->len - skb_at(p, p->l4)));
    if (s->cksum == CKSUM_PARTIAL || h->check.raw)
        cksum_begin(p, IP_UDP);
}

/* ---- all of it ---- */

/* Is it what it says? Parsed anew where it must be: the headers are linear then. */
static bool can_be_cut(struct skb *s)
{
    u32 want = s->gso == GSO_TCP4 ? SKB_IP4 | SKB_TCP : s->gso == GSO_TCP6 ? SKB_IP6 | SKB_TCP : SKB_UDP;
    if (!(s->has & SKB_PARSED) && skb_parse(s))
        return false;
    return s->gso && s->gso_size && skb_has(s, want) && !(s->has & SKB_FRAGMENT) && headers(s) < s->len;
}

u32 gso_hand_over(struct skb *s)
{
    if (!can_be_cut(s) || !(s->has & SKB_TCP) || !skb_own(s))
        return 0;
    struct tcp_hdr *tcp = layer(s, s->l4);
    if (s->has & SKB_IP6) {
        struct ip6_hdr *h = layer(s, s->l3);
        h->payload = be16_of(0);
    } else {
        struct ip4_hdr *h = layer(s, s->l3);
        h->len = h->check = be16_of(0);
    }
    cksum_begin(s, IP_TCP);
    tcp->check = csum_fold_plain(cksum_pseudo(s, IP_TCP, 0));
    return headers(s);
}

static void free_chain(struct skb *first)
{
    for (struct skb *next; first; first = next) {
        next = first->next;
        skb_free(first);
    }
}

struct skb *gso_cut(struct skb *s, bool sg)
{
    struct skb *first = NULL, **end = &first;
    if (!can_be_cut(s)) {
        skb_drop(s, DROP_GSO);
        return NULL;
    }
    u32 hlen = headers(s), payload = s->len - hlen, mss = s->gso_size;
    for (u32 off = 0, i = 0; off < payload; off += mss, i++) {
        u32 n = min(mss, payload - off);
        struct skb *p = piece(s, hlen, hlen + off, n, sg);
        if (!p) {
            free_chain(first);
            skb_drop(s, DROP_NO_MEMORY);
            return NULL;
        }
        set_headers(p, s, i, off, off + n == payload);
        *end = p;
        end = &p->next;
    }
    skb_free(s);
    return first;
}
