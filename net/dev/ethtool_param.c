/* ethtool -c -C, -a -A, -g -G, -l -L: how often a device interrupts, its pause frames, how many descriptors and queues
 * it has.
 *
 * A size or a number that is changed while the device is up makes it begin anew: what is in the rings is lost by name,
 * what waits in the queues stays.
 */
#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/ethtool.h"
#include "net/dev/updown.h"

#define USECS_MOST 10000u /* longer, and TCP takes it for loss */

#define NOT_THIS   "cannot modify an unsupported parameter"
#define NO_RING    "requested ring size exceeds maximum"
#define NO_CHANNEL "requested channel count exceeds maximum"
#define NONE_LEFT  "requested channel counts would result in no RX or TX channel being configured"

static void heading(struct ethtool *e, const char *what)
{
    out_array(e->c->out, NULL);
    out_object(e->c->out, NULL);
    out_str(e->c->out, "ifname", NULL, e->dev->port.name);
    out_text(e->c->out, "%s parameters for %s:\n", what, e->dev->port.name);
}

static int ending(struct ethtool *e)
{
    out_end(e->c->out);
    out_end(e->c->out);
    return 0;
}

/* ---- coalescing ---- */

int ethtool_coalesce(struct ethtool *e)
{
    struct out *o = e->c->out;

    if (!e->dev->napis)
        return ethtool_netlink(e, 1, NULL, 0, -EOPNOTSUPP);
    heading(e, "Coalesce");
    out_bool(o, "adaptive-rx", NULL, e->dev->adaptive_rx);
    out_text(o,
             "Adaptive RX: %s  TX: n/a\nstats-block-usecs: n/a\nsample-interval: n/a\npkt-rate-low: n/a\n"
             "pkt-rate-high: n/a\n\n",
             e->dev->adaptive_rx ? "on" : "off");
    out_u64(o, "rx-usecs", "rx-usecs: %llu\n", e->dev->rx_usecs);
    out_text(o, "rx-frames: n/a\nrx-usecs-irq: n/a\nrx-frames-irq: n/a\n\n"
                "tx-usecs: n/a\ntx-frames: n/a\ntx-usecs-irq: n/a\ntx-frames-irq: n/a\n\n"
                "rx-usecs-low: n/a\nrx-frame-low: n/a\ntx-usecs-low: n/a\ntx-frame-low: n/a\n\n"
                "rx-usecs-high: n/a\nrx-frame-high: n/a\ntx-usecs-high: n/a\ntx-frame-high: n/a\n\n"
                "CQE mode RX: n/a  TX: n/a\n\n");
    return ending(e);
}

int ethtool_set_coalesce(struct ethtool *e)
{
    i64 adaptive = e->dev->adaptive_rx, usecs = e->dev->rx_usecs;
    const struct ethtool_param params[] = {
        {"adaptive-rx", true, &adaptive, NULL},
        {"adaptive-tx", true, NULL, NOT_THIS},
        {"rx-usecs", false, &usecs, NULL},
        {"rx-frames", false, NULL, NOT_THIS},
        {"rx-usecs-irq", false, NULL, NOT_THIS},
        {"rx-frames-irq", false, NULL, NOT_THIS},
        {"tx-usecs", false, NULL, NOT_THIS},
        {"tx-frames", false, NULL, NOT_THIS},
        {"tx-usecs-irq", false, NULL, NOT_THIS},
        {"tx-frames-irq", false, NULL, NOT_THIS},
        {"stats-block-usecs", false, NULL, NOT_THIS},
        {"pkt-rate-low", false, NULL, NOT_THIS},
        {"rx-usecs-low", false, NULL, NOT_THIS},
        {"rx-frames-low", false, NULL, NOT_THIS},
        {"tx-usecs-low", false, NULL, NOT_THIS},
        {"tx-frames-low", false, NULL, NOT_THIS},
        {"pkt-rate-high", false, NULL, NOT_THIS},
        {"rx-usecs-high", false, NULL, NOT_THIS},
        {"rx-frames-high", false, NULL, NOT_THIS},
        {"tx-usecs-high", false, NULL, NOT_THIS},
        {"tx-frames-high", false, NULL, NOT_THIS},
        {"sample-interval", false, NULL, NOT_THIS},
        {"cqe-mode-rx", true, NULL, NOT_THIS},
        {"cqe-mode-tx", true, NULL, NOT_THIS},
    };
    if (!e->dev->napis)
        return ethtool_netlink(e, 1, NULL, 0, -EOPNOTSUPP);
    int status = ethtool_params(e, params, ARRAY_LEN(params), 1);
    if (status)
        return status;
    if (usecs > USECS_MOST)
        return ethtool_netlink(e, 1, NULL, 0, -EINVAL);
    dev_set_coalesce(e->dev, adaptive, (u32)usecs);
    return 0;
}

