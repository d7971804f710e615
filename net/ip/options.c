/* Options of both families (contract: options.h).
 *
 * Looked at before the route is: what is broken, or asks for a way of its own, goes no further. On the way on a router
 * writes into IPv4's record route and timestamp what it is asked for, with the address of the device that the packet
 * leaves by, and makes the checksum right. Of IPv6 only the hop-by-hop header is a router's to read (RFC 8200 4.3).
 */
#include "net/ip/options.h"

#include "lib/string.h"
#include "net/ip/ifaddr.h"
#include "net/ip/route.h"
#include "net/skb/drop.h"

enum option4 {
    OPT_END = 0,
    OPT_NOP = 1,
    OPT_RECORD = 7,
    OPT_STAMP = 68,
    OPT_LOOSE = 131,
    OPT_STRICT = 137,
};

enum stamp_flags { STAMP_ONLY = 0, STAMP_AND_ADDR = 1, STAMP_PRESPECIFIED = 3 };

/* ---- on the way in ---- */

/* Where from the header's start the first wrong byte is; 0: none is. *routed: it has a source route. */
static u32 check4(const struct ip4_hdr *h, bool *routed)
{
    const u8 *p = (const u8 *)h, *end = p + ip4_hlen(h);
    for (const u8 *o = p + IP4_HLEN; o < end && *o != OPT_END;) {
        if (*o == OPT_NOP) {
            o++;
            continue;
        }
        u32 at = (u32)(o - p), left = (u32)(end - o);
        if (left < 2 || o[1] < 2 || o[1] > left)
            return at + 1;
        u8 n = o[1];
        if (*o == OPT_LOOSE || *o == OPT_STRICT)
            *routed = true;
        if ((*o == OPT_RECORD || *o == OPT_LOOSE || *o == OPT_STRICT) && (n < 3 || o[2] < 4))
            return n < 3 ? at + 1 : at + 2;
        if (*o == OPT_STAMP && (n < 4 || n > 40 || o[2] < 5))
            return n < 4 || n > 40 ? at + 1 : at + 2;
        o += n;
    }
    return 0;
}

static bool rx4(struct skb *s)
{
    bool routed = false;
    u32 wrong = check4(ip4_at(s), &routed);
    if (wrong)
        ip_refuse(s, ICMP_ERR_PARAM, wrong, DROP_IP_OPTIONS);
    else if (routed)
        skb_drop(s, DROP_IP_OPTIONS);
    return !wrong && !routed;
}

/* What an option that we do not know says of itself (RFC 8200 4.2). */
static bool goes_on6(struct skb *s, u8 type, u32 at)
{
    u8 act = type >> 6;
    if (act == 0)
        return true;
    if (act == 1 || (act == 3 && addr_is_multicast(&ip6_at(s)->dst)))
        skb_drop(s, DROP_IP_OPTIONS);
    else
        ip_refuse(s, ICMP_ERR_OPTION, at, DROP_IP_OPTIONS);
    return false;
}

#define OPT6_PAD1         0u
#define OPT6_PADN         1u
#define OPT6_ROUTER_ALERT 5u

static bool rx6(struct skb *s)
{
    u32 l3 = skb_at(s, s->l3);
    const struct ip6_ext *e = skb_need(s, l3 + IP6_HLEN, 8);
    u32 n = e ? ip6_ext_len(e, IP_HOPOPTS) : 0;
    const u8 *p = n ? skb_need(s, l3 + IP6_HLEN, n) : NULL;
    if (!p) {
        skb_drop(s, DROP_IP6_EXT);
        return false;
    }
    for (u32 at = 2; at < n;) {
        if (p[at] == OPT6_PAD1) {
            at++;
            continue;
        }
        if (at + 2 > n || at + 2 + p[at + 1] > n) {
            ip_refuse(s, ICMP_ERR_PARAM, IP6_HLEN + at + 1, DROP_IP_OPTIONS);
            return false;
        }
        if (p[at] != OPT6_PADN && p[at] != OPT6_ROUTER_ALERT && !goes_on6(s, p[at], IP6_HLEN + at))
            return false;
        at += 2u + p[at + 1];
    }
    return true;
}

bool options_rx(struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? rx4(s) : rx6(s);
}

/* ---- on the way on ---- */

/* The address that this machine shows there. */
static bool own_address(const struct hop *hop, u8 to[4])
{
    const struct ifaddr *a = ifaddr_source(hop->dev, &ip_v4, NULL, SCOPE_LINK);
    if (a)
        memcpy(to, a->addr.b + ADDR4_AT, 4);
    return a;
}

static void record(u8 *o, const struct hop *hop) /* RFC 791: a pointer from 4 on; full when it is beyond the length */
{
    if (o[2] + 3 <= o[1] && own_address(hop, o + o[2] - 1))
        o[2] = (u8)(o[2] + 4);
}

static void stamp(u8 *o, const struct hop *hop)
{
    u8 at = o[2], kind = o[3] & 15, own[4];
    u32 ms = (u32)(wall_ns() / NS_PER_MS % (24ull * 60 * 60 * 1000)), need = kind == STAMP_ONLY ? 4 : 8;
    if (at + need - 1 > o[1]) {
        if (o[3] >> 4 < 15)
            o[3] = (u8)(o[3] + 16); /* one more without room */
        return;
    }
    if (kind != STAMP_ONLY) {
        if (!own_address(hop, own) || (kind == STAMP_PRESPECIFIED && memcmp(o + at - 1, own, 4)))
            return;
        memcpy(o + at - 1, own, 4);
        at = (u8)(at + 4);
    }
    store_be32(o + at - 1, ms);
    o[2] = (u8)(at + 4);
}

void options_forward(struct skb *s, const struct hop *hop, const struct ip_family *f)
{
    struct ip4_hdr *h = ip4_at(s);
    if (f != &ip_v4)
        return;
    u8 *end = (u8 *)h + ip4_hlen(h);
    for (u8 *o = (u8 *)h + IP4_HLEN; o < end && *o != OPT_END; o += *o == OPT_NOP ? 1 : o[1]) {
        if (*o == OPT_RECORD)
            record(o, hop);
        else if (*o == OPT_STAMP)
            stamp(o, hop);
    }
    h->check = be16_of(0);
    h->check = csum_fold(csum_bytes(h, ip4_hlen(h)));
}
