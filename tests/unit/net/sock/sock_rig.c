/* Two machines at the ends of a wire (see sock_rig.h). */
#include "tests/unit/net/sock/sock_rig.h"

#include "host/host.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/backlog.h"
#include "net/dev/updown.h"
#include "net/ip/arp.h"
#include "net/ip/header.h"
#include "net/net.h"
#include "net/skb/cksum.h"
#include "net/skb/pool.h"
#include "tests/unit/with_conf.h"

struct sock_rig sock_rig;

struct flight { /* a frame on the wire */
    struct timer timer;
    unsigned to;
    u32 n;
    u8 p[];
};

static u32 flying;

static void arrive(struct timer *t)
{
    struct flight *f = container_of(t, struct flight, timer);
    struct net *net = sock_rig.net[f->to];
    struct skb *s = skb_alloc(skb_pool_of(net));
    struct skbq q = {.n = 1, .p = {s}};
    flying--;
    CHECK_EQ(skb_append(s, f->p, f->n), 0);
    s->dev = &sock_rig.dev[f->to]->port;
    s->stamp = clock_ns();
    mem_free(f);
    backlog_put(net, cpu_id(), &q);
}

static void wire_tx(struct netdev *dev, struct skbq *q)
{
    unsigned end = dev == sock_rig.dev[1];
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        struct rig_frame *seen = &sock_rig.seen[end][sock_rig.frames[end]++ % RIG_SEEN];
        CHECK(cksum_finish(s));
        CHECK_LE(s->len, dev->mtu + 14);
        seen->n = s->len;
        CHECK_EQ(skb_read(s, 0, seen->p, min(s->len, (u32)sizeof(seen->p))), 0);
        struct flight *f = sock_rig.cut ? NULL : mem_alloc(sizeof(*f) + s->len);
        if (f) {
            f->to = !end;
            f->n = s->len;
            CHECK_EQ(skb_read(s, 0, f->p, f->n), 0);
            timer_init(&f->timer, arrive);
            timer_arm(&f->timer, clock_ns() + sock_rig.delay);
            flying++;
        }
    }
    skbq_free(q);
}

static int nothing_to_open(struct netdev *dev)
{
    return 0;
}

static void nothing_to_stop(struct netdev *dev)
{
}

static const struct netdev_ops wire_ops = {
    .driver = "wire", .open = nothing_to_open, .stop = nothing_to_stop, .tx = wire_tx};

struct ipaddr sock_rig_ip(const char *text)
{
    struct ipaddr a = {0};
    CHECK_EQ(parse_addr(text, &a, NULL), 0);
    return a;
}

void sock_rig_addr(unsigned end, const char *prefix)
{
    struct ipprefix p = {0};
    CHECK_EQ(parse_prefix(prefix, &p, NULL), 0);
    struct ifaddr a = {.addr = p.addr,
                       .peer = p.addr,
                       .bits = p.bits,
                       .flags = IFA_NODAD,
                       .valid_until = IFA_FOREVER,
                       .preferred_until = IFA_FOREVER,
                       .broadcast = ipaddr_is4(&p.addr) ? addr_fill(&p.addr, p.bits, true) : ipaddr_of4(0, 0, 0, 0)};
    CHECK_EQ(WITH_CONF(ifaddr_add(sock_rig.dev[end], &a)), 0);
}

void sock_rig_route(unsigned end, const char *prefix, const char *via)
{
    struct ipprefix p = {0};
    CHECK_EQ(parse_prefix(prefix, &p, NULL), 0);
    struct hop hop = {.dev = sock_rig.dev[end], .weight = 1, .via = sock_rig_ip(via)};
    enum ip_index f = ip_family_of(&p.addr)->index;
    struct route_want w = {
        .key = {.family = f, .type = ROUTE_UNICAST, .prefsrc = addr_fill(&p.addr, 0, false)}, .hops = 1, .hop = &hop};
    CHECK_EQ(WITH_CONF(fib_add(fib_table(sock_rig.net[end], f, TABLE_MAIN, true), &p, &w, FIB_NEW)), 0);
}

