/* Options of both families (contract: options.h).
 *
 * What is broken, or asks for a way of its own, goes no further. On the way on a router writes into IPv4's record route
 * and timestamp what it is asked for, with the address of the device that the packet leaves by, and makes the checksum
 * right. Of IPv6 only the hop-by-hop header is a router's to read (RFC 8200 4.3).
 */
#include "net/ip/options.h"

#include "lib/string.h"
#include "net/ip/ip.h"
#include "net/ip/route.h"
#include "net/skb/drop.h"

enum option4 {
    OPT_END = 0,
    OPT_NOP = 1,
    OPT_RECORD = 7,
    OPT_STAMP = 68,
    OPT_LOOSE = 131,
    OPT_STRICT = 137,
    OPT_ALERT = 148,
};

enum stamp_flags { STAMP_ONLY = 0, STAMP_AND_ADDR = 1, STAMP_PRESPECIFIED = 3 };

/* ---- on the way in ---- */

/* Of one option, by its kind: where in it the first wrong byte is, or GOOD. n: its length, which it has. */
#define GOOD 0xffu

static u32 wrong_in_route(const u8 *o, u32 n)
{
    return n < 3 ? 1 : o[2] < 4 ? 2 : GOOD;
}

static u32 wrong_in_record(const u8 *o, u32 n)
{
    u32 wrong = wrong_in_route(o, n);
    return wrong == GOOD && o[2] <= n && o[2] + 3u > n ? 2 : wrong; /* room, but not for an address */
}

static u32 wrong_in_stamp(const u8 *o, u32 n)
{
    if (n < 4)
        return 1;
    if (o[2] < 5)
        return 2;
    u8 kind = o[3] & 15;
    if (o[2] > n)
        return kind != STAMP_PRESPECIFIED && o[3] >> 4 == 15 ? 3 : GOOD; /* RFC 791: nobody can count it any more */
    bool pairs = kind == STAMP_AND_ADDR || kind == STAMP_PRESPECIFIED;
    return o[2] + (pairs ? 7u : 3u) > n ? 2 : GOOD;
}

/* What may stand there once. */
enum { SEEN_ROUTE = 1, SEEN_RECORD = 2, SEEN_STAMP = 4 };

static u32 wrong_in(const u8 *o, u32 n, u32 *seen)
{
    u32 which = *o == OPT_RECORD ? SEEN_RECORD : *o == OPT_STAMP ? SEEN_STAMP : SEEN_ROUTE, wrong = GOOD;
    switch (*o) {
    case OPT_LOOSE:
    case OPT_STRICT: wrong = wrong_in_route(o, n); break; /* RFC 1812 5.2.4.1 */
    case OPT_RECORD: wrong = wrong_in_record(o, n); break;
    case OPT_STAMP: wrong = wrong_in_stamp(o, n); break;
    case OPT_ALERT: return n < 4 ? 1 : GOOD;
    default: return GOOD;
    }
    bool again = *seen & which;
    *seen |= which;
    return again ? 0 : wrong;
}

/* The option at *o of those that end at `end`, or NULL behind the last; *o goes on. *wrong: the byte of it that is, or
 * GOOD: what follows is nobody's to read then. */
static u8 *next4(u8 **o, u8 *end, u32 *seen, u32 *wrong)
{
    *wrong = GOOD;
    while (*o < end && **o == OPT_NOP)
        ++*o;
    u8 *p = *o;
    u32 left = (u32)(end - p);
    if (!left || *p == OPT_END)
        return NULL;
    *wrong = left < 2 || p[1] < 2 || p[1] > left ? 0 : wrong_in(p, p[1], seen);
    *o = *wrong == GOOD ? p + p[1] : end;
    return p;
}

static bool rx4(struct skb *s)
{
    struct ip4_hdr *h = ip4_at(s);
    u8 *o = (u8 *)h + IP4_HLEN, *end = (u8 *)h + ip4_hlen(h);
    u32 seen = 0, wrong;
    for (u8 *p; (p = next4(&o, end, &seen, &wrong));)
        if (wrong != GOOD) {
            ip_refuse(s, ICMP_ERR_PARAM, (u32)(p - (u8 *)h) + wrong, DROP_IP_OPTIONS);
            return false;
        }
    if (seen & SEEN_ROUTE)
        skb_drop(s, DROP_IP_OPTIONS);
    return !(seen & SEEN_ROUTE);
}

/* What an option that we do not know says of itself (RFC 8200 4.2); `at`: from the packet's start. */
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
#define OPTS6_MOST        8u /* RFC 8504 5.3: more are no honest packet's */
#define PAD6_MOST         7u /* bytes in a row: what aligns a header wants no more, and they are zero */

static bool is_zero(const u8 *p, u32 n)
{
    while (n && !*p)
        p++, n--;
    return !n;
}

/* One option, of n bytes in all: *pad counts the bytes of padding in a row, *others what is none. */
static bool is_good6(const u8 *p, u32 n, bool hop, u32 *pad, u32 *others)
{
    if (*p <= OPT6_PADN) {
        *pad += n;
        return *pad <= PAD6_MOST && (n < 2 || is_zero(p + 2, n - 2));
    }
    *pad = 0;
    return ++*others <= OPTS6_MOST && !(hop && *p == OPT6_ROUTER_ALERT && n != 4);
}

