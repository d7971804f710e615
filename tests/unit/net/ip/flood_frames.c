/* Frames of floods (see flood_frames.h). */
#include "tests/unit/net/ip/flood_frames.h"

#include "lib/check.h"
#include "lib/csum.h"
#include "lib/parse.h"
#include "lib/string.h"

#define PAYLOAD  18u
#define ATTACKER 4u /* the last byte of its MAC address */
#define ABSENT   200u

u8 flood_frame[1514];
struct ipaddr flood_station[2][2], flood_router[2][2], flood_attacker[2];
static struct ipaddr absent[2], all_nodes;

static struct ipaddr addr(const char *text)
{
    struct ipaddr a = {{0}};
    CHECK_EQ(parse_addr(text, &a, NULL), 0);
    return a;
}

void flood_start(void)
{
    flood_station[0][0] = addr("10.1.0.2");
    flood_station[0][1] = addr("2001:db8::2");
    flood_station[1][0] = addr("10.2.0.2");
    flood_station[1][1] = addr("2001:db8:1::2");
    flood_router[0][0] = addr("10.1.0.1");
    flood_router[0][1] = addr("2001:db8::1");
    flood_router[1][0] = addr("10.2.0.1");
    flood_router[1][1] = addr("2001:db8:1::1");
    flood_attacker[0] = addr("10.1.0.3");
    flood_attacker[1] = addr("2001:db8::3");
    absent[0] = addr("11.0.0.0");
    absent[1] = addr("2001:db8:1::");
    all_nodes = addr("ff02::1");
}

static struct ipaddr random_of(const struct ipaddr *net, u32 bytes)
{
    struct ipaddr a = *net;
    u64 r = test_rand();
    memcpy(a.b + 16 - bytes, &r, bytes);
    a.b[15] |= 0x80; /* nobody who is there */
    return a;
}

/* ---- layers ---- */

static u8 *eth(u8 mac, u16 type)
{
    struct eth_hdr *e = (struct eth_hdr *)flood_frame;
    memset(flood_frame, 0, sizeof(flood_frame));
    *e = (struct eth_hdr){{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, mac}}, be16_of(type)};
    return flood_frame + ETH_HLEN;
}

static u32 ip4(u8 mac, const struct ipaddr *src, const struct ipaddr *dst, u8 proto, u8 ttl, u16 id, u16 frag)
{
    struct ip4_hdr *h = (struct ip4_hdr *)eth(mac, ETH_IP4);
    *h = (struct ip4_hdr){.ver_ihl = 0x45,
                          .len = be16_of(IP4_HLEN + ICMP_HLEN + PAYLOAD - 2),
                          .id = be16_of(id),
                          .frag = be16_of(frag),
                          .ttl = ttl,
                          .proto = proto};
    memcpy(h->src, src->b + 12, 4);
    memcpy(h->dst, dst->b + 12, 4);
    h->check = csum_fold(csum_bytes(h, sizeof(*h)));
    return ETH_HLEN + IP4_HLEN + ICMP_HLEN + PAYLOAD - 2;
}

static u32 ip6(u8 mac, const struct ipaddr *src, const struct ipaddr *dst, u8 next, u8 hops, u32 n)
{
    struct ip6_hdr *h = (struct ip6_hdr *)eth(mac, ETH_IP6);
    *h = (struct ip6_hdr){be32_of(6u << 28), be16_of((u16)n), next, hops, *src, *dst};
    return ETH_HLEN + IP6_HLEN + n;
}

/* Behind an IPv6 header that is there. */
static u32 icmp6_end(const void *message, u32 n)
{
    struct ip6_hdr *h = (struct ip6_hdr *)(flood_frame + ETH_HLEN);
    u8 *icmp = (u8 *)(h + 1);
    memcpy(icmp, message, n);
    u32 sum = csum_add(csum_bytes(&h->src, 32), csum_add(csum_of_u32(n), csum_of_u32(IP_ICMP6)));
    be16 check = csum_fold(csum_add(sum, csum_bytes(icmp, n)));
    memcpy(icmp + 2, &check, 2);
    return ETH_HLEN + IP6_HLEN + n;
}

u32 flood_ping(bool v6, bool request, u8 mac, const struct ipaddr *src, const struct ipaddr *dst, u16 id, u8 hops)
{
    u8 icmp[ICMP_HLEN + PAYLOAD - 2] = {0};
    store_be16(icmp + 4, id);
    if (v6) {
        ip6(mac, src, dst, IP_ICMP6, hops, sizeof(icmp));
        icmp[0] = request ? ICMP6_ECHO : ICMP6_ECHO_REPLY;
        return icmp6_end(icmp, sizeof(icmp));
    }
    u32 n = ip4(mac, src, dst, IP_ICMP, hops, 0, 0);
    icmp[0] = request ? ICMP_ECHO : ICMP_ECHO_REPLY;
    be16 check = csum_fold(csum_bytes(icmp, sizeof(icmp)));
    memcpy(icmp + 2, &check, 2);
    memcpy(flood_frame + ETH_HLEN + IP4_HLEN, icmp, sizeof(icmp));
    return n;
}

u32 flood_arp(u16 op, u8 mac, const struct ipaddr *spa, const struct ipaddr *tpa)
{
    struct arp_hdr *a = (struct arp_hdr *)eth(mac, ETH_ARP);
    *a = (struct arp_hdr){
        be16_of(ARP_HW_ETHER), be16_of(ETH_IP4), 6, 4, be16_of(op), {{2, 0, 0, 0, 0, mac}}, {0}, {{0}}, {0}};
    memcpy(a->spa, spa->b + 12, 4);
    memcpy(a->tpa, tpa->b + 12, 4);
    return 60;
}

