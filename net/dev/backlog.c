/* Backlogs of the CPUs (contract: backlog.h). Linux: enqueue_to_backlog, process_backlog.
 *
 * The lock is held for putting a burst in and for taking all of it out; what was taken out belongs to the CPU alone.
 * Nothing is dropped or freed under it.
 */
#include "net/dev/backlog.h"

#include "lib/cpulist.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/flow_limit.h"
#include "net/dev/napi.h"
#include "net/dev/rx.h"
#include "net/skb/parse.h"

struct backlog {
    struct poller poller;
    struct net *net;
    u16 cpu;
    struct skb *process; /* taken out, by next */
    u32 process_n;

    u64 head CACHE_ALIGNED; /* packets that have left dev_rx; the CPU's to write */

    struct spinlock lock CACHE_ALIGNED; /* all below */
    struct skb *input, **input_end;     /* by next */
    u32 input_n;
    bool scheduled; /* in the CPU's list of pollers, or polled */
    u64 tail;       /* packets that ever came in */
    u64 dropped, limited, woken;
    struct flow_limit *limit; /* NULL: not on this CPU */
};

struct backlog_net {
    struct backlog *cpu[CPU_MAX];
    u32 max, weight;
    u32 limit_len;
    u64 limit_cpus; /* conf_lock */
};

NET_SLOT_USE(backlog_net);

static struct backlog *backlog_of(struct net *net, unsigned cpu)
{
    return NET_GET(net, struct backlog_net, backlog_net)->cpu[cpu];
}

u64 backlog_head(struct net *net, unsigned cpu)
{
    return load_acquire(&backlog_of(net, cpu)->head);
}

/* ---- in ---- */

/* Why it may not come in; the lock is held. */
static enum drop_reason refusal(struct backlog *b, struct skb *s, u32 max)
{
    if (unlikely(b->input_n > max))
        return DROP_BACKLOG_FULL;
    if (unlikely(b->limit && b->input_n >= max / 2) && flow_limit_exceeds(b->limit, skb_hash(s))) {
        stats_add(&b->limited, 1);
        return DROP_FLOW_LIMIT;
    }
    return DROP_NOT;
}

/* Takes in what may come in; what may not stays in q, with the reason as its note. True: the CPU is to be told. */
static bool take_in(struct backlog *b, struct skbq *q, u32 max)
{
    u32 refused = 0;
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        s->note = refusal(b, s, max);
        if (unlikely(s->note)) {
            q->p[refused++] = s;
            continue;
        }
        s->next = NULL;
        *b->input_end = s;
        b->input_end = &s->next;
        store_relaxed(&b->input_n, b->input_n + 1);
    }
    b->tail += q->n - refused;
    stats_add(&b->dropped, refused);
    q->n = refused;
    bool tell = b->input && !b->scheduled;
    b->scheduled |= tell;
    return tell;
}

u64 backlog_put(struct net *net, unsigned cpu, struct skbq *q)
{
    struct backlog *b = backlog_of(net, cpu);
    u32 max = NET_GET(net, struct backlog_net, backlog_net)->max;

    spin_lock(&b->lock);
    bool tell = take_in(b, q, max);
    stats_add(&b->woken, tell && cpu != cpu_id());
    u64 tail = b->tail;
    spin_unlock(&b->lock);
    if (tell)
        softnet_add(net, cpu, &b->poller);
    for (u32 i = 0; i < q->n; i++)
        skb_drop(q->p[i], (enum drop_reason)q->p[i]->note);
    q->n = 0;
    return tail;
}

/* ---- out ---- */

/* All that came in; false: nothing did, and whoever puts something in tells us again. */
static bool take_out(struct backlog *b)
{
    spin_lock(&b->lock);
    b->process = b->input;
    store_relaxed(&b->process_n, b->input_n);
    b->input = NULL;
    b->input_end = &b->input;
    store_relaxed(&b->input_n, 0);
    b->scheduled = b->process != NULL;
    spin_unlock(&b->lock);
    return b->process != NULL;
}

/* Up to n of one device's, in order. */
static void next_burst(struct backlog *b, struct skbq *q, u32 n)
{
    struct skb *s = b->process;
    const struct skb_port *dev = s->dev;
    q->n = 0;
    for (; s && q->n < n && s->dev == dev; s = s->next) {
        prefetch(s->next);
        skbq_add(q, s);
    }
    b->process = s;
}

static bool turn(struct poller *p, u64 now, u32 *done)
{
    struct backlog *b = container_of(p, struct backlog, poller);
    u32 weight = load_relaxed(&NET_GET(b->net, struct backlog_net, backlog_net)->weight);

    while (*done < weight) {
        struct skbq q;
        if (!b->process && !take_out(b))
            return false;
        next_burst(b, &q, min(weight - *done, SKBQ_MOST));
        u32 n = q.n;
        dev_rx(netdev_of(q.p[0]), &q);
        store_relaxed(&b->process_n, b->process_n - n);
        store_release(&b->head, b->head + n);
        *done += n;
    }
    return true;
}

