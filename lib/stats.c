/* Counters by name: where each has its words, and adding them up.
 *
 *     stats_global  cpu 0 | - | irq.spurious | ...        a net's block  cpu 0 | - | Ip.InReceives | ...
 *                   cpu 1 | - | irq.spurious | ...                       cpu 1 | - | Ip.InReceives | ...
 *
 * Indices are given once, in whatever order the set has; word 0 belongs to no counter, so that counting before that is
 * harmless. A net's blocks are its own memory, a cache line at least, and go with it.
 */
#include "lib/stats.h"

#include "lib/string.h"

u64 stats_global[CPU_MAX][STATS_GLOBAL_MAX] CACHE_ALIGNED;

static struct spinlock settle_lock;
static u32 net_words; /* of one CPU's block in a net; 0: not settled yet */

void stats_init(void)
{
    u32 in_net = 1, global = 1;

    spin_lock(&settle_lock);
    if (!net_words) {
        SET_FOREACH(stat_counter, const struct stat_counter, c)
            *c->index = c->global ? global++ : in_net++;
        if (global > STATS_GLOBAL_MAX)
            panic("stats: more than %d global counters", STATS_GLOBAL_MAX - 1);
        net_words = in_net;
    }
    spin_unlock(&settle_lock);
}

static void free_blocks(struct net *net, void *slot)
{
    struct stats_net *s = slot;

    for (unsigned i = 0; i < CPU_MAX; i++)
        mem_free(s->cpu[i]);
}

static int make_blocks(struct net *net, void *slot)
{
    struct stats_net *s = slot;

    stats_init();
    for (unsigned i = 0; i < cpu_count(); i++) {
        s->cpu[i] = mem_zalloc(round_up(net_words * sizeof(u64), CACHE_LINE));
        if (!s->cpu[i]) {
            free_blocks(net, slot);
            return -ENOMEM;
        }
    }
    return 0;
}

NET_SLOT(stats_net, struct stats_net, make_blocks, free_blocks);

u64 stats_read_cpu(struct net *net, const struct stat_counter *c, unsigned cpu)
{
    if (c->global)
        return load_relaxed(&stats_global[cpu][*c->index]);
    return net ? load_relaxed(NET_GET(net, struct stats_net, stats_net)->cpu[cpu] + *c->index) : 0;
}

u64 stats_read(struct net *net, const struct stat_counter *c)
{
    u64 sum = 0;

    for (unsigned i = 0; i < cpu_count(); i++)
        sum += stats_read_cpu(net, c, i);
    return sum;
}

const struct stat_counter *stats_find(const char *name)
{
    SET_FOREACH(stat_counter, const struct stat_counter, c) {
        if (str_eq(c->name, name))
            return c;
    }
    return NULL;
}

const struct stat_counter *stats_next(const struct stat_counter *last)
{
    const struct stat_counter *best = NULL;

    SET_FOREACH(stat_counter, const struct stat_counter, c) {
        if ((!last || strcmp(c->name, last->name) > 0) && (!best || strcmp(c->name, best->name) < 0))
            best = c;
    }
    return best;
}
