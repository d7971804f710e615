/* Neighbours (contract: neigh.h). Linux: net/core/neighbour.c.
 *
 * The states and their arrows; who comes into the table and who goes for him. What waits: neigh_queue.c; what is shown
 * and set: neigh_conf.c. Nothing is sent, dropped or told to a sender under a lock: a function gathers what is to be
 * done (struct due, lists of packets) and does it when it has let go.
 */
#include "net/ip/neigh.h"

#include "lib/conf.h"
#include "lib/hash.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/tx.h"
#include "net/ip/addr.h"
#include "net/ip/neigh_order.h"
#include "net/skb/pool.h"

#define FEED_BYTES 8192u
static void collect(struct timer *t);
static void fires(struct timer *t);

static int start(struct net *net, void *slot)
{
    struct neigh_net *nn = slot;
    rand_bytes(&nn->key, sizeof(nn->key));
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        struct neigh_table *t = &nn->table[f];
        t->net = net;
        t->family = f;
        for (u32 i = 0; i < NEIGH_RANKS; i++)
            list_init(&t->order[i]);
        timer_init(&t->gc, collect);
    }
    int err = htab_init(&nn->table[IP_V4].h, 64);
    if (err)
        return err;
    err = htab_init(&nn->table[IP_V6].h, 64);
    if (err)
        goto free4;
    err = notify_init(&nn->feed, FEED_BYTES);
    if (!err)
        return 0;
    htab_free(&nn->table[IP_V6].h);
free4:
    htab_free(&nn->table[IP_V4].h);
    return err;
}

static void end(struct net *net, void *slot)
{
    struct neigh_net *nn = slot;
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        timer_cancel_wait(&nn->table[f].gc);
        if (PLAT_DEBUG && htab_count(&nn->table[f].h))
            panic("a net ended before its neighbours");
        htab_free(&nn->table[f].h);
    }
    notify_exit(&nn->feed);
}

NET_SLOT(neigh_net, struct neigh_net, start, end);

struct notify_feed *neigh_feed(struct net *net)
{
    return &neighs(net)->feed;
}

static struct neigh_table *table_of(const struct netdev *dev, const struct ipaddr *a)
{
    return &neighs(dev_net(dev))->table[ip_family_of(a)->index];
}

static void tell(const struct neigh *n, enum neigh_event what)
{
    struct neigh_notice e = {n->dev->port.index, n->addr, n->header.dst, n->state, n->flags};
    notify_publish(neigh_feed(dev_net(n->dev)), what, &e, sizeof(e));
}

/* ---- finding ---- */

struct neigh_key {
    struct ipaddr addr;
    const struct netdev *dev;
};

static bool same(const struct hnode *h, const void *key)
{
    const struct neigh *n = container_of(h, struct neigh, node);
    const struct neigh_key *k = key;
    return n->dev == k->dev && addr_eq(&n->addr, &k->addr);
}

static u64 hash_of(struct net *net, const struct neigh_key *k)
{
    return siphash13_fixed(&neighs(net)->key, k, sizeof(*k));
}

struct neigh *neigh_find(struct netdev *dev, const struct ipaddr *a)
{
    struct neigh_key k = {*a, dev};
    struct hnode *h = htab_find(&table_of(dev, a)->h, hash_of(dev_net(dev), &k), same, &k);
    return h ? container_of(h, struct neigh, node) : NULL;
}

void neigh_hold(struct neigh *n)
{
    atomic_add_relaxed(&n->refs, 1);
}

static void free_neigh(struct rcu_head *h)
{
    struct neigh *n = container_of(h, struct neigh, rcu);
    netdev_put(n->dev);
    mem_free(n);
}

void neigh_put(struct neigh *n)
{
    if (!atomic_sub(&n->refs, 1))
        rcu_defer(&n->rcu, free_neigh);
}

/* ---- what waits ---- */

static struct skb *take_queue(struct neigh *n) /* under n->lock; nobody is asked for any more */
{
    n->probes = 0;
    return neigh_queue_take(&n->queue);
}

static void send_all(struct neigh *n, struct skb *s)
{
    while (s) {
        struct skbq q = {0};
        s = neigh_queue_ready(s, &q);
        for (u32 i = 0; i < q.n; i++)
            neigh_write_header(n, q.p[i]);
        if (q.n)
            dev_tx(n->dev, &q);
    }
}

/* ---- coming and going: the table's lock ---- */

static struct neigh **recent_of(const struct netdev *dev, const struct ipaddr *a, unsigned cpu)
{
    return &neighs(dev_net(dev))->recent[cpu].n[(a->b[15] ^ a->b[14] * 5u ^ dev->port.index * 37u) % RECENT];
}

