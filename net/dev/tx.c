/* The way out (contract: tx.h).
 *
 * What was made fit for the device, held or in its ring, is looked at by nobody above any more: its route and
 * connection mean nothing from there on, and it is not parked.
 *
 * A burst for which there is room asks no clock, unless something is reaped, a timer armed or a tap shown.
 */
#include "net/dev/tx.h"

#include "lib/conf.h"
#include "lib/stats.h"
#include "net/dev/tap.h"
#include "net/skb/cksum.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/skb/probe.h"
#include "net/skb/vlan.h"
#include "net/wire/eth.h"

/* ---- made fit for the device ---- */

/* The commonest packet: small, whole, nothing to be done. */
static inline bool is_fit(const struct skb *s, u32 features, u32 longest)
{
    u32 how = skb_how(s), frags = features & DEV_F_SG ? 0 : 0xff;
    return !(how & (SKB_VLAN << 24 | 0xff0000 | frags)) && (u8)(how >> 8) != CKSUM_PARTIAL && s->len <= longest;
}

/* Does the device cut it itself, as we should? Devices count IPv4 ids up. */
static bool cuts(u32 features, const struct skb *s)
{
    u32 want = s->gso == GSO_TCP4 ? DEV_F_TSO4 : s->gso == GSO_TCP6 ? DEV_F_TSO6 : DEV_F_USO;
    return (features & want) && !(s->flags & SKB_GSO_FIXED) && (!(s->flags & SKB_GSO_ECN) || (features & DEV_F_ECN));
}

/* All in the linear part, for a device that takes no fragments. */
static bool linear(struct skb *s)
{
    return !s->frags || skb_need(s, 0, s->len);
}

static void hold(struct txq *t, struct skb *s)
{
    if (unlikely(s->flags & SKB_PROBE)) {
        probe_sent(s, t->dev->port.name);
        return;
    }
    s->next = NULL;
    *t->held_end = s;
    t->held_end = &s->next;
    t->held_n++;
}

/* One frame's last steps, and into `held`. */
static void finish(struct txq *t, struct skb *s, u32 features)
{
    u32 tag = s->flags & SKB_VLAN ? VLAN_HLEN : 0, longest = t->dev->mtu + DEV_FRAME_MORE;
    bool device_tags = (features & DEV_F_VLAN_TX) && s->vlan_type != ETH_QINQ; /* devices know 802.1Q alone */
    if (tag && !device_tags && !vlan_put(s))
        skb_drop(s, DROP_HARD_HEADER);
    else if (!s->gso && s->len > longest)
        skb_drop(s, DROP_TX_TOO_LONG);
    else if (!(features & DEV_F_SG) && !linear(s))
        skb_drop(s, DROP_NO_MEMORY);
    else if (s->cksum == CKSUM_PARTIAL && !(features & DEV_F_TX_CSUM) && !cksum_finish(s))
        skb_drop(s, DROP_GSO);
    else
        hold(t, s);
}

static void make_fit(struct txq *t, struct skb *s)
{
    u32 features = t->dev->features;

    if (!s->gso || cuts(features, s)) {
        finish(t, s, features);
        return;
    }
    for (struct skb *next, *p = gso_cut(s, features & DEV_F_SG); p; p = next) {
        next = p->next;
        finish(t, p, features);
    }
}

/* ---- to the ring; the lock is held ---- */

static void count_sent(struct netdev *dev, u32 packets, u64 bytes)
{
    struct dev_stats *stats = dev->stats[cpu_id()];
    stats_add(&stats->tx_packets, packets);
    stats_add(&stats->tx_bytes, bytes);
}

/* Unlocks; what others ask without the lock is right again. */
static void leave(struct txq *t)
{
    store_relaxed(&t->busy, t->in_ring || t->held || t->q->packets);
    spin_unlock(&t->lock);
}

static bool may_send(const struct txq *t)
{
    return !t->stopped && !t->paused && dql_room(&t->dql) >= 0;
}

