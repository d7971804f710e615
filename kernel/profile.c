/* The sampling profiler, as profile.h tells.
 *
 * The timer's interrupt leaves the interrupted address in a ring of its CPU; the task that profiles takes them out,
 * finds the function of each, and counts. The ring has one writer (the CPU, interrupts off) and one reader, so no lock.
 * A ring that is full loses the sample and counts it.
 */
#include "kernel/profile.h"
#include "kernel/symbol.h"
#include "kernel/time.h"
#include "kernel/trap.h"
#include "lib/plat.h"
#include "lib/string.h"

#define RING 4096 /* samples of one CPU between two collections: 4 s at 997 Hz */

struct ring {
    u32 head CACHE_ALIGNED; /* of the reader; all of these only grow */
    u64 lost_told;
    u32 tail CACHE_ALIGNED; /* of the writer */
    u64 lost;
    u64 rip[RING];
};

static struct ring *rings[CPU_MAX];
static u32 busy;

static void take_sample(const struct trap_frame *f)
{
    struct ring *r = rings[cpu_id()];

    if (!r)
        return;
    if (r->tail - load_acquire(&r->head) == RING) {
        store_relaxed(&r->lost, r->lost + 1);
        return;
    }
    r->rip[r->tail % RING] = f->rip;
    store_release(&r->tail, r->tail + 1);
}

static void free_rings(void)
{
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
        mem_free(rings[cpu]);
        rings[cpu] = NULL;
    }
}

struct profile *profile_start(unsigned hz)
{
    if (!atomic_cas(&busy, 0, 1))
        return NULL;
    struct profile *p = mem_zalloc(sizeof(*p));
    bool ok = p != NULL;
    for (unsigned cpu = 0; ok && cpu < cpu_count(); cpu++) {
        rings[cpu] = mem_zalloc(sizeof(struct ring));
        ok = rings[cpu] != NULL;
    }
    if (!ok) {
        free_rings();
        mem_free(p);
        store_release(&busy, 0);
        return NULL;
    }
    time_profile(NS_PER_S / hz, take_sample);
    return p;
}

void profile_stop(struct profile *p)
{
    time_profile(0, NULL); /* returns when no CPU is in take_sample any more */
    free_rings();
    mem_free(p);
    store_release(&busy, 0);
}

bool profile_busy(void)
{
    return load_relaxed(&busy);
}

static void count_sample(struct profile *p, u64 rip)
{
    u64 offset, size;
    const char *name = symbol_find(rip, &offset, &size);
    u64 start = name ? rip - offset : 0;

    p->samples++;
    for (unsigned i = 0; i < p->count; i++)
        if (p->row[i].start == start) {
            p->row[i].samples++;
            return;
        }
    if (p->count == PROFILE_ROWS) {
        p->others++;
        return;
    }
    p->row[p->count++] = (struct profile_row){name ? name : "[unknown]", start, 1};
}

static void sort_rows(struct profile *p)
{
    for (unsigned i = 1; i < p->count; i++) {
        struct profile_row row = p->row[i];
        unsigned at = i;
        for (; at && p->row[at - 1].samples < row.samples; at--)
            p->row[at] = p->row[at - 1];
        p->row[at] = row;
    }
}

void profile_collect(struct profile *p)
{
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
        struct ring *r = rings[cpu];
        if (!r)
            continue;
        u32 tail = load_acquire(&r->tail);
        for (u32 at = r->head; at != tail; at++)
            count_sample(p, r->rip[at % RING]);
        store_release(&r->head, tail);
        u64 lost = load_relaxed(&r->lost);
        p->lost += lost - r->lost_told;
        r->lost_told = lost;
    }
    sort_rows(p);
}

void profile_clear(struct profile *p)
{
    memset(p, 0, sizeof(*p));
}