/* No CPU finds it so any more. Who is about to enter it just now sees n->out, and takes it back himself. */
static void forget(const struct neigh *n)
{
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        atomic_cas(recent_of(n->dev, &n->addr, cpu), (struct neigh *)n, NULL);
}

static void remember(struct neigh *n)
{
    struct neigh **at = recent_of(n->dev, &n->addr, cpu_id());
    store_relaxed(at, n);
    atomic_fence();
    if (load_relaxed(&n->out))
        atomic_cas(at, n, NULL);
}

/* Out of the table; what waited is the caller's to free. The table's reference is given back. */
static struct skb *take_out(struct neigh_table *t, struct neigh *n)
{
    htab_remove(&t->h, &n->node);
    neigh_order_del(t, n);
    spin_lock(&n->lock);
    n->out = true;
    store_release(&n->state, NUD_FAILED);
    timer_cancel(&n->timer);
    struct skb *s = take_queue(n);
    spin_unlock(&n->lock);
    tell(n, NEIGH_EVENT_GONE);
    atomic_fence();
    forget(n);
    neigh_put(n);
    return s;
}

static struct neigh *new_neigh(struct netdev *dev, const struct ipaddr *a, enum neigh_rank group)
{
    struct neigh *n = mem_zalloc(sizeof(*n));
    if (!n)
        return NULL;
    n->addr = *a;
    n->dev = dev;
    netdev_get(dev);
    n->header = (struct eth_hdr){.src = dev->mac};
    n->refs = 1;
    n->state = dev->type == DEV_TYPE_LOOPBACK ? NUD_NOARP : NUD_FAILED;
    n->group = (u16)group;
    neigh_queue_init(&n->queue, &neighs(dev_net(dev))->waiting);
    n->used = n->updated = clock_ns();
    list_init(&n->order);
    timer_init(&n->timer, fires);
    return n;
}

static struct neigh *enter(struct neigh_table *t, struct netdev *dev, const struct ipaddr *a, const struct skb *by,
                           struct skb **drop)
{
    struct neigh_key k = {*a, dev};
    struct neigh *n = neigh_find(dev, a), *victim; /* another CPU was quicker */
    enum neigh_rank group = neigh_order_group(t->net, by);
    *drop = NULL;
    if (n)
        return n;
    bool room = neigh_order_room(t, by ? group : NEIGH_HEARD, clock_ns(), &victim);
    if (victim)
        *drop = take_out(t, victim);
    if (!room || !(n = new_neigh(dev, a, group)))
        return NULL;
    if (htab_insert(&t->h, &n->node, hash_of(t->net, &k))) {
        neigh_put(n);
        return NULL;
    }
    neigh_order_add(t, n);
    if (!timer_pending(&t->gc))
        timer_arm(&t->gc, clock_ns() + neighs(t->net)->gc_every[t->family]);
    return n;
}

static NOINLINE struct neigh *find_or_enter(struct netdev *dev, const struct ipaddr *a, const struct skb *by)
{
    struct neigh *n = neigh_find(dev, a);
    struct neigh_table *t = table_of(dev, a);
    struct skb *drop;
    if (likely(n)) {
        remember(n);
        return n;
    }
    spin_lock(&t->lock);
    n = enter(t, dev, a, by, &drop);
    spin_unlock(&t->lock);
    neigh_queue_drop(drop, DROP_NEIGH_FULL);
    return n;
}

struct neigh *neigh_get(struct netdev *dev, const struct ipaddr *a, const struct skb *by)
{
    struct neigh *n = load_acquire(recent_of(dev, a, cpu_id()));
    return likely(n && n->dev == dev && addr_eq(&n->addr, a)) ? n : find_or_enter(dev, a, by);
}

/* ---- the states ---- */

static void arm(struct neigh *n, u64 when)
{
    if (!n->out)
        timer_arm(&n->timer, when);
}

static u64 reachable_for(const struct neigh *n) /* RFC 4861 6.3.2: between half of it and half more */
{
    u64 base = neigh_conf_of(n)->base_reachable;
    return base / 2 + rand_below(base + 1);
}

static void set_state(struct neigh *n, u8 state, u64 now)
{
    store_release(&n->state, state);
    n->updated = now;
    n->proven |= (state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP)) != 0;
    if (state & NUD_REACHABLE)
        arm(n, now + reachable_for(n));
    else if (state & NUD_DELAY)
        arm(n, now + neigh_conf_of(n)->delay_first_probe);
    else if (!(state & NUD_TIMED))
        timer_cancel(&n->timer);
    tell(n, NEIGH_EVENT_NEW);
}

/* The timer fired; what is to be done without the lock: */
struct due {
    bool solicit, to_it;
    struct skb *refuse;
};

