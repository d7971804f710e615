/* NAPI (contract: napi.h). Linux: net/core/dev.c, net_rx_action.
 *
 * A napi is scheduled on the CPU where that is called: in that CPU's list of NET_RX, which is all nets'. A round takes
 * the list and polls from its front; who has more goes to its end. Whose net's budget the round has used up waits for
 * the next one, and with him who comes behind; softirqs bound their number in turn (ksoftirqd).
 *
 * The rate is measured over spans of RATE_SPAN, so that a burst after silence is still taken by interrupts.
 */
#include "net/dev/napi.h"

#include "lib/stats.h"
#include "lib/sysctl.h"
#include "net/dev/busy.h"
#include "net/dev/gro.h"
#include "net/dev/rx.h"
#include "net/dev/tx.h"

#define NAPI_SCHED  1u /* somebody polls, or will */
#define NAPI_MISSED 2u /* it was scheduled meanwhile */
#define NAPI_OFF    4u /* may not be scheduled */

#define RATE_SPAN   (4 * NS_PER_MS)
#define RATE_MOST   20000u /* packets a second that are taken by interrupts, one each */
#define BUSY_BUDGET 8u     /* packets of a turn of who waits for one */
#define DELAY_US    300u
#define DELAY_BURST 32u /* packets that a delay should bring together */

struct softnet_cpu {
    u64 squeezed;
    const struct napi_net *of;
} CACHE_ALIGNED;

struct napi_net {
    struct softnet_cpu *cpu[CPU_MAX];
    u32 budget, budget_usecs;
    u32 busy_poll, busy_read; /* us; of sockets */
};

NET_SLOT_USE(napi_net);

static struct napi_net *napi_net(struct net *net)
{
    return NET_GET(net, struct napi_net, napi_net);
}

u64 softnet_squeezed(struct net *net, unsigned cpu)
{
    return load_relaxed(&napi_net(net)->cpu[cpu]->squeezed);
}

/* ---- scheduling ---- */

void softnet_add(struct net *net, unsigned cpu, struct poller *p)
{
    p->of = napi_net(net)->cpu[cpu];
    work_add(cpu, SOFTIRQ_NET_RX, &p->work);
}

void napi_hand_on(struct napi *n)
{
    if (unlikely(load_acquire(&n->threaded))) {
        atomic_swap(&n->handed, 1);
        task_wake(n->thread);
        return;
    }
    softnet_add(dev_net(n->dev), cpu_id(), &n->poller);
}

void napi_schedule(struct napi *n)
{
    u32 old = load_relaxed(&n->state);
    do {
        old = load_relaxed(&n->state);
        if (old & NAPI_OFF)
            return;
    } while (!atomic_cas(&n->state, old, old & NAPI_SCHED ? old | NAPI_MISSED : old | NAPI_SCHED));
    if (!(old & NAPI_SCHED))
        napi_hand_on(n);
}

/* Nobody polls any more. False: it was scheduled meanwhile, and is the caller's still. */
static bool let_go(struct napi *n)
{
    if (atomic_cas(&n->state, NAPI_SCHED, 0))
        return true;
    atomic_and(&n->state, ~NAPI_MISSED);
    return false;
}

static bool take(struct napi *n)
{
    return atomic_cas(&n->state, 0, NAPI_SCHED);
}

/* ---- how often ---- */

static u32 delay_at(const struct netdev *dev, u32 rate)
{
    if (!dev->adaptive_rx)
        return load_relaxed(&dev->rx_usecs);
    return rate > RATE_MOST ? min(DELAY_BURST * 1000000u / rate, DELAY_US) : 0;
}

static void measure(struct napi *n, u32 packets, u64 now)
{
    u64 span = now - n->since;

    n->packets += packets;
    if (span < RATE_SPAN)
        return;
    u32 rate = (u32)min(n->packets * NS_PER_S / span, (u64)INT_MAX);
    n->rate = span > 8 * RATE_SPAN ? rate : (n->rate + rate) / 2;
    n->packets = 0;
    n->since = now;
    u32 delay = delay_at(n->dev, n->rate);
    if (n->ops->moderate && delay != n->delay_us)
        n->ops->moderate(n, delay);
    n->delay_us = delay;
}

/* Until when a timer polls instead of an interrupt; 0: let the interrupt in. */
static u64 hold_off(struct napi *n, u32 done, u64 now)
{
    const struct netdev *dev = n->dev;
    if (dev->defer_hard_irqs) {
        n->deferred = done ? 0 : n->deferred + 1;
        if (n->deferred < dev->defer_hard_irqs && dev->gro_flush_timeout)
            return now + dev->gro_flush_timeout;
        n->deferred = 0;
    }
    if (n->delay_us && !n->ops->moderate && done)
        return now + n->delay_us * NS_PER_US;
    return 0;
}

