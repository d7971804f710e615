/* Which queue a packet leaves by, and that none of its flow is on the wire before it, whatever is changed meanwhile.
 *
 * The device has four rings. Its wire takes from whichever it likes: what lies in two rings may leave in any order.
 */
#include "net/dev/xps.h"

#include "host/host.h"
#include "host/test_smp.h"
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/string.h"
#include "net/dev/napi.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/net.h"
#include "net/skb/pool.h"
#include "tests/unit/net/dev/asked.h"

char *getenv(const char *name);

#define RINGS 4u
#define RING  16u
#define FLOWS 64u

static struct net *net;
static struct netdev *dev;
static struct ring {
    struct spinlock lock;
    struct skb *p[RING];
    u32 put, sent, reaped; /* reaped <= sent <= put */
} ring[RINGS];
static struct {
    struct spinlock lock;
    u32 next[FLOWS], seen[FLOWS];
    u64 made, left, wrong, moved;
    u64 by[RINGS];
    u16 last_ring[FLOWS];
} wire;

/* ---- the device ---- */

static u32 xmit(struct netdev *d, unsigned queue, struct skbq *q, u32 *bytes)
{
    struct ring *r = &ring[queue];
    u32 n = 0;
    spin_lock(&r->lock);
    for (; n < q->n && r->put - r->reaped < RING; n++) {
        *bytes += q->p[n]->len;
        r->p[r->put++ % RING] = q->p[n];
    }
    spin_unlock(&r->lock);
    return n;
}

static u32 reap(struct netdev *d, unsigned queue, u32 *bytes)
{
    struct ring *r = &ring[queue];
    struct skbq done = {0};
    spin_lock(&r->lock);
    for (; r->reaped != r->sent; r->reaped++) {
        struct skb *s = r->p[r->reaped % RING];
        *bytes += s->len;
        skbq_add(&done, s);
    }
    spin_unlock(&r->lock);
    u32 n = done.n;
    skbq_free(&done);
    return n;
}

/* The front of one ring goes onto the wire. */
static void leave_from(u32 queue)
{
    struct ring *r = &ring[queue];
    softirq_off();
    spin_lock(&r->lock);
    if (r->sent != r->put) {
        const u8 *p = r->p[r->sent % RING]->data;
        u32 flow = load_be16(p + 34), number = load_be32(p + 42);
        spin_lock(&wire.lock);
        wire.wrong += number != wire.seen[flow] + 1;
        wire.seen[flow] = number;
        wire.moved += wire.last_ring[flow] != queue;
        wire.last_ring[flow] = (u16)queue;
        wire.by[queue]++;
        store_relaxed(&wire.left, wire.left + 1);
        spin_unlock(&wire.lock);
        r->sent++;
    }
    spin_unlock(&r->lock);
    softirq_on();
}

static int nothing_to_open(struct netdev *d)
{
    return 0;
}

static void empty_rings(struct netdev *d)
{
    softirq_off();
    for (u32 i = 0; i < RINGS; i++)
        for (; ring[i].reaped != ring[i].put; ring[i].reaped++)
            skb_free(ring[i].p[ring[i].reaped % RING]);
    softirq_on();
}

static const struct netdev_ops ops = {
    .driver = "rings", .open = nothing_to_open, .stop = empty_rings, .xmit = xmit, .reap = reap};

static void start(void)
{
    net = net_first = net_bring_up();
    dev = netdev_new(&ops, 0, 1, RINGS);
    conf_enter();
    CHECK_EQ(netdev_add(net, dev, "eth%u"), 0);
    netdev_carrier(dev, true);
    CHECK_EQ(dev_up(dev), 0);
    conf_leave();
    for (u32 i = 0; i < RINGS; i++) { /* no limit of bytes */
        dev->txq[i].dql.limit_min = dev->txq[i].dql.limit_max = DQL_MAX;
        txq_reset(dev, i);
    }
    host_run();
}

