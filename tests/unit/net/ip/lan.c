/* A link with stations (see lan.h). */
#include "tests/unit/net/ip/lan.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/updown.h"
#include "net/ip/header.h"
#include "net/ip/ip.h"
#include "net/net.h"
#include "net/skb/pool.h"
#include "net/wire/arp.h"
#include "net/wire/ndp.h"

struct ipaddr lan_addr(const char *text)
{
    struct ipaddr a = {{0}};
    CHECK_EQ(parse_addr(text, &a, NULL), 0);
    return a;
}

struct macaddr lan_mac(u8 n)
{
    return (struct macaddr){{2, 0, 0, 0, 0, n}};
}

void lan_start(struct lan *l)
{
    *l = (struct lan){.net = net_first = net_bring_up()};
    WITH_CONF(dev_up(netdev_find(l->net, "lo")));
    l->fake = fake_dev_new(l->net, "eth%u");
    l->dev = l->fake->dev;
    host_run();
    lan_forget(l);
}

void lan_end(struct lan *l)
{
    lan_forget(l);
    fake_dev_end(l->fake);
    WITH_CONF(dev_down(netdev_find(l->net, "lo")));
    net_take_down(l->net);
    host_run();
}

void lan_hold(struct lan *l)
{
    conf_enter();
}

void lan_let(struct lan *l)
{
    conf_leave();
    host_run();
}

void lan_wait(u64 ms)
{
    host_clock_advance(ms * NS_PER_MS);
}

void lan_have(struct lan *l, const char *prefix)
{
    struct ipprefix p = {.bits = 0};
    CHECK_EQ(parse_prefix(prefix, &p, NULL), 0);
    struct ifaddr a = {.addr = p.addr,
                       .peer = p.addr,
                       .broadcast = {{[10] = 0xff, 0xff}},
                       .bits = p.bits,
                       .valid_until = IFA_FOREVER,
                       .preferred_until = IFA_FOREVER};
    CHECK_EQ(WITH_CONF(ifaddr_add(l->dev, &a)), 0);
    host_run();
}

void lan_set(struct lan *l, const char *sysctl, const char *value)
{
    CHECK_EQ(sysctl_set(l->net, sysctl, value), 0);
}

/* ---- what was sent ---- */

static bool is_kind(const struct lan *l, u16 ethertype, int icmp6)
{
    if (load_be16(l->frame + 12) != ethertype)
        return false;
    return icmp6 < 0 || (l->frame[20] == IP_ICMP6 && l->frame[ETH_HLEN + IP6_HLEN] == icmp6);
}

bool lan_any(struct lan *l)
{
    struct fake_dev *f = l->fake;
    host_run();
    if (!f->sent_n)
        return false;
    l->n = f->sent[0]->len;
    CHECK_EQ(skb_read(f->sent[0], 0, l->frame, min(l->n, (u32)sizeof(l->frame))), 0);
    fake_dev_complete(f, 1);
    host_run();
    return true;
}

bool lan_next(struct lan *l, u16 ethertype, int icmp6)
{
    while (lan_any(l))
        if (is_kind(l, ethertype, icmp6))
            return true;
    return false;
}

u32 lan_count(struct lan *l, u16 ethertype, int icmp6)
{
    u32 n = 0;
    while (lan_next(l, ethertype, icmp6))
        n++;
    return n;
}

void lan_forget(struct lan *l)
{
    host_run();
    while (l->fake->sent_n) {
        fake_dev_complete(l->fake, l->fake->sent_n);
        host_run();
    }
}

void lan_send_from(struct lan *l, const struct ipaddr *src, const struct ipaddr *dst, u32 payload)
{
    softirq_off();
    struct skb *s = skb_alloc(skb_pool_of(l->net));
    memset(skb_put(s, payload), 0, payload);
    struct ip_send how = {.src = *src, .dst = *dst, .proto = 253};
    ip_tx(l->net, s, &how);
    softirq_on();
    host_run();
}

/* ---- what comes ---- */