/* Sends on what GRO holds; or, with gro_flush_timeout, what is old alone, and the rest then: 0: nothing is held.
 * Linux: napi_complete_done. */
static u64 flush_by(struct napi *n, u32 done, u64 now)
{
    u64 timeout = n->dev->gro_flush_timeout;
    if (!n->gro || !gro_holds(n->gro))
        return 0;
    if (!timeout || (!done && !n->deferred)) {
        gro_flush(n->gro);
        return 0;
    }
    gro_flush_old(n->gro, now);
    return gro_holds(n->gro) ? now + timeout : 0;
}

static void timer_fires(struct timer *t)
{
    struct napi *n = container_of(t, struct napi, timer);
    napi_schedule(n);
}

void napi_later(struct napi *n, u64 when)
{
    timer_arm(&n->timer, when);
}

/* ---- a turn ---- */

/* Nothing was left: the interrupt comes in again, or a timer in its place. True: there is more after all.
 *
 * Interrupts are let in while it is ours still. Behind let_go another CPU may have it, be through with it, and have let
 * them in for a later place in the ring: who then did so for an earlier one would wait for an interrupt that never
 * comes. One that comes in between leaves its mark (NAPI_MISSED), and let_go says so. */
static bool complete(struct napi *n, u32 done, u64 now)
{
    u64 until = hold_off(n, done, now), flush = flush_by(n, done, now);

    n->completed++; /* while it is ours */
    if ((!until && n->ops->irq_on(n)) || !let_go(n)) {
        n->ops->irq_off(n);
        n->completed--;
        return true;
    }
    if (until | flush)
        timer_arm(&n->timer, until ? until : flush);
    return false;
}

/* True: it has more, and is the caller's still. */
static bool turn(struct napi *n, u32 budget, u64 now, u32 *done)
{
    u32 weight = min(budget, NAPI_WEIGHT);
    n->now = now;
    *done = n->ops->poll(n, weight);
    n->polled++;
    if (PLAT_DEBUG && *done > weight)
        panic("%s: poll handed up %u packets of %u", n->dev->port.name, *done, weight);
    measure(n, *done, now);
    if (unlikely(load_relaxed(&n->state) & NAPI_OFF)) {
        atomic_and(&n->state, ~(NAPI_SCHED | NAPI_MISSED));
        return false;
    }
    if (*done < weight)
        return complete(n, *done, now);
    if (n->gro)
        gro_flush_old(n->gro, now);
    return true;
}

bool napi_turn(struct napi *n, u64 now, u32 *done)
{
    return turn(n, NAPI_WEIGHT, now, done);
}

static bool turn_in_round(struct poller *p, u64 now, u32 *done)
{
    struct napi *n = container_of(p, struct napi, poller);
    if (likely(!turn(n, NAPI_WEIGHT, now, done)))
        return false;
    if (likely(!load_relaxed(&n->threaded)))
        return true;
    napi_hand_on(n);
    return false;
}

/* The round is over: w and who comes behind it wait for the next one. */
static void squeeze(struct work *w)
{
    stats_add(&container_of(w, struct poller, work)->of->squeezed, 1);
    for (struct work *next; w; w = next) {
        next = w->next;
        work_add(cpu_id(), SOFTIRQ_NET_RX, w);
    }
}

static void net_rx(void)
{
    struct work *first = work_take(SOFTIRQ_NET_RX), **end;
    u64 start = clock_ns(), now = start;
    u32 done = 0;

    for (struct work *w = first; w; w = first) {
        struct poller *p = container_of(w, struct poller, work);
        const struct napi_net *nn = p->of->of;
        u32 some = 0;
        if (done >= nn->budget || now - start >= nn->budget_usecs * NS_PER_US) {
            squeeze(w);
            return;
        }
        first = w->next;
        if (unlikely(p->turn(p, now, &some))) {
            for (end = &first; *end;)
                end = &(*end)->next;
            *end = w;
            w->next = NULL;
        }
        done += some;
        if (first)
            now = clock_ns();
    }
}

void napi_rx(struct napi *n, struct rxbuf *b, u32 pieces)
{
    struct skbq q;
    q.n = 0;
    u64 bytes = rx_skbs(n->dev, n->queue, b, pieces, n->now, &q);
    stats_add(&n->rx_packets, q.n);
    stats_add(&n->rx_bytes, bytes);
    if (q.n)
        n->gro ? gro_rx(n->gro, &q, n->now) : dev_rx_steered(n->dev, &q);
}