static void reap(struct txq *t)
{
    u32 bytes = 0, n = t->dev->ops->reap(t->dev, t->index, &bytes);
    if (!n)
        return;
    u64 now = clock_ns();
    t->in_ring -= min(n, t->in_ring);
    dql_completed(&t->dql, bytes, now);
    t->stopped = t->waited = false;
    t->moved = now;
    if (!dql_inflight(&t->dql) && !t->held && !t->q->packets)
        store_release(&t->emptied, t->emptied + 1);
}

/* No more may go in, from now on. */
static NOINLINE void note_stop(struct txq *t)
{
    t->moved = clock_ns();
    if (!timer_pending(&t->watch))
        timer_arm(&t->watch, t->moved + TX_TIMEOUT);
}

/* Takes from q what the ring takes: true when that was all. */
static bool to_ring(struct txq *t, struct skbq *q)
{
    u32 bytes = 0, was = q->n, took;
    if (unlikely(load_acquire(&t->dev->taps)))
        tap_show_out(t->dev, q, t->seen, clock_ns());
    took = t->dev->ops->xmit(t->dev, t->index, q, &bytes);
    t->seen = was - took;
    if (took) {
        struct txq_kept *stats = &t->dev->tx_kept[t->index];
        dql_queued(&t->dql, bytes);
        t->in_ring += took;
        stats_add(&stats->packets, took);
        stats_add(&stats->bytes, bytes);
        count_sent(t->dev, took, bytes);
        if (unlikely(!timer_pending(&t->lazy)))
            timer_arm(&t->lazy, clock_ns() + TX_LAZY);
    }
    t->stopped = took != was;
    if (unlikely(!may_send(t)))
        note_stop(t);
    if (likely(took == was)) {
        q->n = 0;
        return true;
    }
    skbq_shift(q, took);
    return false;
}

/* Something waits for room in the ring. */
static void wait_for_room(struct txq *t)
{
    if (t->waited || !t->dev->ops->tx_wait)
        return;
    t->waited = true;
    t->dev->ops->tx_wait(t->dev, t->index);
}

/* May more go in, after a look at what is done? */
static bool has_room(struct txq *t)
{
    if (likely(may_send(t)))
        return true;
    if (!t->paused)
        reap(t);
    return may_send(t);
}

/* What is held, in bursts, while the ring takes it. */
static void flush_held(struct txq *t)
{
    while (t->held && has_room(t)) {
        struct skbq q;
        q.n = 0;
        while (t->held && q.n < SKBQ_MOST) {
            struct skb *s = t->held;
            t->held = s->next;
            skbq_add(&q, s);
        }
        t->held_n -= q.n;
        if (!t->held)
            t->held_end = &t->held;
        if (to_ring(t, &q))
            continue;
        for (u32 i = q.n; i--;) { /* back to the front, in order */
            q.p[i]->next = t->held;
            if (!t->held)
                t->held_end = &q.p[i]->next;
            t->held = q.p[i];
        }
        t->held_n += q.n;
    }
}

/* A burst for which nothing waits: straight to the ring where all of it is fit. What the ring does not take is held. */
static void send(struct txq *t, struct skbq *q)
{
    u32 features = t->dev->features, longest = t->dev->mtu + DEV_FRAME_MORE, i = 0;

    while (i < q->n && is_fit(q->p[i], features, longest))
        i++;
    if (likely(i == q->n) && !t->held && to_ring(t, q))
        return;
    for (i = 0; i < q->n; i++)
        make_fit(t, q->p[i]);
    q->n = 0;
    flush_held(t);
    if (t->held && !may_send(t) && !t->paused)
        wait_for_room(t);
}

static void from_qdisc(struct txq *t, struct qdisc_drops *drops, u64 now)
{
    u64 again = ~0ull;
    while (!t->held && t->q->packets && has_room(t)) {
        struct skbq out;
        out.n = 0;
        t->q->ops->dequeue(t->q, &out, SKBQ_MOST, (u32)dql_room(&t->dql) + 1, drops, now, &again);
        if (!out.n)
            break;
        for (u32 i = 0; i < out.n; i++) {
            t->q->sent_packets++;
            t->q->sent_bytes += out.p[i]->len;
        }
        for (u32 i = 0; i < out.n; i++) {
            enum drop_reason why = skb_unpark(out.p[i]);
            if (unlikely(why))
                skb_drop(out.p[i], why);
            else
                make_fit(t, out.p[i]);
        }
        flush_held(t);
    }
    if (again != ~0ull)
        timer_arm(&t->again, again);
}

