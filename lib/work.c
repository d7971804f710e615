/* Lists of work, one for each CPU and softirq (contract: work.h). Last in, first out while it is filled, and turned
 * round when it is taken, so that who came first is served first. Filled by one exchange and taken by one, from
 * wherever: it is never walked while others can see it, so that no lock is wanted and a place that comes back misleads
 * nobody. */
#include "lib/work.h"

static struct work_lists {
    struct work *first[SOFTIRQ_COUNT]; /* atomic */
} CACHE_ALIGNED lists[CPU_MAX];

void work_init(struct work *w, void (*fn)(struct work *w))
{
    *w = (struct work){.fn = fn};
}

void work_add(unsigned cpu, enum softirq nr, struct work *w)
{
    struct work **first = &lists[cpu].first[nr];
    do
        w->next = load_relaxed(first);
    while (!atomic_cas(first, w->next, w));
    softirq_raise_on(cpu, nr);
}

void work_raise(enum softirq nr, struct work *w)
{
    if (!load_relaxed(&w->entered) && atomic_cas(&w->entered, 0, 1))
        work_add(cpu_id(), nr, w);
}

static struct work *turned(struct work *w)
{
    struct work *before = NULL;
    for (struct work *next; w; w = next) {
        next = w->next;
        w->next = before;
        before = w;
    }
    return before;
}

struct work *work_take(enum softirq nr)
{
    return turned(atomic_swap(&lists[cpu_id()].first[nr], NULL));
}

static void run_tx(void)
{
    for (struct work *next, *w = work_take(SOFTIRQ_NET_TX); w; w = next) {
        next = w->next;
        store_release(&w->entered, 0);
        w->fn(w);
    }
}

void work_start(void)
{
    softirq_set(SOFTIRQ_NET_TX, run_tx);
}

/* Takes all out, and puts the others back, in their order. */
static void cancel_in(unsigned cpu, enum softirq nr, struct work *gone)
{
    struct work **first = &lists[cpu].first[nr];
    if (!load_acquire(first))
        return;
    for (struct work *next, *w = turned(atomic_swap(first, NULL)); w; w = next) {
        next = w->next;
        if (w != gone)
            work_add(cpu, nr, w);
        else
            store_release(&w->entered, 0);
    }
}

void work_cancel(struct work *w)
{
    softirq_off(); /* who was taken out does not wait for us to have our turn again */
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
        for (unsigned nr = 0; nr < SOFTIRQ_COUNT; nr++)
            cancel_in(cpu, (enum softirq)nr, w);
    softirq_on();
}