u32 napi_busy_poll(struct napi *n, u32 budget)
{
    u32 done = 0;
    softirq_off();
    if (take(n) && turn(n, budget, clock_ns(), &done))
        napi_hand_on(n);
    softirq_on();
    return done;
}

u32 busy_poll(struct net *net, u32 index, u16 queue)
{
    u32 done = 0;
    softirq_off(); /* the device stays */
    struct netdev *dev = netdev_at(net, index);
    for (struct napi *n = dev && queue ? dev->napis : NULL; n; n = n->next_of_dev)
        if (n->queue + 1 == queue)
            done += napi_busy_poll(n, BUSY_BUDGET);
    softirq_on();
    return done;
}

u64 busy_read_ns(struct net *net)
{
    return load_relaxed(&NET_GET(net, struct napi_net, napi_net)->busy_read) * NS_PER_US;
}

/* ---- with the device ---- */

void napi_add(struct netdev *dev, struct napi *n, const struct napi_ops *ops, u16 queue)
{
    *n = (struct napi){.ops = ops, .dev = dev, .queue = queue, .next_of_dev = dev->napis, .state = NAPI_OFF};
    n->poller.turn = turn_in_round;
    timer_init(&n->timer, timer_fires);
    dev->napis = n;
}

void napi_del(struct napi *n)
{
    struct napi **at = &n->dev->napis;
    while (*at && *at != n)
        at = &(*at)->next_of_dev;
    if (*at)
        *at = n->next_of_dev;
    if (!n->thread)
        return;
    store_release(&n->thread_stop, 1);
    task_wake(n->thread);
    store_release(&n->thread_stop, 2);
    while (load_acquire(&n->thread))
        task_sleep(NS_PER_MS / 10);
}

void napi_on(struct napi *n)
{
    n->gro = gro_new(n->dev);
    if (!n->gro)
        log_write(LOG_WARN, "%s: no memory for GRO", n->dev->port.name);
    n->since = clock_ns();
    n->rate = n->packets = n->delay_us = n->deferred = 0;
    store_release(&n->state, 0);
    softirq_off();
    napi_schedule(n);
    softirq_on();
}

void napi_off(struct napi *n)
{
    atomic_or(&n->state, NAPI_OFF);
    timer_cancel_wait(&n->timer);
    while (load_acquire(&n->state) & NAPI_SCHED)
        task_sleep(NS_PER_MS / 10);
    timer_cancel_wait(&n->timer);
    gro_free(n->gro);
    n->gro = NULL;
}

/* ---- with the net ---- */

static void net_end(struct net *net, void *slot)
{
    struct napi_net *nn = slot;
    for (unsigned i = 0; i < CPU_MAX; i++)
        mem_free(nn->cpu[i]);
}

static int net_start(struct net *net, void *slot)
{
    struct napi_net *nn = slot;
    softirq_set(SOFTIRQ_NET_RX, net_rx);
    for (unsigned i = 0; i < cpu_count(); i++) {
        struct softnet_cpu *s = mem_zalloc(sizeof(*s));
        if (!s) {
            net_end(net, slot);
            return -ENOMEM;
        }
        s->of = nn;
        nn->cpu[i] = s;
    }
    return 0;
}

NET_SLOT(napi_net, struct napi_net, net_start, net_end);

SYSCTL(netdev_budget, .name = "net.core.netdev_budget", SYSCTL_NET(napi_net, struct napi_net, budget), .low = 1,
       .high = 1000000, .def = 300, .help = "packets that a round of NET_RX takes at most");
SYSCTL(netdev_budget_usecs, .name = "net.core.netdev_budget_usecs", SYSCTL_NET(napi_net, struct napi_net, budget_usecs),
       .low = 1, .high = 1000000, .def = 2000, .help = "microseconds that a round of NET_RX takes at most");
SYSCTL(busy_poll, .name = "net.core.busy_poll", SYSCTL_NET(napi_net, struct napi_net, busy_poll), .high = INT_MAX,
       .help =
           "microseconds for which poll() and select() look at devices themselves; kept, but without effect as long as "
           "there is no poll()");
SYSCTL(busy_read, .name = "net.core.busy_read", SYSCTL_NET(napi_net, struct napi_net, busy_read), .high = INT_MAX,
       .help = "microseconds for which who reads from a socket looks at the device himself before he sleeps");