static void ask_again(struct neigh *n, u64 now, struct due *due)
{
    const struct neigh_conf *c = neigh_conf_of(n);
    due->to_it = n->state == NUD_PROBE;
    if (due->to_it && n->confirmed > n->updated) { /* not by an answer, but by a protocol above */
        set_state(n, NUD_REACHABLE, now);
        return;
    }
    if (n->probes++ < (due->to_it ? c->ucast_solicit : c->mcast_solicit)) {
        due->solicit = true;
        arm(n, now + c->retrans);
        return;
    }
    due->refuse = take_queue(n);
    set_state(n, NUD_FAILED, now);
}

static void step(struct neigh *n, u64 now, struct due *due)
{
    if (n->state == NUD_REACHABLE) {
        if (now < n->confirmed + neigh_conf_of(n)->base_reachable / 2)
            arm(n, now + reachable_for(n));
        else
            set_state(n, NUD_STALE, now);
    } else if (n->state == NUD_DELAY) {
        if (now < n->confirmed + neigh_conf_of(n)->delay_first_probe) {
            set_state(n, NUD_REACHABLE, now);
            return;
        }
        n->probes = 0;
        set_state(n, NUD_PROBE, now);
        ask_again(n, now, due);
    } else if (n->state & (NUD_PROBE | NUD_INCOMPLETE)) {
        ask_again(n, now, due);
    }
}

static void fires(struct timer *timer)
{
    struct neigh *n = container_of(timer, struct neigh, timer);
    struct neigh_table *t = table_of(n->dev, &n->addr);
    struct due due = {0};

    spin_lock(&t->lock);
    spin_lock(&n->lock);
    step(n, clock_ns(), &due);
    neigh_order_mend(t, n);
    spin_unlock(&n->lock);
    spin_unlock(&t->lock);
    if (due.solicit)
        ip_family_of(&n->addr)->solicit(n, due.to_it);
    neigh_queue_refuse(due.refuse);
}

/* ---- sending ---- */

/* Bytes that may wait for n: no more than is left of a quarter of the pool, so that all together never have all of it,
 * and whoever comes last has some. */
static u32 room_for(const struct neigh *n)
{
    struct net *net = dev_net(n->dev);
    u64 most = (u64)skb_pool_of(net)->most / 4 * SKB_ROOM, waiting = load_relaxed(&neighs(net)->waiting);
    return (u32)min((u64)neigh_conf_of(n)->unres_qlen_bytes, most - min(most, waiting));
}

void neigh_send_slow(struct neigh *n, struct skb *s, struct skbq *out)
{
    struct skb *drop = NULL;
    bool solicit = false, known = true;
    u64 now = clock_ns();

    spin_lock(&n->lock);
    n->used = now;
    if (n->state == NUD_STALE) {
        set_state(n, NUD_DELAY, now);
    } else if (!(n->state & NUD_QUIET)) {
        known = false;
        if (n->out) {
            drop = s;
            drop->next = NULL;
        } else {
            drop = neigh_queue_add(&n->queue, s, room_for(n));
            if (n->state == NUD_FAILED) {
                n->probes = 1;
                set_state(n, NUD_INCOMPLETE, now);
                arm(n, now + neigh_conf_of(n)->retrans);
                solicit = true;
            }
        }
    }
    spin_unlock(&n->lock);
    if (known) {
        neigh_write_header(n, s);
        skbq_add(out, s);
    }
    neigh_queue_drop(drop, DROP_NEIGH_QUEUE);
    if (solicit)
        ip_family_of(&n->addr)->solicit(n, false);
}

/* ---- hearing ---- */

/* The new state and address; true: what waited may go. Under both locks. */
static bool learn(struct neigh *n, const struct macaddr *mac, u8 state, u32 how, u64 now)
{
    bool had = n->state & NUD_KNOWN, other = mac && had && !mac_eq(mac, &n->header.dst);
    if (other && !(how & NEIGH_OVERRIDE)) {
        /* RFC 4861 7.2.5: somebody says otherwise; the one that is known is asked again when it is needed. Of ARP it is
         * the second answer, which is not believed. */
        if (n->state == NUD_REACHABLE && !ipaddr_is4(&n->addr))
            set_state(n, NUD_STALE, now);
        return false;
    }
    if (had && !other && state == NUD_STALE && !(how & NEIGH_ADMIN))
        return false; /* nothing that was not known */
    if (mac && (other || !had))
        n->header.dst = *mac;
    if (!mac && !had && (state & NUD_KNOWN) && !(state & NUD_NOARP))
        return false; /* nothing to go by */
    if (state & NUD_REACHABLE)
        n->confirmed = now;
    if (state != n->state || other || (state & NUD_REACHABLE))
        set_state(n, state, now);
    return !had && (state & NUD_KNOWN);
}

