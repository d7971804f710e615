/* The packet path of bridges (contract: bridge.h).
 *
 *     burst --> choose: a way for each frame      frames with the same two addresses as the one before have its way
 *           --> runs: those of the same way, in their order, as one burst      all of one way: as they came
 *           --> deliver
 *
 * Of a burst whose frames have all the same addresses one is looked up; a store is made of what changed. A frame that
 * goes several ways is doubled for all but the last of them: the linear part is copied, since each way may write into
 * it (a tag, a card's header), fragments are shared. The machine's own is the frame itself.
 */
#include "net/link/bridge.h"

#include "lib/stats.h"
#include "net/dev/rx.h"
#include "net/dev/tap.h"
#include "net/dev/tx.h"
#include "net/skb/probe.h"
#include "net/wire/eth.h"

/* ---- which way ---- */

static bool is_link_local(const struct macaddr *m) /* IEEE 802.1D table 7-10 */
{
    return load_be32(m->b) == 0x0180c200 && !m->b[4] && m->b[5] < 16;
}

static struct bridge_port *way_to(struct bridge *br, const struct macaddr *dst, u32 tick, bool probe)
{
    if (unlikely(mac_is_multicast(dst)))
        return &br->way[mac_is_broadcast(dst) ? WAY_ALL : WAY_GROUP];
    struct fdb_entry *e = fdb_find(&br->fdb, dst);
    if (!e)
        return &br->way[WAY_UNKNOWN];
    if (unlikely(load_relaxed(&e->used) != tick) && !probe)
        store_relaxed(&e->used, tick);
    struct bridge_port *port = load_acquire(&e->port);
    return load_relaxed(&e->kind) == FDB_LOCAL || !port ? &br->way[WAY_HERE] : port;
}

static void learn(struct bridge_port *from, const struct macaddr *src, u32 tick)
{
    struct fdb *f = &from->br->fdb;
    struct fdb_entry *e = fdb_find(f, src);
    if (unlikely(!e || load_relaxed(&e->port) != from || load_relaxed(&e->kind) == FDB_LOCAL))
        fdb_learn(f, src, from, tick);
    else if (unlikely(load_relaxed(&e->seen) != tick))
        store_relaxed(&e->seen, tick);
}

static struct bridge_port *way_from(struct bridge_port *from, const struct eth_hdr *h, u32 tick, bool learns,
                                    bool probe)
{
    struct bridge *br = from->br;
    if (unlikely(!mac_is_station(&h->src)))
        return &br->way[WAY_SOURCE];
    if (learns)
        learn(from, &h->src, tick);
    if (unlikely(is_link_local(&h->dst)))
        return &br->way[WAY_LINK];
    return way_to(br, &h->dst, tick, probe);
}

/* to[i]: where q->p[i] goes; what is too short to say is dropped. `from` NULL: from this machine. True: all go the same
 * way. */
static bool choose(struct bridge *br, struct bridge_port *from, struct skbq *q, struct bridge_port **to)
{
    bool probe = skbq_probe(q);
    bool learns = from && (load_relaxed(&from->flags) & BRIDGE_LEARNING) && load_relaxed(&br->fdb.ageing) && !probe;
    u64 stamp = from ? q->p[0]->stamp : 0, first = 0;
    u32 tick = fdb_tick(stamp ? stamp : clock_ns()), rest = 0, n = 0;
    bool alike = true;

    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        const struct eth_hdr *h = skb_need(s, 0, ETH_HLEN);
        if (unlikely(!h)) {
            skb_drop(s, DROP_ETH_SHORT);
            continue;
        }
        const u8 *both = h->dst.b;
        if (n && load_le64(both) == first && load_le32(both + 8) == rest) {
            to[n] = to[n - 1];
        } else {
            first = load_le64(both);
            rest = load_le32(both + 8);
            to[n] = from ? way_from(from, h, tick, learns, probe) : way_to(br, &h->dst, tick, probe);
            alike &= to[n] == to[0];
        }
        q->p[n++] = s;
    }
    q->n = n;
    return alike;
}

/* ---- there ---- */

static void note(const struct bridge *br, const struct skbq *q, const char *what, const char *name)
{
    if (skbq_probe(q))
        probe_note(q->p[0], "bridge", "%s: %s%s", br->dev->port.name, what, name);
}

/* To this machine: in by the bridge. */
static void deliver_here(struct bridge *br, struct skbq *q)
{
    struct dev_stats *stats = br->dev->stats[cpu_id()];
    u64 bytes = 0;

    for (u32 i = 0; i < q->n; i++) {
        q->p[i]->dev = &br->dev->port;
        bytes += q->p[i]->len - ETH_HLEN; /* as Linux, which has passed the header here */
    }
    if (!skbq_probe(q)) {
        stats_add(&stats->rx_packets, q->n);
        stats_add(&stats->rx_bytes, bytes);
    }
    dev_rx(br->dev, q);
}

static void copy(struct skbq *to, const struct skbq *q)
{
    to->n = 0;
    for (u32 i = 0; i < q->n; i++) {
        struct skb *c = skb_twin(q->p[i]);
        if (likely(c))
            skbq_add(to, c);
        else
            drop_count(q->p[i]->dev->net, q->p[i]->dev, DROP_NO_MEMORY, 1);
    }
}