static void run(struct txq *t, struct qdisc_drops *drops, u64 now)
{
    flush_held(t);
    from_qdisc(t, drops, now);
    if ((t->held || t->q->packets) && !may_send(t) && !t->paused)
        wait_for_room(t);
}

static void drop_all(struct qdisc_drops *drops, enum drop_reason why)
{
    for (struct skb *next, *s = drops->first; s; s = next) {
        next = s->next;
        skb_drop(s, why);
    }
}

/* ---- in ---- */

static void enqueue(struct txq *t, struct skbq *q, struct qdisc_drops *drops, u64 now)
{
    t->q->ops->enqueue(t->q, q, drops, now);
    for (u32 i = q->n; i--;)
        qdisc_drop(t->q, q->p[i], drops);
    q->n = 0;
}

/* What would be done with it as things are now. */
static NOINLINE void tx_probe(struct txq *t, struct skb *s)
{
    spin_lock(&t->lock);
    bool open = t->open, past = !t->q->packets && !t->held && may_send(t) && t->q->ops->passes;
    bool takes = past || t->q->ops->takes(t->q, s);
    u32 wait = t->q->packets + t->held_n;
    spin_unlock(&t->lock);
    if (open)
        probe_note(s, "qdisc", "%s queue %u, %s: %u packets wait before it", t->dev->port.name, t->index,
                   t->q->ops->name, wait);
    if (open && takes)
        make_fit(t, s);
    else
        skb_drop(s, open ? DROP_QDISC_FULL : DROP_TX_DOWN);
}

/* Through the discipline; unlocks. */
static NOINLINE void queue_up(struct txq *t, struct skbq *q)
{
    struct qdisc_drops drops = {0};
    u64 now = clock_ns();
    enqueue(t, q, &drops, now);
    run(t, &drops, now);
    leave(t);
    drop_all(&drops, DROP_QDISC_FULL);
}

static void tx_queue(struct txq *t, struct skbq *q)
{
    if (skbq_probe(q)) {
        tx_probe(t, q->p[0]);
        return;
    }
    spin_lock(&t->lock);
    if (unlikely(!t->open)) {
        spin_unlock(&t->lock);
        skbq_drop(q, DROP_TX_DOWN);
        return;
    }
    if ((t->in_ring >= TX_MANY || unlikely(!may_send(t))) && likely(!t->paused))
        reap(t);
    if (unlikely(t->q->packets || t->held || !may_send(t) || !t->q->ops->passes)) {
        queue_up(t, q);
        return;
    }
    t->q->sent_packets += q->n;
    send(t, q);
    leave(t);
}

/* The queue that its flow always has: the number of the one it came by, else its hash. */
u32 txq_usual(const struct netdev *dev, struct skb *s)
{
    if (s->queue)
        return (s->queue - 1u) % dev->txqs;
    return (u32)((u64)skb_hash(s) * dev->txqs >> 32);
}

void txq_send(struct netdev *dev, u32 queue, struct skbq *q)
{
    tx_queue(&dev->txq[queue], q);
}

void txq_look_empty(struct netdev *dev, u32 queue)
{
    struct txq *t = &dev->txq[queue];
    spin_lock(&t->lock);
    if (t->open && !t->paused)
        reap(t);
    if (!dql_inflight(&t->dql) && !t->held && !t->q->packets)
        store_release(&t->emptied, t->emptied + 1);
    leave(t);
}

static void tx_queues(struct netdev *dev, struct skbq *q)
{
    struct skbq run;
    u32 last = 0;
    run.n = 0;
    for (u32 i = 0; i < q->n; i++) {
        u32 queue = txq_usual(dev, q->p[i]);
        if (run.n && queue != last) {
            tx_queue(&dev->txq[last], &run);
            run.n = 0;
        }
        last = queue;
        skbq_add(&run, q->p[i]);
    }
    q->n = 0;
    tx_queue(&dev->txq[last], &run);
}

