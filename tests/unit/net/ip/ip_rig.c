/* A router for tests (see ip_rig.h). */
#include "tests/unit/net/ip/ip_rig.h"

#include "host/host.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/net.h"
#include "net/wire/ip6.h"

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
    CHECK_EQ(neigh_update(neigh_get(dev, &a, NULL), &mac, NUD_PERMANENT, NEIGH_ADMIN | NEIGH_OVERRIDE, false), 0);
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

/* ---- packets by their bytes ---- */

static char fate[400];

static u32 from_hex(const char **hex, u8 *to)
{
    u32 n = 0;
    for (; **hex && **hex != ' '; *hex += 2, n++) {
        u8 c[2] = {(u8)(*hex)[0], (u8)(*hex)[1]};
        for (u32 i = 0; i < 2; i++)
            c[i] = (u8)(c[i] > '9' ? c[i] - 'a' + 10 : c[i] - '0');
        to[n] = (u8)(c[0] << 4 | c[1]);
    }
    return n;
}

/* ICMP by type and code, with the pointer of a parameter problem; another protocol by its number. */
static void tell(u32 *at, const char *port, const u8 *p, u32 n)
{
    bool v6 = p[0] >> 4 == 6;
    u32 hlen = v6 ? IP6_HLEN : (p[0] & 15) * 4u, proto = v6 ? p[6] : p[9];
    const u8 *h = p + hlen;
    *at += fmt(fate + *at, sizeof(fate) - *at, "%s%s ", *at ? ", " : "", port);
    if (proto != IP_ICMP && proto != IP_ICMP6)
        *at += fmt(fate + *at, sizeof(fate) - *at, "proto %u", proto);
    else
        *at += fmt(fate + *at, sizeof(fate) - *at, "%u/%u", h[0], h[1]);
    if (v6 && proto == IP_ICMP6 && h[0] == 4)
        *at += fmt(fate + *at, sizeof(fate) - *at, "@%u", load_be32(h + 4));
    if (!v6 && proto == IP_ICMP && h[0] == 12)
        *at += fmt(fate + *at, sizeof(fate) - *at, "@%u", h[4]);
    if (!v6 && (p[1] & 3))
        *at += fmt(fate + *at, sizeof(fate) - *at, " ecn %u", p[1] & 3);
    for (u32 i = IP4_HLEN; !v6 && i < hlen; i++)
        *at += fmt(fate + *at, sizeof(fate) - *at, "%s%02x", i == IP4_HLEN ? " opt " : "", p[i]);
}

const char *ip_rig_fate(const char *hex)
{
    static const u8 macs[] = "\x02\0\0\0\0\x01\x02\0\0\0\0\x02";
    u32 at = 0;
    fate[0] = 0;
    ip_rig_clear();
    for (; *hex; hex += *hex == ' ') {
        memcpy(rig.frame, macs, 12);
        u32 n = from_hex(&hex, rig.frame + ETH_HLEN);
        store_be16(rig.frame + 12, rig.frame[ETH_HLEN] >> 4 == 6 ? ETH_IP6 : ETH_IP4);
        fake_dev_arrive(rig.a, rig.frame, ETH_HLEN + n, 0);
        host_run();
    }
    for (u32 i = 0; i < rig.a->sent_n + rig.b->sent_n; i++) {
        bool b = i >= rig.a->sent_n;
        u32 n = ip_rig_out(b ? rig.b : rig.a, b ? i - rig.a->sent_n : i);
        tell(&at, b ? "b" : "a", rig.frame + ETH_HLEN, n - ETH_HLEN);
    }
    ip_rig_clear();
    return fate;
}

void ip_rig_check(const struct ip_rig_case *c, u32 n)
{
    for (u32 i = 0; i < n; i++) {
        ip_rig_start();
        ip_rig_sysctl("net.ipv4.icmp_ratelimit", "0");
        const char *is = ip_rig_fate(c[i].hex);
        if (!str_eq(is, c[i].fate))
            test_failed(__FILE__, __LINE__, "%s: \"%s\", not \"%s\"", c[i].what, is, c[i].fate);
        ip_rig_end();
    }
}