/* The same frames leave by it, or go up where port is NULL; they are the caller's still. */
static NOINLINE void deliver_copies(struct bridge *br, struct bridge_port *port, const struct skbq *q)
{
    struct skbq copies;
    copy(&copies, q);
    if (!copies.n)
        return;
    if (port)
        dev_tx(port->dev, &copies);
    else
        deliver_here(br, &copies);
}

/* Why nothing of `from` leaves by it; DROP_NOT: it does. */
static inline enum drop_reason refuses(const struct bridge_port *to, const struct bridge_port *from)
{
    u32 flags = load_relaxed(&to->flags);
    if (unlikely(to == from && !(flags & BRIDGE_HAIRPIN)))
        return DROP_BRIDGE_SAME_PORT;
    if (unlikely(!bridge_port_forwards(to)))
        return DROP_BRIDGE_PORT_OFF;
    return unlikely(flags & BRIDGE_ISOLATED) && from && (load_relaxed(&from->flags) & BRIDGE_ISOLATED)
               ? DROP_BRIDGE_ISOLATED
               : DROP_NOT;
}

/* By all ports that have the flag; here, too. */
static NOINLINE void flood(struct bridge *br, struct bridge_port *from, u32 flag, struct skbq *q, bool here)
{
    struct bridge_port *last = NULL;

    for (u32 i = 0, end = load_acquire(&br->ports_end); i < end; i++) {
        struct bridge_port *p = load_acquire(&br->port[i]);
        if (!p || !(load_relaxed(&p->flags) & flag) || refuses(p, from))
            continue;
        if (last)
            deliver_copies(br, last, q);
        last = p;
    }
    if (last && here)
        deliver_copies(br, last, q);
    if (here)
        deliver_here(br, q);
    else if (last)
        dev_tx(last->dev, q);
    else
        skbq_drop(q, DROP_BRIDGE_NO_PORT);
}

static bool is_watched(const struct bridge *br) /* somebody wants to see all that passes */
{
    return unlikely(load_relaxed(&br->dev->flags) & DEV_PROMISC);
}

static NOINLINE void deliver_way(struct bridge *br, struct bridge_port *from, enum bridge_way way, struct skbq *q)
{
    static const char *const what[] = {[WAY_HERE] = "for this machine",
                                       [WAY_UNKNOWN] = "nobody knows its station: by all ports",
                                       [WAY_GROUP] = "to a group: by all ports",
                                       [WAY_ALL] = "to everybody: by all ports",
                                       [WAY_LINK] = "of this link alone: to the port's own protocols",
                                       [WAY_SOURCE] = "no station sends with that address"};
    note(br, q, what[way], "");
    switch (way) {
    case WAY_HERE:
        if (from)
            deliver_here(br, q);
        else
            skbq_drop(q, DROP_BRIDGE_NO_PORT);
        break;
    case WAY_LINK: dev_rx_untagged(from->dev, q); break;
    case WAY_SOURCE: skbq_drop(q, DROP_BRIDGE_SOURCE); break;
    default: flood(br, from, br->way[way].flags, q, from && (way != WAY_UNKNOWN || is_watched(br)));
    }
}

static void deliver(struct bridge *br, struct bridge_port *from, struct bridge_port *to, struct skbq *q)
{
    if (unlikely(!to->dev)) {
        deliver_way(br, from, (enum bridge_way)(to - br->way), q);
        return;
    }
    if (is_watched(br) && from)
        deliver_copies(br, NULL, q);
    note(br, q, "its station is behind ", to->dev->port.name);
    enum drop_reason why = refuses(to, from);
    if (unlikely(why))
        skbq_drop(q, why);
    else
        dev_tx(to->dev, q);
}

/* Those that go where the first one goes, in `run`; the others stay, in order. */
static void take_run(struct skbq *q, struct bridge_port **to, struct skbq *run)
{
    struct bridge_port *first = to[0];
    u32 left = 0;

    run->n = 0;
    for (u32 i = 0; i < q->n; i++) {
        if (to[i] == first) {
            skbq_add(run, q->p[i]);
            continue;
        }
        to[left] = to[i];
        q->p[left++] = q->p[i];
    }
    q->n = left;
}

static void forward(struct bridge *br, struct bridge_port *from, struct skbq *q)
{
    struct bridge_port *to[SKBQ_MOST];
    struct skbq run;

    bool alike = choose(br, from, q, to);
    if (likely(alike && q->n))
        deliver(br, from, to[0], q);
    while (!alike && q->n) {
        struct bridge_port *first = to[0];
        take_run(q, to, &run);
        deliver(br, from, first, &run);
    }
    q->n = 0;
}

/* ---- in, and out ---- */

void bridge_rx(struct netdev *dev, struct skbq *q)
{
    struct bridge_port *from = dev->handler_data;
    if (likely(bridge_port_forwards(from)))
        forward(from->br, from, q);
    else
        skbq_drop(q, DROP_BRIDGE_PORT_OFF);
}

void bridge_tx(struct netdev *dev, struct skbq *q)
{
    struct dev_stats *stats = dev->stats[cpu_id()];
    u64 bytes = 0;

    if (unlikely(load_acquire(&dev->taps)))
        tap_show_out(dev, q, 0, clock_ns());
    for (u32 i = 0; i < q->n; i++)
        bytes += q->p[i]->len;
    if (!skbq_probe(q)) {
        stats_add(&stats->tx_packets, q->n);
        stats_add(&stats->tx_bytes, bytes);
    }
    forward(bridge_of(dev), NULL, q);
}