void backlog_drain(struct net *net)
{
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
        struct backlog *b = backlog_of(net, cpu);
        softirq_off();
        spin_lock(&b->lock);
        u64 tail = b->tail;
        spin_unlock(&b->lock);
        softirq_on();
        while ((i64)(backlog_head(net, cpu) - tail) < 0)
            task_sleep(NS_PER_MS / 10);
    }
}

/* ---- what was seen ---- */

void backlog_seen(struct net *net, unsigned cpu, struct backlog_seen *seen)
{
    const struct backlog *b = backlog_of(net, cpu);
    *seen = (struct backlog_seen){
        .dropped = load_relaxed(&b->dropped),
        .limited = load_relaxed(&b->limited),
        .woken = load_relaxed(&b->woken),
        .input = load_relaxed(&b->input_n),
        .process = load_relaxed(&b->process_n),
    };
}

/* ---- with the net ---- */

static void net_end(struct net *net, void *slot)
{
    struct backlog_net *bn = slot;
    for (unsigned i = 0; i < CPU_MAX; i++) {
        struct backlog *b = bn->cpu[i];
        if (PLAT_DEBUG && b && b->head != b->tail)
            panic("a net ended with packets in the backlog of CPU %u", i);
        if (!b)
            continue;
        work_cancel(&b->poller.work);
        mem_free(b->limit);
        mem_free(b);
    }
}

static int net_start(struct net *net, void *slot)
{
    struct backlog_net *bn = slot;
    for (unsigned i = 0; i < cpu_count(); i++) {
        struct backlog *b = mem_zalloc(sizeof(*b));
        if (!b) {
            net_end(net, slot);
            return -ENOMEM;
        }
        b->net = net;
        b->cpu = (u16)i;
        b->input_end = &b->input;
        b->poller.turn = turn;
        bn->cpu[i] = b;
    }
    return 0;
}

NET_SLOT(backlog_net, struct backlog_net, net_start, net_end);

/* ---- the flow limit ---- */

static int limit_one(struct backlog *b, bool on, u32 len)
{
    struct flow_limit *fresh = NULL, *old;
    if (on && !(fresh = flow_limit_new(len)))
        return -ENOMEM;
    softirq_off();
    spin_lock(&b->lock);
    old = b->limit;
    b->limit = fresh;
    spin_unlock(&b->lock);
    softirq_on();
    mem_free(old);
    return 0;
}

static int limit_store(struct net *net, const char *star, const char *text)
{
    struct backlog_net *bn = NET_GET(net, struct backlog_net, backlog_net);
    u64 cpus;
    int err = cpumask_parse(text, strlen(text), &cpus);
    if (err || cpus & ~(~0ull >> (64 - cpu_count())))
        return err == -EINVAL ? err : -EOVERFLOW;
    for (unsigned i = 0; i < cpu_count() && !err; i++) {
        u64 bit = 1ull << i;
        if ((cpus ^ bn->limit_cpus) & bit)
            err = limit_one(bn->cpu[i], cpus & bit, bn->limit_len);
        if (!err)
            bn->limit_cpus = (bn->limit_cpus & ~bit) | (cpus & bit);
    }
    return err;
}

static int limit_show(struct net *net, const char *star, struct out *o)
{
    char text[CPULIST_TEXT];
    cpumask_text(text, sizeof(text), NET_GET(net, struct backlog_net, backlog_net)->limit_cpus, cpu_count());
    out_text(o, "%s", text);
    return 0;
}

static int limit_len_check(struct net *net, const char *star, i64 value)
{
    return is_pow2((u64)value) ? 0 : -EINVAL;
}

SYSCTL(netdev_max_backlog, .name = "net.core.netdev_max_backlog", SYSCTL_NET(backlog_net, struct backlog_net, max),
       .def = 1000, .help = "packets that wait for a CPU at most, before more are dropped");
SYSCTL(dev_weight, .name = "net.core.dev_weight", SYSCTL_NET(backlog_net, struct backlog_net, weight), .low = 1,
       .high = INT_MAX, .def = 64, .help = "packets of its backlog that a CPU takes in a turn");
SYSCTL(
    flow_limit_table_len, .name = "net.core.flow_limit_table_len",
    SYSCTL_NET(backlog_net, struct backlog_net, limit_len), .low = 1, .high = FLOW_LIMIT_MOST, .def = 4096,
    .check = limit_len_check,
    .help =
        "flows that the flow limit tells apart, a power of two: of CPUs that are put in flow_limit_cpu_bitmap later");
SYSCTL(flow_limit_cpu_bitmap, .name = "net.core.flow_limit_cpu_bitmap", .type = SYSCTL_CALL, .show = limit_show,
       .store = limit_store, .text = "0",
       .help = "CPUs whose backlog, when half full, refuses flows that fill it alone");