/* ---- pause frames ---- */

int ethtool_pause(struct ethtool *e)
{
    struct out *o = e->c->out;
    struct dev_pause p;

    if (!e->dev->ops->pause)
        return ethtool_netlink(e, 1, NULL, 0, -EOPNOTSUPP);
    conf_enter();
    e->dev->ops->pause(e->dev, &p);
    conf_leave();
    heading(e, "Pause");
    out_text(o, "Autonegotiate:\t%s\nRX:\t\t%s\nTX:\t\t%s\n\n", p.autoneg ? "on" : "off", p.rx ? "on" : "off",
             p.tx ? "on" : "off");
    out_bool(o, "autonegotiate", NULL, p.autoneg);
    out_bool(o, "rx", NULL, p.rx);
    out_bool(o, "tx", NULL, p.tx);
    return ending(e);
}

/* What is not spoken of stays as it is now, as on Linux. */
int ethtool_set_pause(struct ethtool *e)
{
    struct dev_pause p = {0};
    if (e->dev->ops->pause)
        e->dev->ops->pause(e->dev, &p);
    i64 autoneg = p.autoneg, rx = p.rx, tx = p.tx;
    const struct ethtool_param params[] = {
        {"autoneg", true, &autoneg, NULL},
        {"rx", true, &rx, NULL},
        {"tx", true, &tx, NULL},
    };
    int status = ethtool_params(e, params, ARRAY_LEN(params), 76);
    if (status || (e->dev->ops->pause && autoneg == p.autoneg && rx == p.rx && tx == p.tx))
        return status;
    int err = dev_set_pause(e->dev, &(struct dev_pause){autoneg, rx, tx});
    return err ? ethtool_netlink(e, 76, NULL, 0, err) : 0;
}

/* ---- rings ---- */

int ethtool_rings(struct ethtool *e)
{
    const struct netdev *dev = e->dev;
    struct out *o = e->c->out;

    if (!dev->rx_ring)
        return ethtool_netlink(e, 1, NULL, 0, -EOPNOTSUPP);
    heading(e, "Ring");
    out_text(o, "Pre-set maximums:\n");
    out_u64(o, "rx-max", "RX:\t\t%llu\n", dev->ring_most);
    out_text(o, "RX Mini:\tn/a\nRX Jumbo:\tn/a\n");
    out_u64(o, "tx-max", "TX:\t\t%llu\nCurrent hardware settings:\n", dev->ring_most);
    out_u64(o, "rx", "RX:\t\t%llu\n", dev->rx_ring);
    out_text(o, "RX Mini:\tn/a\nRX Jumbo:\tn/a\n");
    out_u64(o, "tx", "TX:\t\t%llu\n", dev->tx_ring);
    out_text(o, "RX Buf Len:\t\tn/a\nCQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n");
    return ending(e);
}