static u32 nd(u8 type, u8 mac, const struct ipaddr *src, const struct ipaddr *dst, const struct ipaddr *target,
              u32 flags)
{
    struct {
        struct ndp_msg m;
        struct ndp_lladdr o;
    } PACKED x = {{.type = type, .flags = be32_of(flags), .target = *target},
                  {type == NDP_NS ? NDP_OPT_SOURCE : NDP_OPT_TARGET, 1, {{2, 0, 0, 0, 0, mac}}}};
    ip6(mac, src, dst, IP_ICMP6, 255, sizeof(x));
    return icmp6_end(&x, sizeof(x));
}

u32 flood_na(u8 mac, const struct ipaddr *target, const struct ipaddr *to)
{
    return nd(NDP_NA, mac, target, to, target, NDP_NA_SOLICITED | NDP_NA_OVERRIDE);
}

/* ---- floods ---- */

static u32 udp4(const struct ipaddr *dst, u8 ttl)
{
    return ip4(ATTACKER, &flood_attacker[0], dst, IP_UDP, ttl, 0, 0);
}

static u32 udp6(const struct ipaddr *dst, u8 hops)
{
    return ip6(ATTACKER, &flood_attacker[1], dst, IP_UDP, hops, ICMP_HLEN + PAYLOAD);
}

u32 flood_scan4(u32 i)
{
    struct ipaddr dst = random_of(&absent[0], 3);
    return udp4(&dst, 64);
}

u32 flood_scan6(u32 i)
{
    struct ipaddr dst = random_of(&absent[1], 8);
    return udp6(&dst, 64);
}

u32 flood_unknown4(u32 i)
{
    struct ipaddr dst = absent[0];
    dst.b[14] = 1;
    dst.b[15] = (u8)(1 + i % ABSENT);
    return udp4(&dst, 64);
}

u32 flood_unknown6(u32 i)
{
    struct ipaddr dst = absent[1];
    dst.b[14] = 1;
    dst.b[15] = (u8)(1 + i % ABSENT);
    return udp6(&dst, 64);
}

u32 flood_frag4(u32 i)
{
    return ip4(ATTACKER, &flood_attacker[0], &flood_router[0][0], IP_UDP, 64, (u16)i, IP4_MF);
}

u32 flood_frag6(u32 i)
{
    struct ip6_frag f = {.next = IP_UDP, .at = be16_of(1), .id = be32_of(i)};
    u32 n = ip6(ATTACKER, &flood_attacker[1], &flood_router[0][1], IP_FRAGMENT, 64, sizeof(f) + 24);
    memcpy(flood_frame + ETH_HLEN + IP6_HLEN, &f, sizeof(f));
    return n;
}

u32 flood_echo4(u32 i)
{
    return flood_ping(false, true, ATTACKER, &flood_attacker[0], &flood_router[0][0], 9, 64);
}

u32 flood_echo6(u32 i)
{
    return flood_ping(true, true, ATTACKER, &flood_attacker[1], &flood_router[0][1], 9, 64);
}

u32 flood_ttl4(u32 i)
{
    return udp4(&flood_station[1][0], 1);
}

u32 flood_ttl6(u32 i)
{
    return udp6(&flood_station[1][1], 1);
}

u32 flood_arp_asks(u32 i)
{
    struct ipaddr spa = random_of(&flood_station[0][0], 2);
    return flood_arp(ARP_REQUEST, ATTACKER, &spa, &flood_router[0][0]);
}

u32 flood_arp_claims(u32 i)
{
    struct ipaddr spa = random_of(&flood_station[0][0], 2);
    return flood_arp(i & 1 ? ARP_REPLY : ARP_REQUEST, ATTACKER, &spa, &spa);
}

u32 flood_nd_asks(u32 i)
{
    struct ipaddr src = random_of(&flood_station[0][1], 8);
    return nd(NDP_NS, ATTACKER, &src, &flood_router[0][1], &flood_router[0][1], 0);
}

u32 flood_nd_claims(u32 i)
{
    struct ipaddr src = random_of(&flood_station[0][1], 8);
    return nd(NDP_NA, ATTACKER, &src, &all_nodes, &src, NDP_NA_OVERRIDE);
}

u32 flood_ra(u32 i)
{
    struct {
        struct ndp_ra ra;
        struct ndp_lladdr mac;
        struct ndp_prefix p;
    } PACKED x = {{.type = NDP_RA, .hop_limit = 64, .lifetime = be16_of(200)},
                  {NDP_OPT_SOURCE, 1, {{2, 0, 0, 0, 0, ATTACKER}}},
                  {.type = NDP_OPT_PREFIX,
                   .len = 4,
                   .bits = 64,
                   .flags = NDP_PREFIX_ONLINK | NDP_PREFIX_AUTO,
                   .valid = be32_of(200),
                   .preferred = be32_of(200)}};
    struct ipaddr router = addr("fe80::"), prefix = addr("2001:db8::");
    router = random_of(&router, 8);
    x.p.prefix = random_of(&prefix, 8);
    memmove(x.p.prefix.b + 4, x.p.prefix.b + 12, 4);
    memset(x.p.prefix.b + 8, 0, 8);
    ip6(ATTACKER, &router, &all_nodes, IP_ICMP6, 255, sizeof(x));
    return icmp6_end(&x, sizeof(x));
}
