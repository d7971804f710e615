/* IPv6's extension headers at their destination (contract: ext.h). Linux: exthdrs.c, ip6_protocol_deliver_rcu.
 *
 * Nobody here is routed to: a routing header whose segments are used up is passed over, any other is refused (RFC 8200
 * 4.4, RFC 5095). What is not an extension header of this file is a protocol's, or nobody's. Never moves bytes.
 */
#include "net/ip/ext.h"

#include "net/ip/options.h"
#include "net/skb/drop.h"
#include "net/wire/icmp.h"
#include "net/wire/tcp.h"
#include "net/wire/udp.h"

#define EXTS_MOST 8u

struct walk {
    u8 next;
    u32 at, named_at, end; /* from the packet's start; named_at: of the byte that `next` is */
};

static bool refuse(struct skb *s, enum icmp_error err, u32 at, enum drop_reason why)
{
    ip_refuse(s, err, at, why);
    return false;
}

static bool broken(struct skb *s)
{
    skb_drop(s, DROP_IP6_EXT);
    return false;
}

static struct walk walk_from_start(const struct skb *s)
{
    return (struct walk){ip6_at(s)->next, IP6_HLEN, offsetof(struct ip6_hdr, next), s->len - skb_at(s, s->l3)};
}

static const void *bytes(struct skb *s, const struct walk *w, u32 n)
{
    return skb_need(s, skb_at(s, s->l3) + w->at, n);
}

/* Over one header; false: it is not all there. */
static bool pass(struct skb *s, struct walk *w)
{
    const struct ip6_ext *e = bytes(s, w, 8);
    u32 n = !e ? 0 : w->next == IP_FRAGMENT ? (u32)sizeof(struct ip6_frag) : ip6_ext_len(e, w->next);
    if (!n || w->at + n > w->end)
        return false;
    w->next = e->next;
    w->named_at = w->at;
    w->at += n;
    return true;
}

static bool routing(struct skb *s, struct walk *w)
{
    const u8 *h = bytes(s, w, 8);
    if (!h || w->at + (h[1] + 1u) * 8 > w->end)
        return broken(s);
    if (h[3]) /* segments left */
        return (s->flags & SKB_GROUP) ? broken(s) : refuse(s, ICMP_ERR_PARAM, w->at + 2, DROP_IP_OPTIONS);
    return pass(s, w) || broken(s);
}

/* RFC 7112: the first fragment holds all headers. */
static bool is_cut_short(struct skb *s, struct walk w)
{
    for (u32 i = 0; i < EXTS_MOST && (w.next == IP_ROUTING || w.next == IP_DSTOPTS || w.next == IP_HOPOPTS); i++)
        if (!pass(s, &w))
            return true;
    u32 least = w.next == IP_TCP ? TCP_HLEN : w.next == IP_UDP ? UDP_HLEN : w.next == IP_ICMP6 ? ICMP_HLEN : 1;
    return w.next != IP_NONE && w.at + least > w.end;
}

/* *whole: it is of a packet that never was cut. */
static bool fragment(struct skb *s, struct walk *w, bool again, bool *whole)
{
    const struct ip6_frag *f = bytes(s, w, sizeof(*f));
    if (!f || again)
        return refuse(s, ICMP_ERR_PARAM, w->at, DROP_IP6_EXT);
    u32 from = be16_get(f->at) & IP6_FRAG_OFFSET, n = w->end - w->at - (u32)sizeof(*f), at = w->at;
    bool more = be16_get(f->at) & IP6_FRAG_MORE;
    pass(s, w);
    *whole = !from && !more;
    if (*whole)
        return true;
    if (!from && is_cut_short(s, *w))
        return refuse(s, ICMP_ERR_CHAIN, 0, DROP_IP6_EXT);
    if (from + n > 65535) /* RFC 8200 4.5 */
        return refuse(s, ICMP_ERR_PARAM, at + (u32)offsetof(struct ip6_frag, at), DROP_FRAG_RANGE);
    if (more && n % 8)
        return refuse(s, ICMP_ERR_PARAM, offsetof(struct ip6_hdr, payload), DROP_IP_LENGTH);
    return true;
}

/* Does a protocol begin here, or something that nobody here knows? */
static bool is_last(u8 next)
{
    return next != IP_HOPOPTS && next != IP_ROUTING && next != IP_FRAGMENT && next != IP_DSTOPTS;
}

bool ext_rx(struct skb *s, bool *is_fragment)
{
    struct walk w = walk_from_start(s);
    bool seen = false;

    *is_fragment = false;
    for (u32 i = 0; !is_last(w.next); i++) {
        bool good = true, whole = true;
        if (i == EXTS_MOST)
            return broken(s);
        switch (w.next) {
        case IP_HOPOPTS:
            if (i) /* RFC 8200 4.1: the first, or none; the first was read on the way in */
                return refuse(s, ICMP_ERR_PROTOCOL, w.named_at, DROP_IP_NO_PROTO);
            good = pass(s, &w) || broken(s);
            break;
        case IP_ROUTING: good = routing(s, &w); break;
        case IP_FRAGMENT:
            good = fragment(s, &w, seen, &whole);
            seen = true;
            break;
        default:
            if (!options6_rx(s, w.at, false))
                return false;
            good = pass(s, &w) || broken(s);
        }
        if (!good)
            return false;
        if (!whole) {
            *is_fragment = true;
            return true;
        }
    }
    if (w.next == IP_AH) /* nobody here knows whether it is right */
        return refuse(s, ICMP_ERR_PROTOCOL, w.named_at, DROP_IP_NO_PROTO);
    return true;
}

u32 ext_named_at(struct skb *s)
{
    struct walk w = walk_from_start(s);
    for (u32 i = 0; i < EXTS_MOST && !is_last(w.next) && pass(s, &w);)
        i++;
    return w.named_at;
}