int neigh_update(struct neigh *n, const struct macaddr *mac, u8 state, u32 how, bool router)
{
    struct neigh_table *t = table_of(n->dev, &n->addr);
    struct skb *go = NULL, *drop = NULL;
    int err = 0;

    spin_lock(&t->lock);
    spin_lock(&n->lock);
    if (!(how & NEIGH_ADMIN) && (n->state & (NUD_NOARP | NUD_PERMANENT))) {
        err = -EPERM;
    } else if (!n->out) {
        if (learn(n, mac, state, how, clock_ns()))
            go = take_queue(n);
        else if (state & NUD_FAILED)
            drop = take_queue(n);
        if ((how & NEIGH_ROUTERS) && (!mac || !(n->state & NUD_KNOWN) || mac_eq(mac, &n->header.dst)))
            n->flags = router ? n->flags | NEIGH_ROUTER : n->flags & (u8)~NEIGH_ROUTER;
        n->proven |= (how & NEIGH_ADMIN) != 0;
        neigh_order_mend(t, n);
    }
    spin_unlock(&n->lock);
    spin_unlock(&t->lock);
    send_all(n, go);
    neigh_queue_drop(drop, DROP_NEIGH_FAILED);
    return err;
}

void neigh_confirm(struct neigh *n)
{
    store_relaxed(&n->confirmed, clock_ns());
}

/* ---- going ---- */

int neigh_del(struct netdev *dev, const struct ipaddr *a)
{
    struct neigh_table *t = table_of(dev, a);
    conf_assert();
    softirq_off();
    spin_lock(&t->lock);
    struct neigh *n = neigh_find(dev, a);
    struct skb *s = n ? take_out(t, n) : NULL;
    spin_unlock(&t->lock);
    neigh_queue_drop(s, DROP_NEIGH_GONE);
    softirq_on();
    return n ? 0 : -ENOENT;
}

static struct neigh *of_dev(const struct neigh_table *t, const struct netdev *dev)
{
    for (u32 i = 0; i < NEIGH_RANKS; i++)
        LIST_FOREACH(&t->order[i], struct neigh, order, n)
            if (n->dev == dev)
                return n;
    return NULL;
}

void neigh_dev_down(struct netdev *dev)
{
    conf_assert();
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        struct neigh_table *t = &neighs(dev_net(dev))->table[f];
        struct neigh *n;
        softirq_off();
        do {
            spin_lock(&t->lock);
            n = of_dev(t, dev);
            struct skb *s = n ? take_out(t, n) : NULL;
            spin_unlock(&t->lock);
            neigh_queue_drop(s, DROP_NEIGH_GONE);
        } while (n);
        softirq_on();
    }
}

void neigh_dev_mac(struct netdev *dev)
{
    conf_assert();
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        struct neigh_table *t = &neighs(dev_net(dev))->table[f];
        softirq_off();
        spin_lock(&t->lock);
        for (u32 i = 0; i < NEIGH_RANKS; i++)
            LIST_FOREACH(&t->order[i], struct neigh, order, n)
                if (n->dev == dev)
                    n->header.src = dev->mac;
        spin_unlock(&t->lock);
        softirq_on();
    }
}

/* Who is not there at all is collected however few there are: nobody misses it. */
static bool is_collected(struct neigh_table *t, const struct neigh *n, u64 now)
{
    bool many = htab_count(&t->h) > neighs(t->net)->thresh[t->family][0] || n->state == NUD_FAILED;
    return many && load_relaxed(&n->refs) == 1 && !(n->state & (NUD_TIMED | NUD_PERMANENT | NUD_NOARP)) &&
           now > max(n->used, n->updated) + neigh_conf_of(n)->gc_stale;
}

/* Every gc_interval: where more than gc_thresh1 are, those go that nobody has used for gc_stale_time. */
static void collect(struct timer *timer)
{
    struct neigh_table *t = container_of(timer, struct neigh_table, gc);
    struct skb *drop = NULL, **end = &drop; /* it was asked for just now, on another CPU */
    u64 now = clock_ns();

    spin_lock(&t->lock);
    for (u32 i = NEIGH_RANKS; i-- > 0;)
        LIST_FOREACH_SAFE(&t->order[i], struct neigh, order, n)
            if (is_collected(t, n, now))
                for (*end = take_out(t, n); *end; end = &(*end)->next)
                    ;
    bool more = htab_count(&t->h);
    spin_unlock(&t->lock);
    neigh_queue_drop(drop, DROP_NEIGH_GONE);
    if (more)
        timer_arm(&t->gc, now + neighs(t->net)->gc_every[t->family]);
}
