/* Intel 82540EM, the gigabit card that QEMU calls e1000: a device and its interrupt (rings: e1000_ring.c).
 *
 *     interrupt --> NAPI --> reap what was sent, take what came, fill the ring again
 *
 * What was sent is reaped before the next burst; an interrupt is spent on it only where somebody waits for room.
 *
 * One queue each way, one line for interrupts, which others may share. What is held off between interrupts is the
 * chip's own doing (ITR). RCTL is written when the device comes up, and then left alone (e1000_hw.c): who wants all
 * frames while it is up makes it deaf for a second, once.
 *
 * The MTU changes nothing here but the length up to which frames are taken: long ones come in several buffers whatever
 * it is. Where no buffers are to be had, a timer tries again.
 */
#include "drivers/driver.h"
#include "drivers/e1000/e1000_hw.h"
#include "drivers/e1000/e1000_ring.h"
#include "lib/string.h"
#include "lib/timer.h"
#include "net/dev/napi.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"

#define RING_USUAL 256u
#define MTU_MOST   16110u
#define DRY_NS     (10 * NS_PER_MS) /* until buffers are asked for again */
#define IRQ_USUAL  (ICR_RXT0 | ICR_RXO | ICR_LSC)
#define IRQ_NAPI   (ICR_RXT0 | ICR_RXO | ICR_TXDW)

struct e1000 {
    struct e1000_hw hw;
    struct netdev *dev;
    struct bus_dev *bus;
    u32 took;         /* frames, since interrupts were let in */
    u32 wanted;       /* interrupts, while none is masked */
    u32 masked;       /* NAPI's interrupts are */
    bool link_asked;  /* to be looked at by the next poll, */
    bool pause_asked; /* and pause frames to be agreed on before that: nobody else speaks to the PHY meanwhile */
    bool reset;       /* likewise: the transmit ring is stuck */
    bool sifts;       /* the chip lets in what is for others, and nobody wants it */
    struct timer dry;
    struct napi napi;
    struct rx_ring rx CACHE_ALIGNED;
    struct tx_ring tx CACHE_ALIGNED;
};

static struct e1000 *e1000_of(const struct netdev *dev)
{
    return dev->priv;
}

/* ---- NAPI ---- */

static void stay_off(struct napi *n)
{
    struct e1000 *e = n->priv;
    store_relaxed(&e->masked, 1);
    hw_write(&e->hw, REG_IMC, IRQ_NAPI);
}

/* What there is cause for, which reading clears. */
static u32 causes(struct e1000 *e)
{
    u32 cause = hw_read(&e->hw, REG_ICR);
    if (cause == ~0u)
        return 0; /* the device is gone */
    if (cause & ICR_LSC)
        store_relaxed(&e->link_asked, true);
    return cause;
}

/* Interrupts in again; they were never off when it was xmit that asked for the poll. Frames that came while they were
 * off would interrupt now, for nothing, so that cause is cleared first; what comes between is seen in the ring. */
static bool come_on(struct napi *n)
{
    struct e1000 *e = n->priv;
    if (load_relaxed(&e->masked)) {
        if (e->took > 1)
            causes(e);
        e->took = 0;
        atomic_swap(&e->masked, 0); /* seen by an interrupt elsewhere before the ring is looked at */
        hw_write(&e->hw, REG_IMS, load_relaxed(&e->wanted));
    }
    return rx_ring_ready(&e->rx) || (e->dev->txq[0].waited && tx_ring_ready(&e->tx)) || load_relaxed(&e->link_asked);
}

/* Masked is asked behind the causes, which are gone by then: who lets interrupts in later than that looks at the ring
 * afterwards, and who did so before wants to be told. */
static bool interrupt(void *arg)
{
    struct e1000 *e = arg;
    u32 cause = causes(e), wanted = load_relaxed(&e->wanted);
    u32 live = load_relaxed(&e->masked) ? wanted & ~IRQ_NAPI : wanted | ICR_TXDW; /* which was on, if it comes */

    if (!(cause & live))
        return false;
    e->napi.interrupts++;
    if (cause & IRQ_NAPI)
        stay_off(&e->napi);
    napi_schedule(&e->napi);
    return true;
}

/* In units of 256 ns; 0: as they come. */
static void moderate(struct napi *n, u32 us)
{
    struct e1000 *e = n->priv;
    hw_write(&e->hw, REG_ITR, min(us * 1000 >> 8, 0xffffu));
}

/* ---- a poll ---- */

