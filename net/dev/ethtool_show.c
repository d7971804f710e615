/* ethtool IF, -i, -S, -P, and what no device here has: -a, -x, -n.
 *
 * The names of counters stay: first those of the device as a whole, then what its hardware counts, then its queues, as
 * many as there are at most, and in the end what the driver has besides.
 */
#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "net/dev/ethtool.h"
#include "net/dev/napi.h"

int ethtool_settings(struct ethtool *e)
{
    const struct netdev *dev = e->dev;
    struct out *o = e->c->out;
    bool up = (dev->flags & DEV_UP) && dev->carrier, known = up && dev->speed;

    out_text(o,
             "Settings for %s:\n\tSupported ports: [  ]\n\tSupported link modes:   Not reported\n"
             "\tSupported pause frame use: No\n\tSupports auto-negotiation: No\n\tSupported FEC modes: Not reported\n"
             "\tAdvertised link modes:  Not reported\n\tAdvertised pause frame use: No\n"
             "\tAdvertised auto-negotiation: No\n\tAdvertised FEC modes: Not reported\n",
             dev->port.name);
    if (known)
        out_text(o, "\tSpeed: %uMb/s\n\tDuplex: Full\n", dev->speed);
    else
        out_text(o, "\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n");
    out_text(o, "\tAuto-negotiation: off\n\tPort: Other\n\tPHYAD: 0\n\tTransceiver: internal\n\tLink detected: %s\n",
             up ? "yes" : "no");
    return 0;
}

int ethtool_driver(struct ethtool *e)
{
    out_text(e->c->out,
             "driver: %s\nversion: %s\nfirmware-version: \nexpansion-rom-version: \nbus-info: %s\n"
             "supports-statistics: yes\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\n"
             "supports-priv-flags: no\n",
             e->dev->ops->driver, WEIR_VERSION, e->dev->bus ? e->dev->bus : "");
    return 0;
}

int ethtool_permaddr(struct ethtool *e)
{
    out_text(e->c->out, "Permanent address: %pM\n", &e->dev->perm_mac);
    return 0;
}

/* ---- counters ---- */

static void tell(void *arg, const char *name, u64 v)
{
    struct out *o = arg;
    out_text(o, "     %s: ", name);
    out_u64(o, name, "%llu\n", v);
}

static void tell_nth(struct out *o, const char *pattern, unsigned nth, u64 v)
{
    char name[40], *at;
    str_copy(name, sizeof(name), pattern);
    at = strchr(name, '#');
    fmt(at, sizeof(name) - (size_t)(at - name), "%u%s", nth, strchr(pattern, '#') + 1);
    tell(o, name, v);
}

static void tell_hardware(struct out *o, const struct netdev *dev)
{
    const struct hw_stats *h = &dev->hw;
    tell(o, "rx_errors", h->rx_errors);
    tell(o, "rx_missed_errors", h->rx_missed);
    tell(o, "rx_crc_errors", h->rx_crc);
    tell(o, "rx_length_errors", h->rx_length);
    tell(o, "rx_fifo_errors", h->rx_fifo);
    tell(o, "rx_frame_errors", h->rx_frame);
    tell(o, "tx_errors", h->tx_errors);
    tell(o, "tx_aborted_errors", h->tx_aborted);
    tell(o, "tx_carrier_errors", h->tx_carrier);
    tell(o, "tx_fifo_errors", h->tx_fifo);
    tell(o, "collisions", h->collisions);
}

static const struct napi *napi_of(const struct netdev *dev, unsigned queue)
{
    const struct napi *n = dev->napis;
    while (n && n->queue != queue)
        n = n->next_of_dev;
    return n;
}

static void tell_queues(struct out *o, const struct netdev *dev)
{
    for (unsigned i = 0; i < dev->rxqs_most; i++) {
        const struct napi *n = napi_of(dev, i);
        if (!n)
            continue;
        tell_nth(o, "rx_queue_#_packets", i, n->rx_packets);
        tell_nth(o, "rx_queue_#_bytes", i, n->rx_bytes);
        tell_nth(o, "rx_queue_#_irqs", i, n->interrupts);
        tell_nth(o, "rx_queue_#_polls", i, n->polled);
    }
    for (unsigned i = 0; i < dev->txqs_most; i++) {
        tell_nth(o, "tx_queue_#_packets", i, dev->tx_kept[i].packets);
        tell_nth(o, "tx_queue_#_bytes", i, dev->tx_kept[i].bytes);
        tell_nth(o, "tx_queue_#_tx_timeouts", i, dev->tx_kept[i].timeouts);
    }
}

/* The driver is asked under conf_lock, and nobody prints while he holds that: what it says is kept first. */
#define KEPT 64u

struct kept {
    u32 n;
    struct {
        char name[40];
        u64 value;
    } one[KEPT];
};

static void keep(void *arg, const char *name, u64 v)
{
    struct kept *k = arg;
    if (k->n == KEPT)
        return;
    str_copy(k->one[k->n].name, sizeof(k->one[0].name), name);
    k->one[k->n++].value = v;
}

static void tell_driver(struct out *o, struct netdev *dev)
{
    struct kept *k = mem_zalloc(sizeof(*k));
    if (!k)
        return;
    conf_enter();
    if (dev->ops->counters && !dev->gone)
        dev->ops->counters(dev, keep, k);
    conf_leave();
    for (u32 i = 0; i < k->n; i++)
        tell(o, k->one[i].name, k->one[i].value);
    mem_free(k);
}

int ethtool_stats(struct ethtool *e)
{
    struct netdev *dev = e->dev;
    struct out *o = e->c->out;
    struct dev_total t;

    netdev_fetch(dev);
    netdev_total(dev, &t);
    out_array(o, NULL);
    out_object(o, NULL);
    out_str(o, "ifname", NULL, dev->port.name);
    out_text(o, "NIC statistics:\n");
    tell(o, "rx_packets", t.s.rx_packets);
    tell(o, "rx_bytes", t.s.rx_bytes);
    tell(o, "rx_dropped", t.rx_dropped);
    tell(o, "multicast", t.s.multicast);
    tell(o, "tx_packets", t.s.tx_packets);
    tell(o, "tx_bytes", t.s.tx_bytes);
    tell(o, "tx_dropped", t.tx_dropped);
    tell(o, "resets", dev->resets);
    tell_hardware(o, dev);
    tell_queues(o, dev);
    tell_driver(o, dev);
    out_end(o);
    out_end(o);
    return 0;
}
