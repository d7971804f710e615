/* net/dev/gro: what a segment costs from the ring until it is part of a large packet, checksums verified by the device,
 * in bursts of 64 with the flows by turns; and what a frame costs that GRO has nothing to do with. Each figure has
 * rx_skbs in it, which touches each skb first as it does in life: what GRO adds is the difference to the line without.
 */
#include "net/dev/gro.h"

#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/eth.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "net/wire/udp.h"
#include "tests/bench/bench.h"
#include "tests/unit/with_conf.h"

#define SEGS    1280u /* 32 of each of 40 flows */
#define PAYLOAD 1448u

struct load {
    u32 flows;
    bool v6, udp, sum, off; /* sum: the checksum is ours to verify */
};

static struct net *net;
static struct netdev *dev;
static struct gro *gro;
static struct rxbuf burst[SEGS];
static struct skb *came[SEGS];
static u32 came_n;

static void collect(struct netdev *d, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        came[came_n++] = q->p[i];
    q->n = 0;
}

static struct rxbuf segment(const struct load *l, u32 flow, u32 i)
{
    struct skb *s = skb_alloc(skb_pool_of(net));
    u32 ip_len = l->v6 ? IP6_HLEN : IP4_HLEN, hlen = l->udp ? UDP_HLEN : TCP_HLEN + 12, payload = l->udp ? 18 : PAYLOAD;
    u8 *f = memset(skb_put(s, ETH_HLEN + ip_len + hlen + payload), 0, ETH_HLEN + ip_len + hlen);
    store_be16(f + 12, l->v6 ? ETH_IP6 : ETH_IP4);
    struct ip4_hdr *ip = (struct ip4_hdr *)(f + ETH_HLEN);
    struct tcp_hdr *tcp = (struct tcp_hdr *)(f + ETH_HLEN + ip_len);
    *ip = (struct ip4_hdr){.ver_ihl = 0x45, .len = be16_of((u16)(ip_len + hlen + payload)), .id = be16_of((u16)i)};
    ip->ttl = 64;
    ip->proto = l->udp ? IP_UDP : IP_TCP;
    memcpy(ip->src, "\x0a\x01\0\x01", 4);
    memcpy(ip->dst, "\x0a\x02\0\x01", 4);
    ip->check = csum_fold(csum_bytes(ip, IP4_HLEN));
    if (l->v6) {
        struct ip6_hdr *ip6 = (struct ip6_hdr *)ip;
        *ip6 = (struct ip6_hdr){.ver_class_flow = be32_of(0x60000000), .payload = be16_of((u16)(hlen + payload))};
        ip6->next = l->udp ? IP_UDP : IP_TCP;
        ip6->hops = 64;
        ip6->src.b[0] = ip6->dst.b[0] = 0x20;
        ip6->dst.b[15] = 1;
    }
    if (l->udp)
        *(struct udp_hdr *)tcp = (struct udp_hdr){.dport = be16_of(9), .len = be16_of((u16)(hlen + payload))};
    else
        *tcp = (struct tcp_hdr){.dport = be16_of(80), .seq = be32_of(i * payload), .off = 0x80, .flags = TCP_ACK};
    tcp->sport = be16_of((u16)(40000 + flow * 7));
    s->dev = &dev->port;
    if (skb_parse(s))
        panic("a segment that is none");
    if (l->sum) { /* else nobody touches the payload: the device put it there */
        cksum_begin(s, l->udp ? IP_UDP : IP_TCP);
        cksum_finish(s);
    }
    return (struct rxbuf){
        .buf = s->buf, .off = (u16)skb_off(s), .len = (u16)s->len, .flags = l->sum ? 0 : RXBUF_VERIFIED};
}

static void prepare(void *arg)
{
    const struct load *l = arg;
    skb_free_many(came, came_n);
    came_n = 0;
    dev->features = l->off ? 0 : DEV_F_GRO;
    for (u32 i = 0; i < SEGS; i++)
        burst[i] = segment(l, i % l->flows, i / l->flows);
}

static void receive(void *arg)
{
    for (u32 i = 0; i < SEGS; i += SKBQ_MOST) {
        struct skbq q;
        q.n = 0;
        rx_skbs(dev, 0, burst + i, SKBQ_MOST, 0, &q);
        gro_rx(gro, &q, 0);
    }
    gro_flush(gro);
}

static void measure(const char *what, struct load l)
{
    bench_ns_fresh(what, SEGS, prepare, receive, &l);
    prepare(&l);
    receive(NULL);
    if (!l.udp && !l.off)
        bench_value("    packets that they became", came_n, "");
}

static void measure_gro(void)
{
    static const struct netdev_ops ops = {.driver = "bench"};
    net = net_new();
    dev = netdev_new(&ops, 0, 1, 1);
    WITH_CONF(netdev_add(net, dev, "eth0"));
    dev->handler = collect;
    gro = gro_new(dev);
    measure("without gro, a segment", (struct load){.flows = 40, .off = true});
    measure("gro TCP over IPv4, 1 flow, a segment", (struct load){.flows = 1});
    measure("gro TCP over IPv4, 40 flows, a segment", (struct load){.flows = 40});
    measure("gro TCP over IPv6, 1 flow, a segment", (struct load){.flows = 1, .v6 = true});
    measure("gro TCP over IPv6, 40 flows, a segment", (struct load){.flows = 40, .v6 = true});
    measure("gro TCP over IPv4, 1 flow, checksum ours", (struct load){.flows = 1, .sum = true});
    measure("gro passes UDP of 60 bytes, a frame", (struct load){.flows = 40, .udp = true});
    skb_free_many(came, came_n);
    gro_free(gro);
    WITH_CONF(netdev_del(dev));
    net_free(net);
}

BENCH(gro);