/* The transmit ring did not move: what is in it is lost, and it begins anew. The queue's lock keeps xmit out. */
static NOINLINE void reset_tx(struct e1000 *e)
{
    struct txq *q = &e->dev->txq[0];
    u32 bytes = 0;

    spin_lock(&q->lock);
    hw_write(&e->hw, REG_TCTL, TCTL_PSP);
    tx_ring_reap(&e->tx, DROP_TX_RESET, &bytes);
    e->tx.next = e->tx.clean = 0;
    e->tx.context = 0;
    hw_write(&e->hw, REG_TDH, 0);
    hw_write(&e->hw, REG_TDT, 0);
    hw_write(&e->hw, REG_TCTL, TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD);
    spin_unlock(&q->lock);
    txq_reset(e->dev, 0);
}

static void look_at_link(struct e1000 *e)
{
    bool on = hw_link(&e->hw);
    e->dev->speed = on ? hw_speed(&e->hw) : 0;
    if (on)
        hw_pause_link(&e->hw);
    netdev_carrier(e->dev, on);
}

/* What seldom happens. */
static NOINLINE void look_around(struct e1000 *e)
{
    if (load_relaxed(&e->link_asked)) {
        store_relaxed(&e->link_asked, false);
        if (load_acquire(&e->pause_asked)) {
            store_relaxed(&e->pause_asked, false);
            hw_pause_start(&e->hw);
        }
        look_at_link(e);
    }
    if (load_relaxed(&e->reset)) {
        store_relaxed(&e->reset, false);
        reset_tx(e);
    }
}

static bool is_for_us(const struct e1000 *e, const u8 *dst)
{
    return (dst[0] & 1) || !memcmp(dst, e->dev->mac.b, sizeof(e->dev->mac.b));
}

/* Without the frames that the chip would not have let in. */
static u32 sift(struct e1000 *e, struct rxbuf *b, u32 n)
{
    u32 kept = 0;
    bool keep = true, first = true;
    for (u32 i = 0; i < n; i++) {
        if (first)
            keep = is_for_us(e, (u8 *)b[i].buf + b[i].off);
        first = !(b[i].flags & RXBUF_MORE);
        if (keep)
            b[kept++] = b[i];
        else
            skb_pool_give(&b[i].buf->skb);
    }
    return kept;
}

static u32 receive(struct e1000 *e, u32 budget)
{
    struct rxbuf b[RX_BURST];
    u32 done = 0, frames;

    e->rx.longest = dev_rx_longest(e->dev);
    while (done < budget && rx_ring_ready(&e->rx)) {
        u32 n = rx_ring_take(&e->rx, b, budget - done, &frames);
        if (unlikely(!frames))
            break;
        done += frames;
        if (unlikely(load_relaxed(&e->sifts)))
            n = sift(e, b, n);
        if (n)
            napi_rx(&e->napi, b, n);
    }
    return done;
}

static void fill(struct e1000 *e)
{
    if (rx_ring_wants(&e->rx) && rx_ring_fill(&e->rx))
        hw_write(&e->hw, REG_RDT, e->rx.fill & e->rx.mask);
    if (unlikely(rx_ring_dry(&e->rx)))
        timer_arm(&e->dry, clock_ns() + DRY_NS);
}

/* Broken frames never became packets: counted here, as the device's. */
static NOINLINE void count_bad(struct e1000 *e)
{
    struct netdev *dev = e->dev;
    u64 bad = e->rx.bad, longs = e->rx.longs;
    dev->hw.rx_errors += bad + longs;
    dev->hw.rx_length += longs;
    drop_count(dev_net(dev), &dev->port, DROP_RX_ERROR, (u32)bad);
    drop_count(dev_net(dev), &dev->port, DROP_RX_TRUNCATED, (u32)longs);
    e->rx.bad = e->rx.longs = 0;
}

static u32 poll(struct napi *n, u32 budget)
{
    struct e1000 *e = n->priv;
    u32 done = 0;

    if (unlikely(load_relaxed(&e->link_asked) || load_relaxed(&e->reset)))
        look_around(e);
    txq_poll(e->dev, 0);
    if (budget)
        done = receive(e, budget);
    e->took += done;
    fill(e);
    if (unlikely(e->rx.bad | e->rx.longs))
        count_bad(e);
    return done;
}

static const struct napi_ops napi_ops = {.poll = poll, .irq_on = come_on, .irq_off = stay_off, .moderate = moderate};

static void dry_fires(struct timer *t)
{
    napi_schedule(&container_of(t, struct e1000, dry)->napi);
}

/* ---- the device ---- */