void lan_arp(struct lan *l, u16 op, const struct macaddr *sha, const char *spa, const char *tpa, bool to_all)
{
    u8 frame[60] = {0};
    struct eth_hdr e = {.src = *sha, .dst = l->dev->mac, .type = be16_of(ETH_ARP)};
    struct arp_hdr a = {be16_of(ARP_HW_ETHER), be16_of(ETH_IP4), 6, 4, be16_of(op), *sha, {0}, {{0}}, {0}};
    struct ipaddr from = lan_addr(spa), to = lan_addr(tpa);
    memcpy(a.spa, from.b + 12, 4);
    memcpy(a.tpa, to.b + 12, 4);
    if (to_all)
        memset(&e.dst, 0xff, sizeof(e.dst));
    memcpy(frame, &e, sizeof(e));
    memcpy(frame + sizeof(e), &a, sizeof(a));
    fake_dev_arrive(l->fake, frame, sizeof(frame), 0);
    host_run();
}

void lan_icmp6(struct lan *l, const struct macaddr *from, const char *src, const char *dst, void *msg, u32 n, u8 hops)
{
    u8 frame[1514] = {0}, *icmp = frame + ETH_HLEN + IP6_HLEN;
    struct ip6_hdr h = {.ver_class_flow = be32_of(6u << 28),
                        .payload = be16_of((u16)n),
                        .next = IP_ICMP6,
                        .hops = hops,
                        .src = lan_addr(src),
                        .dst = lan_addr(dst)};
    struct eth_hdr e = {.src = *from, .dst = l->dev->mac, .type = be16_of(ETH_IP6)};
    if (h.dst.b[0] == 0xff)
        e.dst = (struct macaddr){{0x33, 0x33, h.dst.b[12], h.dst.b[13], h.dst.b[14], h.dst.b[15]}};
    memcpy(frame, &e, sizeof(e));
    memcpy(frame + sizeof(e), &h, sizeof(h));
    memcpy(icmp, msg, n);
    store_be16(icmp + 2, 0);
    u32 sum = csum_add(csum_bytes(&h.src, 32), csum_add(csum_of_u32(n), csum_of_u32(IP_ICMP6)));
    be16 check = csum_fold(csum_add(sum, csum_bytes(icmp, n)));
    memcpy(icmp + 2, &check, 2);
    fake_dev_arrive(l->fake, frame, ETH_HLEN + IP6_HLEN + n, 0);
    host_run();
}

void lan_ndp(struct lan *l, u8 type, const struct macaddr *from, const char *src, const char *dst, const char *target,
             u32 flags, const struct macaddr *mac)
{
    u8 msg[sizeof(struct ndp_msg) + sizeof(struct ndp_lladdr)];
    struct ndp_msg m = {.type = type, .flags = be32_of(flags), .target = lan_addr(target)};
    struct ndp_lladdr o = {type == NDP_NS ? NDP_OPT_SOURCE : NDP_OPT_TARGET, 1, mac ? *mac : (struct macaddr){{0}}};
    memcpy(msg, &m, sizeof(m));
    memcpy(msg + sizeof(m), &o, sizeof(o));
    lan_icmp6(l, from, src, dst, msg, sizeof(m) + (mac ? sizeof(o) : 0), 255);
}

void lan_igmp(struct lan *l, const char *dst, void *msg, u32 n)
{
    u8 frame[1514] = {0}, *igmp = frame + ETH_HLEN + IP4_HLEN;
    struct ipaddr to = lan_addr(dst), from = lan_addr("10.0.0.2");
    struct ip4_hdr h = {
        .ver_ihl = 0x45, .len = be16_of((u16)(IP4_HLEN + n)), .ttl = 1, .proto = IP_IGMP, .check = be16_of(0)};
    struct eth_hdr e = {{{1, 0, 0x5e, to.b[13] & 0x7f, to.b[14], to.b[15]}}, lan_mac(2), be16_of(ETH_IP4)};
    memcpy(h.src, from.b + 12, 4);
    memcpy(h.dst, to.b + 12, 4);
    h.check = csum_fold(csum_bytes(&h, sizeof(h)));
    memcpy(frame, &e, sizeof(e));
    memcpy(frame + ETH_HLEN, &h, sizeof(h));
    memcpy(igmp, msg, n);
    store_be16(igmp + 2, 0);
    be16 check = csum_fold(csum_bytes(igmp, n));
    memcpy(igmp + 2, &check, 2);
    fake_dev_arrive(l->fake, frame, ETH_HLEN + IP4_HLEN + n, 0);
    host_run();
}
