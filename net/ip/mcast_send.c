/* Reports as messages (contract: mcast_send.h): whole frames, since their headers have options that nothing else has:
 * router alert (RFC 2113, RFC 2711), so that routers look at what is sent to others' groups.
 */
#include "net/ip/mcast_send.h"

#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/ip/header.h"
#include "net/ip/ifaddr.h"
#include "net/ip/mcast.h"
#include "net/ip/route.h"
#include "net/skb/pool.h"
#include "net/wire/icmp.h"

#define TOS 0xc0 /* RFC 3376 4: internetwork control */

static const struct ipaddr all_routers4 = {{[10] = 0xff, 0xff, 224, 0, 0, 2}};
static const struct ipaddr all_igmp3 = {{[10] = 0xff, 0xff, 224, 0, 0, 22}};
static const struct ipaddr all_routers6 = {{0xff, 0x02, [15] = 2}};
static const struct ipaddr all_mld2 = {{0xff, 0x02, [15] = 0x16}};

static void put_header4(struct netdev *dev, struct skb *s, const struct ipaddr *dst)
{
    static const u8 alert[4] = {148, 4, 0, 0};
    const struct ifaddr *a = ifaddr_source(dev, &ip_v4, dst, SCOPE_LINK);
    u32 n = s->len;
    u8 *p = skb_push(s, IP4_HLEN + sizeof(alert));
    struct ip4_hdr h = {.ver_ihl = 0x46,
                        .tos = TOS,
                        .len = be16_of((u16)(n + IP4_HLEN + sizeof(alert))),
                        .frag = be16_of(IP4_DF),
                        .ttl = 1,
                        .proto = IP_IGMP};
    if (a)
        memcpy(h.src, a->addr.b + ADDR4_AT, 4);
    memcpy(h.dst, dst->b + ADDR4_AT, 4);
    memcpy(p, &h, sizeof(h));
    memcpy(p + IP4_HLEN, alert, sizeof(alert));
    be16 check = csum_fold(csum_bytes(p, IP4_HLEN + sizeof(alert)));
    memcpy(p + offsetof(struct ip4_hdr, check), &check, sizeof(check));
    check = csum_fold(csum_bytes(p + IP4_HLEN + sizeof(alert), n));
    memcpy(p + IP4_HLEN + sizeof(alert) + 2, &check, sizeof(check));
}

static void put_header6(struct netdev *dev, struct skb *s, const struct ipaddr *dst)
{
    static const u8 alert[8] = {IP_ICMP6, 0, 5, 2, 0, 0, 1, 0};
    const struct ifaddr *a = ifaddr_link_local(dev);
    u32 n = s->len;
    u8 *p = skb_push(s, IP6_HLEN + sizeof(alert));
    struct ip6_hdr h = {.ver_class_flow = be32_of(6u << 28),
                        .payload = be16_of((u16)(n + sizeof(alert))),
                        .next = IP_HOPOPTS,
                        .hops = 1,
                        .dst = *dst};
    if (a && !(a->flags & IFA_TENTATIVE)) /* RFC 3810 5.2.13: or from nobody */
        h.src = a->addr;
    memcpy(p, &h, sizeof(h));
    memcpy(p + IP6_HLEN, alert, sizeof(alert));
    u32 sum = csum_add(csum_bytes(&h.src, 32), csum_add(csum_of_u32(n), csum_of_u32(IP_ICMP6)));
    be16 check = csum_fold(csum_add(sum, csum_bytes(p + IP6_HLEN + sizeof(alert), n)));
    memcpy(p + IP6_HLEN + sizeof(alert) + 2, &check, sizeof(check));
}

/* The n bytes of a message, whose checksum is 0 yet. */
static void send(struct netdev *dev, const void *message, u32 n, const struct ipaddr *dst)
{
    bool v4 = ipaddr_is4(dst);
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(dev_net(dev)));
    if (s) {
        memcpy(skb_put(s, n), message, n);
        if (v4)
            put_header4(dev, s, dst);
        else
            put_header6(dev, s, dst);
        s->type = v4 ? ETH_IP4 : ETH_IP6;
        s->l3 = (u16)skb_off(s);
        struct eth_hdr *e = skb_push(s, ETH_HLEN);
        *e = (struct eth_hdr){mcast_mac(dst), dev->mac, be16_of(s->type)};
        struct skbq q = {.n = 1, .p = {s}};
        dev_tx(dev, &q);
    }
    softirq_on();
}

static void send_old4(struct netdev *dev, const struct ipaddr *g, u32 version, enum group_record what)
{
    bool leave = what == GROUP_TO_INCLUDE;
    struct igmp_hdr h = {.type = leave ? IGMP2_LEAVE : version == 1 ? IGMP1_REPORT : IGMP2_REPORT};
    memcpy(h.group, g->b + ADDR4_AT, 4);
    if (!leave || version > 1) /* version 1 leaves without a word */
        send(dev, &h, sizeof(h), leave ? &all_routers4 : g);
}

static void send_old6(struct netdev *dev, const struct ipaddr *g, enum group_record what)
{
    bool leave = what == GROUP_TO_INCLUDE;
    struct mld_hdr h = {.type = leave ? MLD1_DONE : MLD1_REPORT, .group = *g};
    send(dev, &h, sizeof(h), leave ? &all_routers6 : g);
}

/* The report of the newest version: a header of 8 bytes, of which both families' are alike but for the type. */
static void send_records(struct netdev *dev, const struct ipaddr *groups, u32 n, enum group_record what)
{
    const struct ip_family *f = ip_family_of(groups);
    u8 b[sizeof(struct igmp3_report) + MCAST_SEND_MOST * (sizeof(struct group_record_hdr) + sizeof(struct ipaddr))];
    struct igmp3_report h = {.type = f == &ip_v4 ? IGMP3_REPORT : MLD2_REPORT, .records = be16_of((u16)n)};
    struct group_record_hdr r = {.type = (u8)what};
    u32 len = sizeof(h);
    memcpy(b, &h, sizeof(h));
    for (u32 i = 0; i < n; i++) {
        memcpy(b + len, &r, sizeof(r));
        memcpy(b + len + sizeof(r), ip_key(&groups[i]), f->bits / 8);
        len += (u32)sizeof(r) + f->bits / 8;
    }
    send(dev, b, len, f == &ip_v4 ? &all_igmp3 : &all_mld2);
}

void mcast_send(struct netdev *dev, const struct ipaddr *groups, u32 n, u32 version, enum group_record what)
{
    bool v4 = ipaddr_is4(groups);
    if (version == (v4 ? 3u : 2u)) {
        send_records(dev, groups, n, what);
        return;
    }
    for (u32 i = 0; i < n; i++)
        if (v4)
            send_old4(dev, &groups[i], version, what);
        else
            send_old6(dev, &groups[i], what);
}