static u32 e1000_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    struct e1000 *e = e1000_of(dev);
    u32 was = e->tx.next, took = tx_ring_put(&e->tx, q, bytes);

    if (e->tx.next != was)
        hw_write(&e->hw, REG_TDT, e->tx.next & e->tx.mask);
    return took;
}

/* With the queue's lock, as tx_wait: nobody waits any more when there was something. */
static u32 e1000_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    struct e1000 *e = e1000_of(dev);
    u32 n = tx_ring_reap(&e->tx, DROP_NOT, bytes);
    if (unlikely((e->wanted & ICR_TXDW) && n))
        store_relaxed(&e->wanted, IRQ_USUAL);
    return n;
}

static void e1000_tx_wait(struct netdev *dev, unsigned queue)
{
    struct e1000 *e = e1000_of(dev);
    store_relaxed(&e->wanted, IRQ_USUAL | ICR_TXDW);
    atomic_fence(); /* either come_on lets it in, or it is seen here that the others are in */
    if (!load_relaxed(&e->masked))
        hw_write(&e->hw, REG_IMS, ICR_TXDW);
    if (tx_ring_ready(&e->tx))
        napi_schedule(&e->napi);
}

/* Called when flags, lists or features have changed. */
static void e1000_rx_mode(struct netdev *dev)
{
    struct e1000 *e = e1000_of(dev);
    bool promisc = dev->flags & DEV_PROMISC;

    if (promisc && !(e->hw.rctl & RCTL_UPE))
        hw_promisc(&e->hw);
    store_relaxed(&e->sifts, !promisc && (e->hw.rctl & RCTL_UPE));
    hw_multicast(&e->hw, dev);
    hw_vlans(&e->hw, dev);
}

static void e1000_set_vlan(struct netdev *dev, u16 id, bool on)
{
    hw_vlans(&e1000_of(dev)->hw, dev);
}

static int e1000_set_mac(struct netdev *dev, const struct macaddr *m)
{
    hw_set_mac(&e1000_of(dev)->hw, m);
    return 0;
}

static int e1000_set_features(struct netdev *dev, u32 features)
{
    store_relaxed(&e1000_of(dev)->rx.verifies, features & DEV_F_RX_CSUM);
    return 0;
}

static void e1000_pause(struct netdev *dev, struct dev_pause *now)
{
    hw_pause_now(&e1000_of(dev)->hw, now);
}

static int e1000_set_pause(struct netdev *dev, const struct dev_pause *p)
{
    struct e1000 *e = e1000_of(dev);
    e->hw.pause = *p;
    if (!(dev->flags & DEV_UP))
        return 0;
    store_release(&e->pause_asked, true);
    store_relaxed(&e->link_asked, true);
    softirq_off();
    napi_schedule(&e->napi);
    softirq_on();
    return 0;
}

static void e1000_timeout(struct netdev *dev, unsigned queue)
{
    struct e1000 *e = e1000_of(dev);
    dev->hw.tx_errors++;
    store_relaxed(&e->reset, true);
    napi_schedule(&e->napi);
}

static void e1000_stats(struct netdev *dev)
{
    struct e1000 *e = e1000_of(dev);
    hw_stats(&e->hw, &dev->hw);
    dev->hw.interrupts = e->napi.interrupts;
}

/* A power of two, whatever was asked for. */
static u32 ring_size(const struct netdev *dev, u32 asked)
{
    return 1u << log2_floor(max(min(asked, dev->ring_most), dev->ring_least));
}

/* While it is up alone: so the line is known by the name that the device has now. */
static int take_line(struct e1000 *e)
{
    int err = bus_irq_setup(e->bus, 1);
    if (err < 0)
        return err;
    err = bus_irq_request(e->bus, 0, e->dev->port.name, interrupt, e);
    if (err)
        bus_irq_release(e->bus);
    return err;
}

static int start_rings(struct e1000 *e)
{
    struct netdev *dev = e->dev;
    int err = rx_ring_start(&e->rx, skb_pool_of(dev_net(dev)), ring_size(dev, dev->rx_ring));
    if (err)
        return err;
    err = tx_ring_start(&e->tx, ring_size(dev, dev->tx_ring));
    if (err)
        rx_ring_end(&e->rx);
    return err;
}