void sock_rig_icmp(const char *from, const char *to, u8 hops, u8 *msg, u32 n)
{
    struct ipaddr src = sock_rig_ip(from), dst = sock_rig_ip(to);
    bool v6 = !ipaddr_is4(&src);
    struct eth_hdr e = {sock_rig.dev[0]->mac, sock_rig.dev[1]->mac, be16_of(v6 ? ETH_IP6 : ETH_IP4)};
    struct ip4_hdr h4 = {.ver_ihl = 0x45, .len = be16_of((u16)(n + IP4_HLEN)), .ttl = hops, .proto = IP_ICMP};
    struct ip6_hdr h6 = {.ver_class_flow = be32_of(6u << 28),
                         .payload = be16_of((u16)n),
                         .next = IP_ICMP6,
                         .hops = hops,
                         .src = src,
                         .dst = dst};
    memcpy(h4.src, src.b + ADDR4_AT, 4);
    memcpy(h4.dst, dst.b + ADDR4_AT, 4);
    h4.check = csum_fold(csum_bytes(&h4, sizeof(h4)));
    u32 sum = v6 ? csum_add(csum_bytes(&h6.src, 32), csum_add(csum_of_u32(n), csum_of_u32(IP_ICMP6))) : 0;
    store_be16(msg + 2, 0);
    be16 check = csum_fold(csum_add(sum, csum_bytes(msg, n)));
    memcpy(msg + 2, &check, 2);
    struct skb *s = skb_alloc(skb_pool_of(sock_rig.net[0]));
    struct skbq q = {.n = 1, .p = {s}};
    CHECK_EQ(skb_append(s, &e, sizeof(e)), 0);
    CHECK_EQ(skb_append(s, v6 ? (void *)&h6 : (void *)&h4, v6 ? IP6_HLEN : IP4_HLEN), 0);
    CHECK_EQ(skb_append(s, msg, n), 0);
    s->dev = &sock_rig.dev[0]->port;
    softirq_off();
    backlog_put(sock_rig.net[0], cpu_id(), &q);
    softirq_on();
    host_run();
}

static void make_end(unsigned end)
{
    struct net *net = sock_rig.net[end] = net_bring_up();
    CHECK(net);
    struct netdev *dev = sock_rig.dev[end] = netdev_new(&wire_ops, 0, 0, 0);
    dev->mac = dev->perm_mac = (struct macaddr){{2, 0, 0, 0, 0, (u8)(end + 1)}};
    dev->features = DEV_F_SG | DEV_F_TX_CSUM;
    dev->mtu_most = 9000;
    CHECK_EQ(WITH_CONF(dev_up(netdev_find(net, "lo"))), 0);
    CHECK_EQ(WITH_CONF(netdev_add(net, dev, "eth%u")), 0);
    netdev_carrier(dev, true);
    CHECK_EQ(WITH_CONF(dev_up(dev)), 0);
}

void sock_rig_start(bool addresses)
{
    sock_rig = (struct sock_rig){0};
    sock_rig.delay = NS_PER_MS / 2;
    for (unsigned end = 0; end < 2; end++)
        make_end(end);
    net_first = sock_rig.net[0];
    if (!addresses)
        return;
    sock_rig_addr(0, "10.1.0.1/24");
    sock_rig_addr(1, "10.1.0.2/24");
    sock_rig_addr(0, "2001:db8::1/64");
    sock_rig_addr(1, "2001:db8::2/64");
    host_clock_advance(5 * NS_PER_S);
}

void sock_rig_end(void)
{
    host_clock_advance(10 * NS_PER_S);
    while (flying)
        host_clock_advance(sock_rig.delay);
    for (unsigned end = 0; end < 2; end++) {
        WITH_CONF(dev_down(sock_rig.dev[end]));
        WITH_CONF(netdev_del(sock_rig.dev[end]));
    }
    host_run();
    for (unsigned end = 0; end < 2; end++)
        net_take_down(sock_rig.net[end]);
    host_run();
}