static void end(void)
{
    CHECK_EQ(wire.wrong, 0);
    conf_enter();
    dev_down(dev);
    netdev_del(dev);
    conf_leave();
    host_run();
    CHECK_EQ(skb_pool_used(skb_pool_of(net)), 0);
    net_take_down(net);
}

/* ---- who sends ---- */

static struct skb *packet(u32 flow)
{
    static const u8 head[34] = {2,  0, 0, 0,    0, 1,  2,  0, 0, 0,  0, 2, 8, 0,  0x45, 0, 0,
                                50, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0,    0, 2};
    struct skb *s = skb_alloc(skb_pool_of(net));
    u8 *p = skb_put(s, 64);
    memcpy(p, head, sizeof(head));
    store_be16(p + 34, (u16)flow);
    store_be16(p + 36, 7);
    store_be16(p + 38, 30);
    store_be32(p + 42, ++wire.next[flow]);
    s->queue = (u16)(flow % 3); /* by the hash, or one of two */
    wire.made++;
    return s;
}

static void send(u32 n, u64 lot)
{
    struct skbq q = {0};
    softirq_off();
    while (n--) {
        lot = lot * 6364136223846793005ull + 1442695040888963407ull;
        skbq_add(&q, packet((lot >> 33) % FLOWS));
    }
    dev_tx(dev, &q);
    softirq_on();
}

/* By which queue a packet of the flow would go, if it came now: softirqs off. */
static u32 would_go(u32 flow)
{
    struct skb *s = packet(flow);
    wire.next[flow]--;
    wire.made--;
    return asked_queue(dev, s);
}

static void all_leave(void)
{
    for (u32 i = 0; i < RINGS * RING; i++)
        leave_from(i % RINGS);
    softirq_off();
    for (u32 i = 0; i < RINGS; i++)
        txq_poll(dev, i);
    softirq_on();
}

static void send_on_one(void *arg)
{
    if (cpu_id() == *(const u32 *)arg)
        send(10, 99);
}

TEST(smp_xps_by_cpu)
{
    start();
    for (u16 i = 0; i < RINGS; i++)
        CHECK_EQ(xps_set(dev, i, 1ull << (3 - i)), 0);
    for (u32 cpu = 0; cpu < 4; cpu++) {
        u64 before = wire.by[3 - cpu];
        smp_run(send_on_one, &cpu);
        all_leave();
        CHECK_EQ(wire.by[3 - cpu], before + 10);
    }
    CHECK_EQ(xps_set(dev, 4, 1), -EINVAL);
    end();
}

/* What lies in the old ring is not overtaken: the flow stays until that is empty. */
TEST(smp_xps_waits_for_the_old_queue)
{
    start();
    struct skbq q = {0};
    softirq_off();
    CHECK_EQ(would_go(1), 0);
    skbq_add(&q, packet(1)); /* by queue 0, as it came, before there was any steering */
    dev_tx(dev, &q);
    CHECK_EQ(ring[0].put, 1);
    softirq_on();
    CHECK_EQ(xps_set(dev, 2, 1), 0);
    softirq_off();
    CHECK_EQ(would_go(1), 0);
    skbq_add(&q, packet(1));
    dev_tx(dev, &q);
    CHECK_EQ(ring[0].put, 2);
    leave_from(0);
    leave_from(0);
    skbq_add(&q, packet(1));
    dev_tx(dev, &q); /* gone from there, even if nobody has looked */
    CHECK_EQ(ring[2].put, 1);
    softirq_on();
    CHECK_EQ(xps_set(dev, 2, 0), 0); /* and back */
    softirq_off();
    CHECK_EQ(would_go(1), 2);
    skbq_add(&q, packet(1));
    dev_tx(dev, &q);
    CHECK_EQ(ring[2].put, 2);
    leave_from(2);
    leave_from(2);
    skbq_add(&q, packet(1));
    dev_tx(dev, &q);
    CHECK_EQ(ring[0].put, 3);
    softirq_on();
    all_leave(); /* and is looked for: a probe looks for nothing */
    CHECK_EQ(xps_set(dev, 3, 1), 0);
    softirq_off();
    CHECK_EQ(would_go(1), 3);
    CHECK_EQ(would_go(1), 3);
    softirq_on();
    end();
}

