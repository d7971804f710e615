/* Lists of work, one for each CPU and softirq (contract: work.h). A list is last in, first out while it is filled, and
 * turned round when it is taken, so that who came first is served first. Its lock is held for a push or for taking the
 * whole list, with interrupts off, since handlers of interrupts push. */
#include "lib/work.h"

static struct work_list {
    struct spinlock lock;
    struct work *first;
} CACHE_ALIGNED lists[CPU_MAX][SOFTIRQ_COUNT];

void work_init(struct work *w, void (*fn)(struct work *w))
{
    *w = (struct work){.fn = fn};
}

void work_raise_on(unsigned cpu, enum softirq nr, struct work *w)
{
    struct work_list *l = &lists[cpu][nr];
    if (load_relaxed(&w->entered) || !atomic_cas(&w->entered, 0, 1))
        return;
    u64 flags = spin_lock_irq(&l->lock);
    w->next = l->first;
    l->first = w;
    spin_unlock_irq(&l->lock, flags);
    softirq_raise_on(cpu, nr);
}

void work_raise(enum softirq nr, struct work *w)
{
    work_raise_on(cpu_id(), nr, w);
}

static void run(enum softirq nr)
{
    struct work_list *l = &lists[cpu_id()][nr];
    u64 flags = spin_lock_irq(&l->lock);
    struct work *w = l->first, *next, *turned = NULL;
    l->first = NULL;
    spin_unlock_irq(&l->lock, flags);

    for (; w; w = next) {
        next = w->next;
        w->next = turned;
        turned = w;
    }
    for (w = turned; w; w = next) {
        next = w->next;
        store_release(&w->entered, 0);
        w->fn(w);
    }
}

static void run_tx(void)
{
    run(SOFTIRQ_NET_TX);
}

static void run_rx(void)
{
    run(SOFTIRQ_NET_RX);
}

void work_start(void)
{
    softirq_set(SOFTIRQ_NET_TX, run_tx);
    softirq_set(SOFTIRQ_NET_RX, run_rx);
}

void work_cancel(struct work *w)
{
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
        for (unsigned nr = 0; nr < SOFTIRQ_COUNT; nr++) {
            struct work_list *l = &lists[cpu][nr];
            u64 flags = spin_lock_irq(&l->lock);
            for (struct work **at = &l->first; *at; at = &(*at)->next)
                if (*at == w) {
                    *at = w->next;
                    store_release(&w->entered, 0);
                    break;
                }
            spin_unlock_irq(&l->lock, flags);
        }
}
