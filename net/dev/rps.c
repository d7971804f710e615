/* Steering of what comes in (contract: rps.h).
 *
 * A bucket's word in a generation is the tail of its CPU's backlog when its last packet was put in: 0 when none ever
 * was, PENDING while one is on its way there, MOVED when the bucket is a later generation's. Whoever polls the queue
 * has the words to himself, but for the moment under the lock in which a sweep moves buckets on that are quiet; a
 * generation all of whose buckets have moved is freed.
 */
#include "net/dev/rps.h"

#include "net/dev/backlog.h"
#include "net/dev/rx.h"
#include "net/skb/parse.h"

#define FLOWS_LEAST 256u
#define SWEEP_EVERY 64u /* bursts, while there is more than one generation */

#define PENDING (~0ull - 1)
#define MOVED   (~0ull)

struct rps_gen {
    struct rps_gen *newer;
    struct rcu_head rcu; /* a burst that is on its way to a backlog may still write its words */
    u32 bits;            /* of the hash: 1 << bits buckets */
    u32 cpus;            /* how many; 0: packets are handled where they come, no bucket is used */
    u8 cpu[CPU_MAX];
    u64 tail[];
};

struct rps_queue {
    struct spinlock lock; /* the list, and what moves in it */
    struct rps_gen *oldest, *newest;
    u32 bursts;
    /* ---- conf_lock ---- */
    u64 cpus;
    u32 flows;
};

struct rps {
    u16 n;
    struct rps_queue queue[];
};

/* ---- buckets ---- */

static u32 bucket_of(const struct rps_gen *g, u32 hash)
{
    return (u32)((u64)hash >> (32 - g->bits));
}

/* As Linux scales a hash to a map, but for all of a bucket alike. */
static u32 cpu_of(const struct rps_gen *g, u32 bucket)
{
    return g->cpu[(u64)bucket * g->cpus >> g->bits];
}

static bool is_quiet(struct net *net, const struct rps_gen *g, u32 bucket)
{
    u64 tail = load_acquire(&g->tail[bucket]);
    return !tail || (tail != PENDING && backlog_head(net, cpu_of(g, bucket)) >= tail);
}

/* The generation by which a packet goes; its bucket has left all earlier ones. */
static struct rps_gen *find(struct net *net, struct rps_queue *rq, u32 hash)
{
    struct rps_gen *g = rq->oldest;
    for (; g->newer; g = g->newer) {
        u32 b = bucket_of(g, hash);
        if (!g->cpus || load_relaxed(&g->tail[b]) == MOVED)
            continue;
        if (!is_quiet(net, g, b))
            break;
        store_relaxed(&g->tail[b], MOVED);
    }
    return g;
}

/* True: every bucket has left it. */
static bool has_moved(struct net *net, struct rps_gen *g)
{
    for (u32 b = 0; g->cpus && b < 1u << g->bits; b++) {
        if (load_relaxed(&g->tail[b]) == MOVED)
            continue;
        if (!is_quiet(net, g, b))
            return false;
        store_relaxed(&g->tail[b], MOVED);
    }
    return true;
}

/* Takes out the generations that nothing goes by any more; the lock is held. */
static struct rps_gen *sweep(struct net *net, struct rps_queue *rq)
{
    struct rps_gen *gone = NULL;
    for (struct rps_gen **at = &rq->oldest; (*at)->newer;) {
        struct rps_gen *g = *at;
        if (!has_moved(net, g)) {
            at = &g->newer;
            continue;
        }
        store_release(at, g->newer);
        g->newer = gone;
        gone = g;
    }
    return gone;
}

static void free_gen(struct rcu_head *h)
{
    mem_free(container_of(h, struct rps_gen, rcu));
}

static void free_all(struct rps_gen *g)
{
    for (struct rps_gen *next; g; g = next) {
        next = g->newer;
        rcu_defer(&g->rcu, free_gen);
    }
}

/* ---- a burst ---- */

struct plan {
    u64 *tail[SKBQ_MOST]; /* NULL: handled here and now */
    u8 cpu[SKBQ_MOST];
    u64 elsewhere; /* packets with a tail, by bit */
};

static void plan_one(struct net *net, struct rps_queue *rq, struct plan *plan, u32 i, u32 hash)
{
    struct rps_gen *g = find(net, rq, hash);
    if (!g->cpus)
        return;
    u32 bucket = bucket_of(g, hash), cpu = cpu_of(g, bucket);
    if (cpu == cpu_id() && is_quiet(net, g, bucket))
        return;
    store_relaxed(&g->tail[bucket], PENDING);
    plan->tail[i] = &g->tail[bucket];
    plan->cpu[i] = (u8)cpu;
    plan->elsewhere |= 1ull << i;
}