static int e1000_open(struct netdev *dev)
{
    struct e1000 *e = e1000_of(dev);
    int err = start_rings(e);
    if (err)
        return err;
    e->masked = 1;
    e->wanted = 0;
    err = take_line(e);
    if (err) {
        tx_ring_end(&e->tx);
        rx_ring_end(&e->rx);
        return err;
    }
    e->link_asked = e->pause_asked = e->reset = e->sifts = false;
    e->wanted = IRQ_USUAL;
    e->rx.verifies = dev->features & DEV_F_RX_CSUM;
    hw_set_mac(&e->hw, &dev->mac);
    hw_rings(&e->hw, bus_dma(e->rx.desc), e->rx.mask + 1, bus_dma(e->tx.desc), e->tx.mask + 1);
    hw_vlans(&e->hw, dev); /* before it may hear */
    hw_start(&e->hw, dev->flags & DEV_PROMISC);
    hw_pause_start(&e->hw);
    look_at_link(e);
    napi_on(&e->napi); /* whose first poll fills the ring and lets interrupts in */
    return 0;
}

static void e1000_stop(struct netdev *dev)
{
    struct e1000 *e = e1000_of(dev);
    u32 bytes = 0;

    napi_off(&e->napi);
    timer_cancel_wait(&e->dry);
    hw_stop(&e->hw);
    bus_irq_release(e->bus);
    e->wanted = 0;
    netdev_carrier(dev, false);
    softirq_off();
    tx_ring_reap(&e->tx, DROP_TX_DOWN, &bytes);
    softirq_on();
    tx_ring_end(&e->tx);
    rx_ring_end(&e->rx);
}

static const struct netdev_ops e1000_ops = {
    .driver = "e1000",
    .open = e1000_open,
    .stop = e1000_stop,
    .xmit = e1000_xmit,
    .reap = e1000_reap,
    .tx_wait = e1000_tx_wait,
    .rx_mode = e1000_rx_mode,
    .set_vlan = e1000_set_vlan,
    .set_mac = e1000_set_mac,
    .set_features = e1000_set_features,
    .pause = e1000_pause,
    .set_pause = e1000_set_pause,
    .tx_timeout = e1000_timeout,
    .stats = e1000_stats,
};

/* ---- coming and going ---- */

static int who_we_are(struct e1000 *e)
{
    struct macaddr *m = &e->dev->mac;
    return hw_eeprom_mac(&e->hw, m) ? hw_ra_mac(&e->hw, m) : 0;
}

static void what_we_can(struct e1000 *e)
{
    struct netdev *dev = e->dev;
    u32 sums = hw_checks_sums(&e->hw) ? DEV_F_RX_CSUM : 0;
    dev->mtu_most = MTU_MOST;
    dev->rx_ring = dev->tx_ring = RING_USUAL;
    dev->ring_least = RING_LEAST;
    dev->ring_most = RING_MOST;
    dev->hw_features = DEV_F_SG | DEV_F_TX_CSUM | DEV_F_TSO4 | DEV_F_GSO | DEV_F_GRO | sums;
    dev->fixed = DEV_F_VLAN_RX | DEV_F_VLAN_TX | DEV_F_VLAN_FILTER; /* one bit of the chip for the first two */
    dev->features = dev->hw_features | dev->fixed;
}

static int start(struct e1000 *e)
{
    int err = bus_map(e->bus, 0, &e->hw.regs);
    if (err)
        return err;
    err = hw_reset(&e->hw);
    if (err)
        return err;
    err = who_we_are(e);
    if (err)
        return err;
    what_we_can(e);
    e->hw.pause = hw_eeprom_pause(&e->hw);
    return netdev_add(net_first, e->dev, "eth%u");
}

static int e1000_probe(struct bus_dev *bus)
{
    struct netdev *dev = netdev_new(&e1000_ops, sizeof(struct e1000), 1, 1);
    if (!dev)
        return -ENOMEM;
    struct e1000 *e = e1000_of(dev);
    e->dev = dev;
    e->bus = bus;
    dev->bus = bus->name;
    timer_init(&e->dry, dry_fires);
    napi_add(dev, &e->napi, &napi_ops, 0);
    e->napi.priv = e;
    int err = start(e);
    if (err) {
        netdev_free(dev);
        return err;
    }
    bus->driver_data = e;
    bus_master(bus, true);
    log_write(LOG_INFO, "%s: %s, %pM", dev->port.name, bus->name, &dev->mac);
    return 0;
}

static void e1000_remove(struct bus_dev *bus)
{
    struct e1000 *e = bus->driver_data;
    dev_down(e->dev);
    bus_master(bus, false);
    napi_del(&e->napi);
    netdev_del(e->dev);
}

static const struct bus_id e1000_ids[] = {{BUS_PCI, 0x8086, 0x100e}, {0}};

DRIVER(e1000, .name = "e1000", .ids = e1000_ids, .probe = e1000_probe, .remove = e1000_remove);
