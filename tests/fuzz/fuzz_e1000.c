/* A hostile chip against the e1000's driver: the input is what the chip writes into the rings, its registers and its
 * interrupts, between packets that are sent and time that passes.
 *
 * Whatever it claims, the driver hands up only frames of bytes that lie within its buffers, frees what it was given
 * once, and has nothing left when it goes: the pool's debugging and AddressSanitizer watch.
 */
#include "drivers/driver.h"
#include "host/e1000_dev.h"
#include "host/host.h"
#include "lib/net.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"
#include "tests/unit/with_conf.h"

struct input {
    const u8 *p, *end;
};

static struct host_e1000 chip;
static struct net *net;
static struct netdev *dev;
static volatile u8 seen;

static u64 next(struct input *in, unsigned bytes)
{
    u64 v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (u64)(in->p < in->end ? *in->p++ : 0) << 8 * i;
    return v;
}

/* Every byte that was handed up can be read. */
static int look(void *arg, struct skb_buf *buf, u32 at, u32 n)
{
    for (u32 i = 0; i < n; i++)
        seen = ((u8 *)buf)[at + i];
    return 0;
}

static void take(struct netdev *from, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        skb_walk(q->p[i], 0, q->p[i]->len, look, NULL);
    skbq_free(q);
}

static void send(struct input *in)
{
    struct skbq q;
    q.n = 0;
    softirq_off();
    for (u32 n = (u32)next(in, 1) % 40; q.n <= n;) {
        struct skb *s = skb_alloc(skb_pool_of(net));
        if (!s)
            break;
        memset(skb_put(s, 60 + (u32)next(in, 1)), 1, 60);
        if (next(in, 1) & 1) {
            s->cksum = CKSUM_PARTIAL;
            s->csum_start = (u16)(skb_off(s) + next(in, 1));
            s->csum_offset = (u16)next(in, 1);
        }
        s->flags |= next(in, 1) & SKB_VLAN;
        skbq_add(&q, s);
    }
    dev_tx(dev, &q);
    softirq_on();
}

/* Descriptors of either ring, a run of them alike: the address that the driver gave stays out of the chip's hands here,
 * since the fake reads through it. */
static void claim(struct input *in, u32 ring)
{
    u32 at = (u32)next(in, 1), n = (u32)next(in, 1) & 63;
    u64 word = next(in, 2) | next(in, 4) << 32;
    for (; n--; at++)
        host_e1000_desc(&chip, ring, at & 63)->word = word;
}

static void step(struct input *in)
{
    static const u32 registers[] = {REG_STATUS, REG_ICR, REG_IMS, REG_RDH, REG_MPC, REG_RCTL, REG_EERD};
    switch (next(in, 1) % 10) {
    case 0:
    case 1: claim(in, REG_RDBAL); break;
    case 2:
        chip.slow = true;
        claim(in, REG_TDBAL);
        break;
    case 3: send(in); break;
    case 4: host_e1000_raise(&chip, (u32)next(in, 1)); break;
    case 5: host_clock_advance(next(in, 1) * NS_PER_MS * 50); break;
    case 6: {
        u32 at = registers[next(in, 1) % ARRAY_LEN(registers)];
        chip.reg[at / 4] = (u32)next(in, 4);
        break;
    }
    case 7: chip.gone = next(in, 1) & 1; break;
    case 8: WITH_CONF(dev_promisc(dev, dev->promisc ? -1 : 1)); break;
    default:
        chip.gone = false; /* the fake must hear of the new rings */
        WITH_CONF(dev_down(dev));
        WITH_CONF(dev_up(dev));
        WITH_CONF(dev_set_mtu(dev, 68 + (u32)next(in, 2) % 16043));
    }
    host_run();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void start(void)
{
    net = net_new();
    host_e1000_init(&chip, &(struct macaddr){{2, 0, 0, 0, 0, 1}});
    chip.slow = true;
    driver_bind(&chip.host.dev);
    dev = netdev_find(net, "eth0");
    dev->rx_ring = dev->tx_ring = 64;
    WITH_CONF(dev_set_handler(dev, take, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct input in = {p, p + n};
    if (!net)
        start();
    chip.gone = false;
    WITH_CONF(dev_up(dev));
    host_run();
    while (in.p < in.end)
        step(&in);
    WITH_CONF(dev_down(dev));
    host_run();
    if (skb_pool_used(skb_pool_of(net)))
        __builtin_trap();
    return 0;
}