/* All that goes to the CPU of the first packet left, as one list. */
static void hand_over(struct net *net, struct skbq *q, struct plan *plan)
{
    u32 cpu = plan->cpu[__builtin_ctzll(plan->elsewhere)];
    struct skbq run;
    u64 these = 0;

    run.n = 0;
    for (u64 left = plan->elsewhere; left; left &= left - 1) {
        u32 i = (u32)__builtin_ctzll(left);
        if (plan->cpu[i] != cpu)
            continue;
        skbq_add(&run, q->p[i]);
        these |= 1ull << i;
    }
    u64 tail = backlog_put(net, cpu, &run);
    plan->elsewhere &= ~these;
    for (; these; these &= these - 1)
        store_release(plan->tail[__builtin_ctzll(these)], tail);
}

static void rps_rx(struct netdev *dev, struct skbq *q)
{
    struct net *net = dev_net(dev);
    u32 queue = q->p[0]->queue ? q->p[0]->queue - 1u : 0;
    struct rps_queue *rq = &dev->rps->queue[queue];
    struct rps_gen *gone = NULL;
    struct plan plan;

    if (!load_acquire(&rq->oldest)) {
        dev_rx(dev, q);
        return;
    }
    plan.elsewhere = 0;
    for (u32 i = 0; i < q->n; i++)
        skb_hash(q->p[i]);
    spin_lock(&rq->lock);
    for (u32 i = 0; i < q->n; i++)
        plan_one(net, rq, &plan, i, q->p[i]->hash);
    if (rq->oldest->newer && ++rq->bursts % SWEEP_EVERY == 0)
        gone = sweep(net, rq);
    spin_unlock(&rq->lock);
    free_all(gone);

    u64 elsewhere = plan.elsewhere;
    while (plan.elsewhere)
        hand_over(net, q, &plan);
    u32 here = 0;
    for (u32 i = 0; i < q->n; i++)
        if (!(elsewhere >> i & 1))
            q->p[here++] = q->p[i];
    q->n = here;
    if (here)
        dev_rx(dev, q);
}

/* ---- what is wished ---- */

static struct rps_gen *new_gen(u64 cpus, u32 flows)
{
    u32 bits = log2_floor(max(flows, FLOWS_LEAST));
    struct rps_gen *g = mem_zalloc(sizeof(*g) + (cpus ? sizeof(u64) << bits : 0));
    if (!g)
        return NULL;
    g->bits = bits;
    for (; cpus; cpus &= cpus - 1)
        g->cpu[g->cpus++] = (u8)__builtin_ctzll(cpus);
    return g;
}

static struct rps *rps_of(struct netdev *dev)
{
    if (!dev->rps) {
        struct rps *r = mem_zalloc(sizeof(*r) + dev->rxqs_most * sizeof(r->queue[0]));
        if (r)
            r->n = dev->rxqs_most;
        dev->rps = r;
    }
    return dev->rps;
}

int rps_set(struct netdev *dev, u16 queue, u64 cpus, u32 flows)
{
    struct rps *rps = rps_of(dev);
    if (!rps || queue >= rps->n)
        return rps ? -EINVAL : -ENOMEM;
    struct rps_queue *rq = &rps->queue[queue];
    struct rps_gen *g = new_gen(cpus, flows), *gone = NULL;
    if (!g)
        return -ENOMEM;
    rq->cpus = cpus;
    rq->flows = flows;
    softirq_off();
    spin_lock(&rq->lock);
    if (rq->newest)
        rq->newest->newer = g;
    else
        store_release(&rq->oldest, g);
    rq->newest = g;
    gone = sweep(dev_net(dev), rq);
    spin_unlock(&rq->lock);
    softirq_on();
    free_all(gone);
    store_release(&dev->steer, rps_rx);
    return 0;
}

void rps_get(const struct netdev *dev, u16 queue, u64 *cpus, u32 *flows)
{
    *cpus = dev->rps ? dev->rps->queue[queue].cpus : 0;
    *flows = dev->rps ? dev->rps->queue[queue].flows : 0;
}

u32 rps_generations(struct netdev *dev, u16 queue)
{
    u32 n = 0;
    if (!dev->rps)
        return 0;
    struct rps_queue *rq = &dev->rps->queue[queue];
    softirq_off();
    spin_lock(&rq->lock);
    struct rps_gen *gone = rq->oldest ? sweep(dev_net(dev), rq) : NULL;
    for (const struct rps_gen *g = rq->oldest; g; g = g->newer)
        n++;
    spin_unlock(&rq->lock);
    softirq_on();
    free_all(gone);
    return n;
}

static void forget(struct netdev *dev)
{
    struct rps *rps = dev->rps;
    dev->steer = NULL;
    dev->rps = NULL;
    for (u16 i = 0; rps && i < rps->n; i++)
        free_all(rps->queue[i].oldest);
    rcu_barrier();
    mem_free(rps);
}

NETDEV_WATCH(rps, .end = forget);