int ethtool_set_rings(struct ethtool *e)
{
    i64 rx = e->dev->rx_ring, tx = e->dev->tx_ring;
    const struct ethtool_param params[] = {
        {"rx", false, &rx, NULL},
        {"tx", false, &tx, NULL},
        {"rx-mini", false, NULL, NO_RING},
        {"rx-jumbo", false, NULL, NO_RING},
        {"rx-buf-len", false, NULL, "setting rx buf len not supported"},
        {"cqe-size", false, NULL, "setting cqe size not supported"},
        {"tx-push", true, NULL, "setting tx push not supported"},
    };
    int status = ethtool_params(e, params, ARRAY_LEN(params), 81);
    if (status)
        return status;
    if (!e->dev->rx_ring)
        return ethtool_netlink(e, 81, NULL, 0, -EOPNOTSUPP);
    if (rx > e->dev->ring_most || tx > e->dev->ring_most)
        return ethtool_netlink(e, 81, NO_RING, 0, -EINVAL);
    int err = dev_set_rings(e->dev, (u32)rx, (u32)tx);
    return err ? ethtool_netlink(e, 81, NULL, 0, err) : 0;
}

/* ---- channels: pairs of queues ---- */

int ethtool_channels(struct ethtool *e)
{
    struct out *o = e->c->out;

    if (!e->dev->ops->set_queues)
        return ethtool_netlink(e, 1, NULL, 0, -EOPNOTSUPP);
    heading(e, "Channel");
    out_text(o, "Pre-set maximums:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\n");
    out_u64(o, "combined-max", "Combined:\t%llu\n", e->dev->txqs_most);
    out_text(o, "Current hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\n");
    out_u64(o, "combined", "Combined:\t%llu\n", e->dev->txqs);
    return ending(e);
}

int ethtool_set_channels(struct ethtool *e)
{
    i64 n = e->dev->txqs;
    const struct ethtool_param params[] = {
        {"combined", false, &n, NULL},
        {"rx", false, NULL, NO_CHANNEL},
        {"tx", false, NULL, NO_CHANNEL},
        {"other", false, NULL, NO_CHANNEL},
    };
    if (!e->dev->ops->set_queues)
        return ethtool_netlink(e, 1, NULL, 0, -EOPNOTSUPP);
    int status = ethtool_params(e, params, ARRAY_LEN(params), 1);
    if (status)
        return status;
    if (n > e->dev->txqs_most)
        return ethtool_netlink(e, 1, NO_CHANNEL, 0, -EINVAL);
    if (!n)
        return ethtool_netlink(e, 1, NONE_LEFT, 0, -EINVAL);
    int err = dev_set_queues(e->dev, (u16)n);
    return err ? ethtool_netlink(e, 1, NULL, 0, err) : 0;
}

/* ---- dump ---- */

static void begin(struct out *o, const char *option, const struct netdev *dev)
{
    out_text(o, "ethtool %s ", option);
    out_word(o, dev->port.name);
}

void ethtool_dump_params(struct out *o, const struct netdev *dev)
{
    const struct dev_first *f = &dev->first;

    if (dev->txqs != f->queues) {
        begin(o, "-L", dev);
        out_text(o, " combined %u\n", dev->txqs);
    }
    if (dev->rx_ring != f->rx_ring || dev->tx_ring != f->tx_ring) {
        begin(o, "-G", dev);
        out_text(o, " rx %u tx %u\n", dev->rx_ring, dev->tx_ring);
    }
    if (dev->pause_asked) {
        begin(o, "-A", dev);
        out_text(o, " autoneg %s rx %s tx %s\n", dev->pause.autoneg ? "on" : "off", dev->pause.rx ? "on" : "off",
                 dev->pause.tx ? "on" : "off");
    }
    if (dev->adaptive_rx != f->adaptive_rx || dev->rx_usecs != f->rx_usecs) {
        begin(o, "-C", dev);
        out_text(o, " adaptive-rx %s rx-usecs %u\n", dev->adaptive_rx ? "on" : "off", dev->rx_usecs);
    }
}
