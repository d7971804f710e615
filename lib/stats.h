/* Counters by name, one word per CPU each, declared beside the code that counts.
 *
 *     COUNTER(ip_in_receives, "Ip.InReceives", "packets that came in, also broken ones");          of one struct net
 *     COUNTER_GLOBAL(irq_spurious, "irq.spurious", "interrupts that nothing had asked for");       of the machine
 *
 *     count(net, ip_in_receives);  count_n(net, ip_in_octets, len);  count_global(irq_spurious);
 *
 * Counting is an add to a word of this CPU's own: no lock, no shared line. It is for softirq, or for tasks with
 * softirqs off; who counts in an interrupt handler has a counter of its own that nobody else counts. Reading adds up
 * over the CPUs and never stops them; the sum is that of some moment for each CPU. Names are Linux's where Linux has
 * them (nstat's, with a dot for the group). Another file of the module says COUNTER_USE(id) first.
 */
#ifndef LIB_STATS_H
#define LIB_STATS_H

#include "lib/base.h"
#include "lib/net.h"
#include "lib/plat.h"
#include "lib/set.h"

struct stat_counter {
    const char *name, *help;
    u32 *index; /* into every CPU's block, from 1; 0 until settled, and then nobody's word is counted */
    bool global;
};

#define COUNTER_ENTRY(id, is_global, ...)                                                                    \
    u32 counter_##id##_index;                                                                                \
    static const struct stat_counter counter_##id##_entry = {__VA_ARGS__, &counter_##id##_index, is_global}; \
    SET_ADD(stat_counter, counter_##id##_entry)
#define COUNTER(id, name, help)        COUNTER_ENTRY(id, false, name, help)
#define COUNTER_GLOBAL(id, name, help) COUNTER_ENTRY(id, true, name, help)
#define COUNTER_USE(id)                extern u32 counter_##id##_index

#define STATS_GLOBAL_MAX 128

struct stats_net {
    u64 *cpu[CPU_MAX]; /* those of cpu_count() */
};
NET_SLOT_USE(stats_net);
extern u64 stats_global[CPU_MAX][STATS_GLOBAL_MAX];

static inline void stats_add(u64 *word, u64 n)
{
    store_relaxed(word, load_relaxed(word) + n);
}

#define count_n(net, id, n) \
    stats_add(NET_GET(net, struct stats_net, stats_net)->cpu[cpu_id()] + counter_##id##_index, n)
#define count(net, id)        count_n(net, id, 1)
#define count_global_n(id, n) stats_add(&stats_global[cpu_id()][counter_##id##_index], n)
#define count_global(id)      count_global_n(id, 1)

void stats_init(void); /* at bring-up, once, before anything is counted; net_new does it too */

u64 stats_read(struct net *net, const struct stat_counter *c); /* net NULL: of global ones alone */
u64 stats_read_cpu(struct net *net, const struct stat_counter *c, unsigned cpu);
const struct stat_counter *stats_find(const char *name);
const struct stat_counter *stats_next(const struct stat_counter *last); /* in the order of names; NULL: the first */

#endif
