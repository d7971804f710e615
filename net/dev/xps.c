/* Steering of what goes out (contract: xps.h).
 *
 * A bucket is one word that all CPUs change by compare and swap:
 *
 *     | times that the queue had been empty, 32 | packets on their way in, 16 | queue + 1, 16 |     0: never used
 *
 * It may change its queue when no packet is on its way into the old one, and the old one has been empty since. Buckets
 * stand in rows, one for each usual queue, so that of a bucket never used it is known where its packets went before
 * there was any steering.
 */
#include "net/dev/xps.h"

#include "lib/bitmap.h"
#include "net/dev/dump_view.h"
#include "net/dev/queue_dir.h"
#include "net/dev/tx.h"
#include "net/skb/parse.h"
#include "net/skb/probe.h"

#define BUCKETS     256u
#define QUEUES_MOST 64u

#define QUEUE_MASK  0xffffull
#define ON_WAY      0x10000ull
#define ON_WAY_MASK 0xffff0000ull

struct xps {
    u64 queues_of[CPU_MAX];   /* by bit */
    u64 cpus_of[QUEUES_MOST]; /* as they were written; conf_lock */
    u32 began[QUEUES_MOST];   /* how often each had been empty when steering began */
    u64 bucket[];             /* rows of BUCKETS; atomic */
};

static u32 wanted(const struct netdev *dev, u32 usual, u32 hash)
{
    u64 may = load_relaxed(&dev->xps->queues_of[cpu_id()]) & (~0ull >> (QUEUES_MOST - min(dev->txqs, QUEUES_MOST)));
    if (!may)
        return usual;
    u32 nth = (u32)((u64)hash * bitmap_count(&may, QUEUES_MOST) >> 32);
    while (nth--)
        may &= may - 1;
    return (u32)__builtin_ctzll(may);
}

/* Has all left that was put into the queue when it had been empty `then` times? Looks into each queue once a burst. */
static bool has_left(struct netdev *dev, u32 queue, u32 then, u64 *looked)
{
    u64 bit = 1ull << queue;
    if (queue >= dev->txqs || txq_emptied(dev, queue) != then)
        return true;
    if (*looked & bit)
        return false;
    *looked |= bit;
    txq_look_empty(dev, queue);
    return txq_emptied(dev, queue) != then;
}

/* The queue for one more packet of the bucket, which is on its way from here on. */
static u32 enter(struct netdev *dev, u64 *bucket, u32 usual, u32 hash, u64 *looked)
{
    u64 old, fresh;
    u32 queue;
    do {
        old = load_acquire(bucket);
        u64 was = old ? old : (u64)load_relaxed(&dev->xps->began[usual]) << 32 | (usual + 1);
        queue = (u32)(was & QUEUE_MASK) - 1;
        u32 want = wanted(dev, usual, hash);
        if (queue != want && !(was & ON_WAY_MASK) && has_left(dev, queue, (u32)(was >> 32), looked))
            was = (was & ~QUEUE_MASK) | ((queue = want) + 1);
        fresh = was + ON_WAY;
    } while (!atomic_cas(bucket, old, fresh));
    return queue;
}

/* It is in. */
static void leave(struct netdev *dev, u64 *bucket, u32 queue)
{
    u64 old, fresh;
    do {
        old = load_acquire(bucket);
        fresh = (u64)txq_emptied(dev, queue) << 32 | (u32)(old - ON_WAY); /* not older than what others wrote */
    } while (!atomic_cas(bucket, old, fresh));
}

static void send_run(struct netdev *dev, u32 queue, struct skbq *run, u64 *const *bucket)
{
    u32 n = run->n;
    txq_send(dev, queue, run);
    for (u32 i = 0; i < n; i++)
        leave(dev, bucket[i], queue);
    run->n = 0;
}

/* By the queue that a packet would get; nobody looks into one for that, and the bucket stays as it is. */
static void send_probe(struct netdev *dev, struct skbq *q)
{
    u32 usual = txq_usual(dev, q->p[0]), hash = skb_hash(q->p[0]), row = usual % QUEUES_MOST;
    u64 was = load_relaxed(&dev->xps->bucket[row * BUCKETS + hash % BUCKETS]);
    u32 then = was ? (u32)(was >> 32) : load_relaxed(&dev->xps->began[row]);
    u32 queue = was ? (u32)(was & QUEUE_MASK) - 1 : row, want = wanted(dev, row, hash);
    bool left = queue >= dev->txqs || txq_emptied(dev, queue) != then || !load_relaxed(&dev->txq[queue].busy);
    txq_send(dev, left && !(was & ON_WAY_MASK) ? want : queue, q);
}