/* ---- any CPU sends, the maps change, the wire takes from anywhere ---- */

static struct spinlock sender;
static u32 rounds_left; /* atomic */

static void work(void *arg)
{
    u64 lot = cpu_id() + 1;
    while (load_relaxed(&rounds_left)) {
        lot = lot * 6364136223846793005ull + 1442695040888963407ull;
        u32 r = (u32)(lot >> 33);
        if (cpu_id() == 3 && r % 16 == 0)
            CHECK_EQ(xps_set(dev, (u16)(r >> 8) % RINGS, r >> 12 & 0xf), 0);
        if (cpu_id() == 2)
            for (u32 i = r % 64; i; i--)
                leave_from(r >> 8 & 1 ? r % RINGS : (r >> i % 16) % RINGS);
        softirq_off();
        if (cpu_id() == 2)
            txq_poll(dev, r % RINGS);
        if (cpu_id() != 2 && spin_trylock(&sender)) { /* one at a time: a flow is not sent by two CPUs at once */
            u32 most = load_relaxed(&rounds_left) % 4 ? 20 : 0; /* now and then all is let out */
            if (wire.made - load_relaxed(&wire.left) <= most) {
                send(r % 20 + 1, lot);
                atomic_sub(&rounds_left, load_relaxed(&rounds_left) ? 1 : 0);
            }
            spin_unlock(&sender);
        }
        softirq_on();
        smp_relax();
    }
}

TEST(smp_xps_keeps_order_while_changed)
{
    start();
    rounds_left = getenv("TEST_LONG") ? 500000 : 10000;
    smp_run(work, NULL);
    for (u32 i = 0; i < 1000 && wire.left < wire.made; i++)
        all_leave();
    CHECK_EQ(wire.left, wire.made);
    CHECK_LT(50000, wire.made);
    for (u32 i = 0; i < RINGS; i++)
        CHECK_LT(1000, wire.by[i]);
    CHECK_LT(1000, wire.moved);
    end();
}

static char text[64];

static int take_text(struct out *o, const char *p, size_t n)
{
    size_t had = strlen(text);
    str_copy_n(text + had, sizeof(text) - had, p, n);
    return 0;
}

static const char *read_file(const char *path)
{
    struct out o;
    text[0] = '\0';
    out_init(&o, take_text, NULL, false);
    CHECK_EQ(file_read(net, path, &o), 0);
    return text;
}

TEST(smp_xps_file)
{
#define FILE_OF(n) "/sys/class/net/eth0/queues/tx-" #n "/xps_cpus"
    static const struct {
        const char *path, *write;
        int err;
        const char *read;
    } cases[] = {
        {FILE_OF(0), "f\n", 0, "f\n"},         {FILE_OF(3), "00000000,00000002", 0, "2\n"},
        {FILE_OF(3), "10", -EOVERFLOW, "2\n"}, {FILE_OF(3), "0-1", -EINVAL, "2\n"},
        {FILE_OF(3), "0", 0, "0\n"},           {FILE_OF(1), "", 0, "0\n"},
    };
    static struct napi polled;
    static const struct napi_ops none;
    struct file_stat st;
    start();
    CHECK_EQ(file_stat(net, FILE_OF(1), &st), -ENOENT); /* not polled: it has no folders of queues */
    napi_add(dev, &polled, &none, 0);
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        if (*cases[i].write)
            CHECK_EQ(file_write(net, cases[i].path, cases[i].write, strlen(cases[i].write), false), cases[i].err);
        CHECK_STR(read_file(cases[i].path), cases[i].read);
    }
    CHECK_EQ(xps_get(dev, 0), 0xf);
    CHECK_EQ(file_stat(net, FILE_OF(4), &st), -ENOENT);
    dev->txqs_most = 1; /* as Linux: of one queue there is nothing to say */
    CHECK_EQ(file_write(net, FILE_OF(0), "1", 1, false), -ENOENT);
    dev->txqs_most = RINGS;
    napi_del(&polled);
    end();
}
