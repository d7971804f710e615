/* A hostile virtio-net: frames with any header, lengths that are not so, rings written to at will, resets asked for,
 * while packets are sent. The driver drops, counts, begins anew; it never crashes, and loses no buffer.
 *
 * First byte: features; then steps. 5000 inputs in make test. */
#include "drivers/driver.h"
#include "host/host.h"
#include "host/vnet_dev.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/skb/pool.h"
#include "tests/unit/with_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct input {
    const u8 *p, *end;
};

static struct host_vnet v;
static bool lied; /* since it began anew */

static u32 next(struct input *in, unsigned bytes)
{
    u32 x = 0;
    for (unsigned i = 0; i < bytes; i++)
        x |= (u32)(in->p < in->end ? *in->p++ : 0) << 8 * i;
    return x;
}

static void take(struct netdev *dev, struct skbq *q)
{
    skbq_free(q);
}

static void arrive(struct input *in)
{
    static u8 frame[5000];
    u8 header[HOST_VNET_HDR] = {0};
    u32 kind = next(in, 1), len = next(in, 2) % sizeof(frame);
    for (unsigned i = 0; i < sizeof(header) && (kind & 1); i++)
        header[i] = (u8)next(in, 1);
    if (lied)
        return; /* it would write into what it said it was done with: likewise */
    host_vnet_deliver(&v, header, frame, len);
}

/* Anything into what a device says: used entries, flags, of a packed ring the ids. Not into addresses: a device that
 * writes wherever it likes is one that nothing can be done about. */
static void harm(struct input *in)
{
    struct host_virtio_queue *q = &v.d.q[next(in, 1) % 3];
    u32 at = next(in, 2), what = next(in, 2);
    if (!q->ready)
        return;
    if (v.d.accepted & VIRTIO_F_RING_PACKED)
        q->desc[at % q->size].flags_or_id = (u16)what;
    else
        q->device[at % (2u + 4u * q->size)] = (u16)what;
    lied = true;
    host_virtio_irq(&v.d, (u16)(q - v.d.q));
}

static void send(struct netdev *dev, struct input *in)
{
    struct skbq q = {0};
    softirq_off();
    for (u32 n = next(in, 1) % 40; n; n--) {
        struct skb *s = skb_alloc(skb_pool_of(net_first));
        if (!s)
            break;
        memset(skb_put(s, 60), 0, 60);
        skbq_add(&q, s);
    }
    dev_tx(dev, &q);
    softirq_on();
}

static void step(struct netdev *dev, struct input *in)
{
    u32 resets = dev->resets;
    switch (next(in, 1) % 8) {
    case 0:
    case 1: arrive(in); break;
    case 2: harm(in); break;
    case 3: send(dev, in); break;
    case 4: v.slow = next(in, 1) & 1; break;
    case 5: host_vnet_take(&v); break;
    case 6: host_virtio_config_irq(&v.d, next(in, 1) & 1 ? VIRTIO_NEEDS_RESET : 0); break;
    default: host_clock_advance(next(in, 1) * NS_PER_MS * 50);
    }
    host_run();
    lied &= resets == dev->resets;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct input in = {p, p + n};
    u32 f = next(&in, 1);
    u64 features = (f & 1 ? 1ull << 15 : 0) | (f & 2 ? 0x7983 : 0) | (f & 4 ? VIRTIO_F_RING_PACKED : 0) |
                   (f & 8 ? VIRTIO_F_EVENT_IDX : 0) | (f & 16 ? VIRTIO_F_INDIRECT_DESC : 0) |
                   (f & 32 ? 7ull << 16 | 1ull << 23 : 0);
    net_first = net_new();
    host_vnet_init(&v, f & 64 ? BUS_VIRTIO_MMIO : BUS_PCI, features);
    driver_bind(&v.d.host.dev);
    struct netdev *dev = netdev_find(net_first, "eth0");
    if (!dev || WITH_CONF(dev_up(dev)))
        panic("an honest device is not taken");
    WITH_CONF(dev_set_handler(dev, take, NULL));
    lied = false;
    while (in.p < in.end)
        step(dev, &in);
    driver_release(&v.d.host.dev);
    host_run();
    if (skb_pool_used(skb_pool_of(net_first)))
        panic("%lu buffers are lost", skb_pool_used(skb_pool_of(net_first)));
    net_free(net_first);
    host_vnet_end(&v);
    return 0;
}