static void xps_tx(struct netdev *dev, struct skbq *q)
{
    u64 *bucket[SKBQ_MOST], looked = 0;
    struct skbq run;
    u32 last = 0;

    if (skbq_probe(q)) {
        send_probe(dev, q);
        return;
    }
    run.n = 0;
    for (u32 i = 0; i < q->n; i++) {
        u32 usual = txq_usual(dev, q->p[i]), hash = skb_hash(q->p[i]);
        u64 *b = &dev->xps->bucket[usual % QUEUES_MOST * BUCKETS + hash % BUCKETS];
        u32 queue = enter(dev, b, usual % QUEUES_MOST, hash, &looked);
        if (run.n && queue != last)
            send_run(dev, last, &run, bucket);
        last = queue;
        bucket[run.n] = b;
        skbq_add(&run, q->p[i]);
    }
    q->n = 0;
    send_run(dev, last, &run, bucket);
}

/* ---- what is wished ---- */

/* Everybody goes by the buckets, each still to where it went before. */
static int begin(struct netdev *dev)
{
    struct xps *x = mem_zalloc(sizeof(*x) + dev->txqs_most * BUCKETS * sizeof(u64));
    if (!x)
        return -ENOMEM;
    dev->xps = x;
    store_release(&dev->spread, xps_tx);
    rcu_barrier(); /* nobody chooses without them any more */
    for (u16 i = 0; i < dev->txqs_most; i++)
        store_relaxed(&x->began[i], dev->txq ? txq_emptied(dev, i) : 0);
    return 0;
}

int xps_set(struct netdev *dev, u16 queue, u64 cpus)
{
    if (dev->txqs_most < 2)
        return -ENOENT;
    if (queue >= dev->txqs_most || dev->txqs_most > QUEUES_MOST)
        return -EINVAL;
    int err = dev->xps || !cpus ? 0 : begin(dev);
    if (err || !dev->xps)
        return err;
    dev->xps->cpus_of[queue] = cpus;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        u64 *of = &dev->xps->queues_of[cpu], bit = 1ull << queue;
        store_relaxed(of, cpus >> cpu & 1 ? *of | bit : *of & ~bit);
    }
    return 0;
}

u64 xps_get(const struct netdev *dev, u16 queue)
{
    return dev->xps ? dev->xps->cpus_of[queue] : 0;
}

static void forget(struct netdev *dev)
{
    dev->spread = NULL;
    mem_free(dev->xps);
    dev->xps = NULL;
}

NETDEV_WATCH(xps, .end = forget);

/* ---- the file ---- */

static int show(struct file_req *r)
{
    u16 queue;
    struct netdev *dev = tx_queue_hold(r, &queue);
    if (!dev)
        return -ENOENT;
    bool several = dev->txqs_most > 1;
    u64 cpus = xps_get(dev, queue);
    netdev_put(dev);
    if (!several)
        return -ENOENT;
    queue_cpus_text(r->out, cpus);
    out_text(r->out, "\n");
    return 0;
}

static int store(struct file_req *r)
{
    u16 queue;
    u64 cpus;
    struct netdev *dev = tx_queue_hold(r, &queue);
    if (!dev)
        return -ENOENT;
    int err = queue_cpus_parse(r, &cpus);
    err = err ? err : xps_set(dev, queue, cpus);
    netdev_put(dev);
    return err;
}

static void dump(struct out *o)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(net_first, dev));)
        for (u16 i = 0; dev->xps && i < dev->txqs_most; i++) {
            if (!xps_get(dev, i))
                continue;
            out_text(o, "echo ");
            queue_cpus_text(o, xps_get(dev, i));
            dump_view(o, dev, "queues/tx-%u/xps_cpus", i);
        }
}

FILE_VIEW(xps_cpus, .path = "/sys/class/net/*/queues/*/xps_cpus", .show = show, .store = store, .list = tx_queue_list,
          .dump = dump);