void dev_tx(struct netdev *dev, struct skbq *q)
{
    if (unlikely(!q->n))
        return;
    for (struct skb *const *p = q->p, *const *end = p + q->n; p < end; p++)
        (*p)->dev = &dev->port;
    if (unlikely(!(dev->flags & DEV_UP)))
        skbq_drop(q, DROP_TX_DOWN);
    else if (unlikely(!dev->carrier))
        skbq_drop(q, DROP_TX_NO_CARRIER);
    else if (unlikely(dev->ops->tx))
        dev->ops->tx(dev, q);
    else if (dev->txqs == 1)
        tx_queue(&dev->txq[0], q);
    else if (unlikely(load_acquire(&dev->spread) != NULL))
        dev->spread(dev, q);
    else
        tx_queues(dev, q);
}

/* ---- the device is done ---- */

static void look(struct txq *t)
{
    struct qdisc_drops drops = {0};
    spin_lock(&t->lock);
    if (t->open && !t->paused) {
        reap(t);
        if (t->held || t->q->packets)
            run(t, &drops, clock_ns());
    }
    leave(t);
    drop_all(&drops, DROP_QDISC_FULL);
}

void txq_poll(struct netdev *dev, unsigned queue)
{
    if (load_relaxed(&dev->txq[queue].busy)) /* who makes it so just now looks for himself */
        look(&dev->txq[queue]);
}

static void run_work(struct work *w)
{
    look(container_of(w, struct txq, work));
}

/* Nothing was sent for a while that would have reaped what was sent before. */
static void look_late(struct timer *timer)
{
    struct txq *t = container_of(timer, struct txq, lazy);
    look(t);
    if (t->open && dql_inflight(&t->dql))
        timer_arm(&t->lazy, clock_ns() + TX_LAZY);
}

static void ask_again(struct timer *timer)
{
    work_raise(SOFTIRQ_NET_TX, &container_of(timer, struct txq, again)->work);
}

/* The ring was full, or held as many bytes as it may; has it moved since? */
static void watch(struct timer *timer)
{
    struct txq *t = container_of(timer, struct txq, watch);
    u64 now = clock_ns(), due;
    bool stuck;

    spin_lock(&t->lock);
    due = t->moved + TX_TIMEOUT;
    stuck = t->open && !may_send(t) && now >= due;
    if (t->open && !may_send(t))
        timer_arm(&t->watch, stuck ? now + TX_TIMEOUT : due);
    spin_unlock(&t->lock);
    if (!stuck)
        return;
    stats_add(&t->dev->tx_kept[t->index].timeouts, 1);
    log_write(LOG_WARN, "%s: transmit queue %u timed out %llu ms", t->dev->port.name, t->index,
              (unsigned long long)((now - due + TX_TIMEOUT) / NS_PER_MS));
    if (t->dev->ops->tx_timeout)
        t->dev->ops->tx_timeout(t->dev, t->index);
}

/* ---- with the device ---- */

int txq_start(struct netdev *dev)
{
    if (!dev->txqs_most)
        return 0;
    work_start();
    dev->txq = mem_zalloc(sizeof(struct txq) * dev->txqs_most);
    if (!dev->txq)
        return -ENOMEM;
    for (u16 i = 0; i < dev->txqs_most; i++) {
        struct txq *t = &dev->txq[i];
        t->dev = dev;
        t->index = i;
        t->held_end = &t->held;
        t->dql = (struct dql){
            .limit_min = dev->tx_kept[i].least, .limit_max = dev->tx_kept[i].most, .hold = dev->tx_kept[i].hold};
        work_init(&t->work, run_work);
        timer_init(&t->again, ask_again);
        timer_init(&t->watch, watch);
        timer_init(&t->lazy, look_late);
        t->q = qdisc_new(dev->qdisc, dev->tx_queue_len);
        if (!t->q) {
            txq_end(dev);
            return -ENOMEM;
        }
    }
    return 0;
}