bool options6_rx(struct skb *s, u32 at, bool hop)
{
    u32 l3 = skb_at(s, s->l3), pad = 0, others = 0;
    const struct ip6_ext *e = skb_need(s, l3 + at, 8);
    u32 n = e ? ip6_ext_len(e, IP_HOPOPTS) : 0;
    const u8 *p = n ? skb_need(s, l3 + at, n) : NULL;
    for (u32 i = 2, len; p && i < n; i += len) {
        len = p[i] == OPT6_PAD1 ? 1 : i + 2 > n ? n : p[i + 1] + 2u;
        if (i + len > n || !is_good6(p + i, len, hop, &pad, &others)) {
            skb_drop(s, DROP_IP_OPTIONS);
            return false;
        }
        bool known = p[i] <= OPT6_PADN || (hop && p[i] == OPT6_ROUTER_ALERT);
        if (!known && !goes_on6(s, p[i], at + i))
            return false;
    }
    if (!p)
        skb_drop(s, DROP_IP6_EXT);
    return p;
}

bool options_rx(struct skb *s, const struct ip_family *f)
{
    return f == &ip_v4 ? rx4(s) : options6_rx(s, IP6_HLEN, true);
}

/* ---- filled in: what rx4 has found good ---- */

static bool record(u8 *o,
                   const struct ipaddr *own) /* RFC 791: a pointer from 4 on; full when it is beyond the length */
{
    if (o[2] > o[1] || o[2] + 3u > o[1])
        return false;
    memcpy(o + o[2] - 1, own->b + ADDR4_AT, 4);
    o[2] = (u8)(o[2] + 4);
    return true;
}

/* Its next slot; false: that is not for us, or there is none. */
static bool stamp(struct net *net, u8 *o, const struct ipaddr *own)
{
    u8 at = o[2], kind = o[3] & 15;
    u32 ms = (u32)(wall_ns() / NS_PER_MS % (24ull * 60 * 60 * 1000)), need = kind == STAMP_ONLY ? 4 : 8;
    if (at + need - 1 > o[1] || (kind != STAMP_ONLY && kind != STAMP_AND_ADDR && kind != STAMP_PRESPECIFIED))
        return false;
    if (kind == STAMP_AND_ADDR)
        memcpy(o + at - 1, own->b + ADDR4_AT, 4);
    struct ipaddr named = kind == STAMP_PRESPECIFIED ? addr_of4(o + at - 1) : *own;
    if (!ip_is_local(net, &named))
        return false;
    store_be32(o + at + need - 5, ms);
    o[2] = (u8)(at + need);
    return true;
}

/* One more without room. */
static void count_over(u8 *o)
{
    if (o[2] > o[1] && (o[3] & 15) != STAMP_PRESPECIFIED && o[3] >> 4 < 15)
        o[3] = (u8)(o[3] + 16);
}

void options_forward(struct skb *s, const struct hop *hop, const struct ip_family *f)
{
    struct ip4_hdr *h = ip4_at(s);
    if (f != &ip_v4)
        return;
    struct ipaddr own;
    bool named = f->source(hop->dev, NULL, &own);
    u8 *o = (u8 *)h + IP4_HLEN, *end = (u8 *)h + ip4_hlen(h);
    u32 seen = 0, wrong;
    for (u8 *p; (p = next4(&o, end, &seen, &wrong));)
        if (*p == OPT_RECORD && named) {
            record(p, &own);
        } else if (*p == OPT_STAMP && named) {
            count_over(p);
            stamp(dev_net(hop->dev), p, &own);
        }
    memset(o, 0, (u32)(end - o)); /* what stands behind the end of options is padding */
    h->check = be16_of(0);
    h->check = csum_fold(csum_bytes(h, ip4_hlen(h)));
}

/* ---- given back: RFC 1122 3.2.2.6, and Linux in errors as well ---- */

u32 options_take(const struct skb *s, u8 to[OPTIONS4_MOST])
{
    struct ip4_hdr *h = ip4_at(s);
    u8 *o = (u8 *)h + IP4_HLEN, *end = (u8 *)h + ip4_hlen(h);
    u32 seen = 0, wrong, n = 0;
    memset(to, 0, OPTIONS4_MOST);
    for (u8 *p; (p = next4(&o, end, &seen, &wrong)) && wrong == GOOD;)
        if (*p == OPT_RECORD || *p == OPT_STAMP) {
            memcpy(to + n, p, p[1]);
            n += p[1];
        }
    return (n + 3) & ~3u;
}

/* As on Linux this machine stands there twice: it came here, and it left again. */
void options_answer(struct net *net, u8 *o, u32 n, const struct ipaddr *own)
{
    for (u8 *end = o + n; o < end && *o != OPT_END; o += o[1])
        if (*o == OPT_RECORD) {
            if (record(o, own))
                record(o, own);
        } else {
            count_over(o);
            if (stamp(net, o, own))
                stamp(net, o, own);
        }
}
