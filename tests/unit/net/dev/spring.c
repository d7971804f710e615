/* A device that makes its packets itself (see spring.h): Ethernet, IPv4 and UDP, the flow in the source port, the
 * number behind the headers. */
#include "tests/unit/net/dev/spring.h"

#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/conf.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"

#define SPORT  34
#define NUMBER 42
#define FLOW_0 1000u

static struct spring *spring_of(const struct netdev *dev)
{
    return dev->priv;
}

static u64 draw(struct spring *s)
{
    s->lot = s->lot * 6364136223846793005ull + 1442695040888963407ull;
    return s->lot >> 33;
}

static u32 make(struct spring *s, struct rxbuf *b, u32 n)
{
    struct skb *p[RX_BURST];
    u32 got = skb_pool_take(skb_pool_of(dev_net(s->dev)), p, n, __func__);
    for (u32 i = 0; i < got; i++) {
        u32 flow = (u32)(draw(s) % s->flows);
        struct skb_buf *buf = container_of(p[i], struct skb_buf, skb);
        u8 *to = (u8 *)buf + SKB_DATA;
        memcpy(to, s->frame, sizeof(s->frame));
        store_be16(to + SPORT, (u16)(FLOW_0 + flow));
        store_be32(to + NUMBER, ++s->next[flow]);
        rxbuf_set(&b[i], buf, SKB_DATA, sizeof(s->frame), 0);
    }
    s->made += got;
    return got;
}

static u32 spring_poll(struct napi *n, u32 budget)
{
    struct spring *s = spring_of(n->dev);
    struct rxbuf b[RX_BURST];
    u32 want = min(min(budget, load_acquire(&s->credit)), RX_BURST), got = want ? make(s, b, want) : 0;
    atomic_sub(&s->credit, got);
    if (got)
        napi_rx(n, b, got);
    if (got < want)
        napi_later(n, clock_ns() + NS_PER_MS); /* no buffers: later */
    return got;
}

static bool spring_irq_on(struct napi *n)
{
    return load_acquire(&spring_of(n->dev)->credit) != 0;
}

static void spring_irq_off(struct napi *n)
{
}

static const struct napi_ops napi_ops = {.poll = spring_poll, .irq_on = spring_irq_on, .irq_off = spring_irq_off};

void spring_flow(struct spring *s, u32 n)
{
    atomic_add(&s->credit, n);
    napi_schedule(&s->napi);
}

/* ---- the sink ---- */

static void sink(struct netdev *dev, struct skbq *q)
{
    struct spring *s = dev->handler_data;
    unsigned cpu = cpu_id();
    for (u32 i = 0; i < q->n; i++) {
        u8 b[NUMBER + 4];
        if (skb_read(q->p[i], 0, b, sizeof(b)))
            continue;
        u32 flow = (u32)load_be16(b + SPORT) - FLOW_0, number = load_be32(b + NUMBER);
        bool right = flow < SPRING_FLOWS && (s->whole ? number == s->seen[flow] + 1 : number > s->seen[flow]);
        stats_add(&s->wrong[cpu], !right);
        if (flow >= SPRING_FLOWS)
            continue;
        s->seen[flow] = number;
        s->on[flow] = (u16)cpu;
    }
    stats_add(&s->ended[cpu], q->n);
    skbq_free(q);
}

static u64 sum(const u64 *by_cpu)
{
    u64 n = 0;
    for (unsigned i = 0; i < cpu_count(); i++)
        n += load_relaxed(&by_cpu[i]);
    return n;
}

u64 spring_ended(const struct spring *s)
{
    return sum(s->ended);
}

u64 spring_wrong(const struct spring *s)
{
    return sum(s->wrong);
}

/* ---- the device ---- */

static int spring_open(struct netdev *dev)
{
    napi_on(&spring_of(dev)->napi);
    return 0;
}

static void spring_stop(struct netdev *dev)
{
    napi_off(&spring_of(dev)->napi);
}

static u32 spring_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    return 0;
}

static u32 spring_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    return 0;
}

static const struct netdev_ops spring_ops = {
    .driver = "spring", .open = spring_open, .stop = spring_stop, .xmit = spring_xmit, .reap = spring_reap};

static void fill_frame(u8 *f)
{
    static const u8 head[SPORT] = {2,    0, 0, 0,  0,  1, 2,    0, 0,  0,  0, 2, 8, 0, /* Ethernet */
                                   0x45, 0, 0, 50, 0,  0, 0x40, 0, 64, 17, 0, 0,       /* IPv4 */
                                   10,   0, 0, 1,  10, 0, 0,    2};
    memcpy(f, head, sizeof(head));
    store_be16(f + SPORT + 2, 7);
    store_be16(f + SPORT + 4, 30);
}

struct spring *spring_new(struct net *net, const char *name, u32 flows)
{
    struct netdev *dev = netdev_new(&spring_ops, sizeof(struct spring), 1, 1);
    if (!dev)
        panic("spring: no memory");
    struct spring *s = spring_of(dev);
    s->dev = dev;
    s->flows = flows;
    s->lot = 1;
    s->whole = true;
    dev->adaptive_rx = false;
    fill_frame(s->frame);
    napi_add(dev, &s->napi, &napi_ops, 0);
    conf_enter();
    CHECK_EQ(netdev_add(net, dev, name), 0);
    CHECK_EQ(dev_set_handler(dev, sink, s), 0);
    CHECK_EQ(dev_up(dev), 0);
    conf_leave();
    return s;
}

void spring_end(struct spring *s)
{
    conf_enter();
    dev_down(s->dev);
    dev_set_handler(s->dev, NULL, NULL);
    napi_del(&s->napi);
    netdev_del(s->dev);
    conf_leave();
}