void txq_end(struct netdev *dev)
{
    for (u16 i = 0; dev->txq && i < dev->txqs_most; i++)
        qdisc_free(dev->txq[i].q);
    mem_free(dev->txq);
    dev->txq = NULL;
}

void txq_reset(struct netdev *dev, unsigned queue)
{
    struct txq *t = &dev->txq[queue];
    softirq_off();
    spin_lock(&t->lock);
    dql_reset(&t->dql, clock_ns());
    t->stopped = t->waited = t->paused = false;
    t->in_ring = 0;
    leave(t);
    work_raise(SOFTIRQ_NET_TX, &t->work);
    softirq_on();
}

void txq_pause(struct netdev *dev)
{
    for (unsigned i = 0; i < dev->txqs_most; i++) {
        softirq_off();
        spin_lock(&dev->txq[i].lock);
        dev->txq[i].paused = true;
        spin_unlock(&dev->txq[i].lock);
        softirq_on();
    }
}

static void empty(struct txq *t)
{
    struct qdisc_drops drops = {0};
    softirq_off();
    spin_lock(&t->lock);
    t->open = false;
    qdisc_purge(t->q, &drops);
    struct skb *held = t->held;
    t->held = NULL;
    t->held_end = &t->held;
    t->held_n = t->seen = 0;
    leave(t);
    drop_all(&drops, DROP_TX_DOWN);
    drop_all(&(struct qdisc_drops){.first = held}, DROP_TX_DOWN);
    softirq_on();
}

void txq_open(struct netdev *dev)
{
    for (unsigned i = 0; i < dev->txqs_most; i++)
        if (i < dev->txqs) {
            txq_reset(dev, i);
            dev->txq[i].open = true;
        } else {
            empty(&dev->txq[i]); /* not in use any more; what waited there has nowhere to go */
        }
}

void txq_limits_get(struct netdev *dev, unsigned queue, struct txq_limits *l)
{
    const struct txq_kept *k = &dev->tx_kept[queue];
    conf_enter(); /* the queue stays */
    *l = (struct txq_limits){
        .least = k->least, .most = k->most ? k->most : DQL_MAX, .hold = k->hold ? k->hold : DQL_HOLD};
    if (dev->txq) {
        l->limit = load_relaxed(&dev->txq[queue].dql.limit);
        l->inflight = dql_inflight(&dev->txq[queue].dql);
    }
    conf_leave();
}

void txq_limits_set(struct netdev *dev, unsigned queue, const struct txq_limits *l)
{
    struct txq_kept *k = &dev->tx_kept[queue];
    struct txq *t = dev->txq ? &dev->txq[queue] : NULL;
    k->least = l->least;
    k->most = l->most == DQL_MAX ? 0 : l->most;
    k->hold = l->hold == DQL_HOLD ? 0 : l->hold;
    if (!t)
        return;
    softirq_off();
    spin_lock(&t->lock);
    t->dql.limit_min = l->least;
    t->dql.limit_max = l->most;
    t->dql.hold = l->hold;
    dql_limit(&t->dql, l->limit);
    spin_unlock(&t->lock);
    work_raise(SOFTIRQ_NET_TX, &t->work); /* more may go now */
    softirq_on();
}

void txq_set_len(struct netdev *dev, u32 len)
{
    for (unsigned i = 0; dev->txq && i < dev->txqs_most; i++) {
        struct txq *t = &dev->txq[i];
        softirq_off();
        spin_lock(&t->lock);
        if (t->q->limit == dev->tx_queue_len)
            t->q->limit = len;
        spin_unlock(&t->lock);
        softirq_on();
    }
    dev->tx_queue_len = len;
}

void txq_close(struct netdev *dev)
{
    for (unsigned i = 0; i < dev->txqs_most; i++) {
        struct txq *t = &dev->txq[i];
        empty(t);
        timer_cancel_wait(&t->again);
        timer_cancel_wait(&t->watch);
        timer_cancel_wait(&t->lazy);
        work_cancel(&t->work);
    }
}
