/* Who goes next on a CPU. See the rules in runq.h.
 *
 *     ready[HIGH]    heap by `used`     goes first
 *     ready[NORMAL]  heap by `used`     owed 1/5 of its waiting
 *     ready[LOW]     heap by `used`     owed 1/20 of its waiting
 *
 * Used by kernel/task.c under the queue's lock; time comes in as a parameter. It never looks at a task beyond its
 * struct runq_node.
 */
#include "kernel/runq.h"

/* A waiting priority is owed 1/share of its waiting. HIGH waits for others' owed slices alone: it needs none. */
static const u32 share[RUNQ_PRIOS] = {0, 5, 20};

/* Priorities that waited for dt are owed their part. */
static void account_owed(struct runq *q, u64 dt)
{
    q->owing = 0;
    for (unsigned p = 0; p < RUNQ_PRIOS; p++) {
        if (q->running && q->running->prio == p)
            q->owed[p] -= min(q->owed[p], dt);
        else if (q->count[p] && share[p])
            q->owed[p] = min(q->owed[p] + dt / share[p], 2 * RUNQ_SLICE_NS);
        else if (!q->count[p])
            q->owed[p] = 0;
        q->owing |= (u8)((q->owed[p] != 0) << p);
    }
}

/* Time passed: who ran used it. */
static inline void account(struct runq *q, u64 now)
{
    if (now <= q->last)
        return; /* between stop and add one looks as if it were gone */
    struct runq_node *r = q->running;
    u64 dt = now - q->last;
    u32 others = q->waiting;
    q->last = now;
    if (r) {
        struct heap_node *first = heap_first(&q->ready[r->prio]);
        r->used += dt;
        u64 least = first ? min(first->key, r->used) : r->used;
        q->used_least[r->prio] = max(q->used_least[r->prio], least);
        others &= ~(1u << r->prio);
    }
    if (unlikely(others | q->owing))
        account_owed(q, dt);
}

static void add(struct runq *q, struct runq_node *n)
{
    heap_add(&q->ready[n->prio], &n->heap, n->used);
    q->count[n->prio]++;
    q->waiting |= (u8)(1u << n->prio);
}

void runq_add(struct runq *q, struct runq_node *n, bool woken, u64 now)
{
    account(q, now);
    u64 least = q->used_least[n->prio];
    if (woken && n->used + RUNQ_SLICE_NS < least)
        n->used = least - RUNQ_SLICE_NS;
    add(q, n);
}

/* The priority that goes next of those that are ready: the highest, unless a lower one has a slice to get. -1: none. */
static int prio_next(const struct runq *q)
{
    int best = -1;
    if (likely(!q->owing))
        return q->waiting ? __builtin_ctz(q->waiting) : -1;
    for (int p = RUNQ_PRIOS - 1; p >= 0; p--)
        if (q->count[p] && (best < 0 || q->owed[best] < RUNQ_SLICE_NS || q->owed[p] > q->owed[best]))
            best = p;
    return best;
}

/* The commonest change: all that are ready are of the running one's priority, and nobody is owed. */
static struct runq_node *change_among_equals(struct runq *q, enum runq_why why, u64 now)
{
    struct runq_node *r = q->running;
    struct heap *h = &q->ready[r->prio];
    struct heap_node *first = heap_first(h);
    u64 used = r->used + (now > q->last ? now - q->last : 0), key = first->key;
    q->last = max(q->last, now);
    q->granted = false;
    if (why == RUNQ_YIELD && used <= key)
        used = key + 1;
    r->used = used;
    q->slice_end = now + RUNQ_SLICE_NS;
    if (key <= used) {
        heap_del(h, first);
        heap_add(h, &r->heap, used);
        q->running = container_of(first, struct runq_node, heap);
        used = key;
        key = heap_first(h)->key;
    }
    q->used_least[r->prio] = max(q->used_least[r->prio], used);
    q->look = min(max(q->slice_end, now + (key - used)), now + (key - used) + RUNQ_WAKE_NS + 1);
    return q->running;
}

