/* A router for tests (see ip_rig.h). */
#include "tests/unit/net/ip/ip_rig.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/net.h"

struct ip_rig rig;

void ip_rig_addr(struct netdev *dev, const char *prefix, bool add)
{
    struct ipprefix p;
    CHECK_EQ(parse_prefix(prefix, &p, NULL), 0);
    struct ifaddr a = {.addr = p.addr,
                       .peer = p.addr,
                       .bits = p.bits,
                       .valid_until = IFA_FOREVER,
                       .preferred_until = IFA_FOREVER,
                       .flags = IFA_NODAD,
                       .broadcast = ipaddr_of4(0, 0, 0, 0)};
    if (add)
        CHECK_EQ(WITH_CONF(ifaddr_add(dev, &a)), 0);
    else
        CHECK_EQ(WITH_CONF(ifaddr_del(dev, ifaddr_find(dev, &p.addr, p.bits))), 0);
}

void ip_rig_neigh(struct netdev *dev, const char *addr, u8 last)
{
    struct ipaddr a;
    struct macaddr mac = {{2, 0, 0, 0, 0, last}};
    CHECK_EQ(parse_addr(addr, &a, NULL), 0);
    softirq_off();
    CHECK_EQ(neigh_update(neigh_get(dev, &a), &mac, NUD_PERMANENT, NEIGH_ADMIN | NEIGH_OVERRIDE, false), 0);
    softirq_on();
}

void ip_rig_sysctl(const char *name, const char *value)
{
    CHECK_EQ(sysctl_set(rig.net, name, value), 0);
}

int ip_rig_route(u32 table, const char *prefix, enum route_type type, const char *via, struct netdev *dev)
{
    struct ipprefix p;
    CHECK_EQ(parse_prefix(prefix, &p, NULL), 0);
    const struct ip_family *f = ip_family_of(&p.addr);
    struct hop hop = {.dev = dev, .weight = 1, .via = addr_fill(&p.addr, 0, false)};
    if (via)
        CHECK_EQ(parse_addr(via, &hop.via, NULL), 0);
    struct route_want w = {
        .key = {.family = f->index, .type = type, .proto = PROTO_BOOT, .prefsrc = addr_fill(&p.addr, 0, false)},
        .hops = dev != NULL,
        .hop = &hop};
    return WITH_CONF(fib_add(fib_table(rig.net, f->index, table, true), &p, &w, FIB_NEW));
}

void ip_rig_start(void)
{
    rig.net = net_bring_up();
    CHECK(rig.net);
    rig.a = fake_dev_new(rig.net, "eth%u");
    rig.b = fake_dev_new(rig.net, "eth%u");
    ip_rig_addr(rig.a->dev, "10.1.0.1/24", true);
    ip_rig_addr(rig.b->dev, "10.2.0.1/24", true);
    ip_rig_addr(rig.a->dev, "2001:db8::1/64", true);
    ip_rig_addr(rig.b->dev, "2001:db8:1::1/64", true);
    ip_rig_sysctl("net.ipv4.ip_forward", "1");
    ip_rig_sysctl("net.ipv6.conf.all.forwarding", "1");
    ip_rig_neigh(rig.a->dev, "10.1.0.2", 2);
    ip_rig_neigh(rig.b->dev, "10.2.0.2", 3);
    ip_rig_neigh(rig.a->dev, "2001:db8::2", 2);
    ip_rig_neigh(rig.b->dev, "2001:db8:1::2", 3);
    host_clock_advance(10 * NS_PER_S); /* addresses are settled, groups are told */
    ip_rig_clear();
}

void ip_rig_end(void)
{
    fake_dev_end(rig.a);
    fake_dev_end(rig.b);
    host_run();
    net_take_down(rig.net);
}

u32 ip_rig_build(const struct packet *p)
{
    u32 n = packet_build(p, rig.frame);
    memcpy(rig.frame, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
    return n;
}

void ip_rig_send(struct fake_dev *f, const struct packet *p)
{
    fake_dev_arrive(f, rig.frame, ip_rig_build(p), 0);
    host_run();
}

u32 ip_rig_out(struct fake_dev *f, u32 i)
{
    if (i >= f->sent_n)
        return 0;
    u32 n = f->sent[i]->len;
    CHECK_EQ(skb_read(f->sent[i], 0, rig.frame, n), 0);
    return n;
}

void ip_rig_clear(void)
{
    while (rig.a->sent_n || rig.b->sent_n) { /* what waited for its byte limit goes then */
        fake_dev_complete(rig.a, rig.a->sent_n);
        fake_dev_complete(rig.b, rig.b->sent_n);
        host_run();
    }
}

u64 ip_rig_drops(const struct fake_dev *f, enum drop_reason why)
{
    return drop_read(rig.net, &f->dev->port, why, 0);
}