static NOINLINE struct runq_node *change(struct runq *q, enum runq_why why, u64 now)
{
    account(q, now);
    struct runq_node *r = q->running;
    struct heap_node *first = why == RUNQ_YIELD ? heap_first(&q->ready[r->prio]) : NULL;
    if (first && r->used <= first->key)
        r->used = first->key + 1;
    if (why != RUNQ_GONE)
        add(q, r);
    int p = prio_next(q);
    q->running = NULL;
    q->look = ~0ull;
    if (p < 0)
        return NULL;
    q->granted = q->waiting & ((1u << p) - 1); /* a higher one waits */
    struct heap_node *n = heap_first(&q->ready[p]);
    heap_del(&q->ready[p], n);
    if (!--q->count[p])
        q->waiting &= (u8) ~(1u << p);
    q->running = container_of(n, struct runq_node, heap);
    q->used_least[p] = max(q->used_least[p], q->running->used);
    q->slice_end = now + RUNQ_SLICE_NS;
    if (q->waiting)
        q->look = runq_deadline(q, now);
    return q->running;
}

struct runq_node *runq_change(struct runq *q, enum runq_why why, u64 now)
{
    if (likely(why != RUNQ_GONE && q->waiting == 1u << q->running->prio && !q->owing))
        return change_among_equals(q, why, now);
    return change(q, why, now);
}

/* Does the running one, of a lower priority, use up time that it was owed? */
static bool is_protected(const struct runq *q, u64 now)
{
    return q->granted && q->owed[q->running->prio] > 0 && now < q->slice_end;
}

bool runq_due(struct runq *q, u64 now)
{
    account(q, now);
    struct runq_node *r = q->running;
    int p = prio_next(q);
    if (!r)
        return p >= 0;
    if (p < 0)
        return false;
    if (p != r->prio && q->owed[p] >= RUNQ_SLICE_NS)
        return true;
    if (p < r->prio)
        return !is_protected(q, now);
    if (!q->count[r->prio])
        return false;
    struct heap_node *first = heap_first(&q->ready[r->prio]);
    return first->key + RUNQ_WAKE_NS < r->used || (now >= q->slice_end && first->key <= r->used);
}

/* When time alone makes one of the running one's own priority due: its slice ends, or later, when who waits has used
 * more; at the latest when it is far ahead. */
static u64 deadline_among_equals(const struct runq *q, u64 now)
{
    struct runq_node *r = q->running;
    u64 key = heap_first(&q->ready[r->prio])->key, far = key + RUNQ_WAKE_NS + 1;
    u64 even = key > r->used ? now + (key - r->used) : now;
    u64 ahead = far > r->used ? now + (far - r->used) : now;
    even = max(q->slice_end, even);
    return min(even, ahead);
}

static u64 deadline_among_others(const struct runq *q, u64 now)
{
    const struct runq_node *r = q->running;
    u64 when = ~0ull;
    for (unsigned p = 0; p < RUNQ_PRIOS; p++) {
        if (p == r->prio || !q->count[p])
            continue;
        u64 then = now + q->owed[r->prio]; /* a higher one waits for our owed slice */
        if (p < r->prio)
            then = min(then, q->slice_end);
        else
            then = now + (q->owed[p] < RUNQ_SLICE_NS ? (RUNQ_SLICE_NS - q->owed[p] + 1) * share[p] : 0);
        when = min(when, then);
    }
    return when;
}

u64 runq_deadline(struct runq *q, u64 now)
{
    account(q, now);
    struct runq_node *r = q->running;
    if (!r || !q->waiting)
        return ~0ull;
    u64 when = q->count[r->prio] ? deadline_among_equals(q, now) : ~0ull;
    if (q->waiting != 1u << r->prio)
        when = min(when, deadline_among_others(q, now));
    u64 soonest = now + RUNQ_LOOK_NS;
    return max(when, soonest);
}
