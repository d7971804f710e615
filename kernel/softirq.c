/* Softirqs: work that an interrupt, a task or another CPU left for this CPU, run soon and bounded.
 *
 *     softirq_raise     a bit in this CPU's `softirq_pending`
 *     softirq_raise_on  a bit in the other's `remote`, and a kick; it moves them over when it looks
 *
 *     irq exit, softirq_on, idle --> softirq_run --> rounds on the softirq stack
 *                                                      | what is left after 10 rounds or 2 ms
 *                                                      v
 *                                                 ksoftirqd/N, a NORMAL task: the same rounds, in its slices
 *
 * While ksoftirqd has work, the other three run SOFTIRQ_TIMER alone: a flood of packets gets a task's share of the CPU
 * and clocks stay right. Handlers never sleep and never run on two stacks of one CPU at once.
 */
#include "kernel/softirq.h"

#include "kernel/quiescent.h"
#include "kernel/smp.h"
#include "kernel/switch.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/fmt.h"

#define STACK_SIZE (16 * KIB)

struct softirq_seen {
    u64 count;
    u64 cycles; /* TSC cycles in its handler, with the interrupts that came meanwhile */
    u64 raised; /* TSC when it became pending; 0: not known */
    u32 bucket[SOFTIRQ_BUCKETS];
};

struct softirq_cpu {
    u32 remote;    /* raised by other CPUs: atomic */
    bool deferred; /* ksoftirqd has what is left */
    struct task *daemon;
    u64 deferrals;
    struct softirq_seen seen[SOFTIRQ_COUNT];
} CACHE_ALIGNED;

const char *const softirq_name[SOFTIRQ_COUNT] = {"TIMER", "NET_TX", "NET_RX", "RCU"};

static void (*handlers[SOFTIRQ_COUNT])(void);
static struct softirq_cpu *cpus[CPU_MAX];

softirq_fn *softirq_set(enum softirq nr, softirq_fn *fn)
{
    softirq_fn *had = handlers[nr];
    handlers[nr] = fn;
    return had;
}

/* ---- raising ---- */

void softirq_mark(enum softirq nr)
{
    struct cpu *c = this_cpu();
    struct softirq_cpu *sc = cpus[c->id];
    u32 bit = 1u << nr;
    if (c->softirq_pending & bit)
        return;
    if (likely(sc))
        sc->seen[nr].raised = c->preempt & IRQ_MASK ? c->use_tsc : rdtsc();
    __asm__ volatile("orl %0, %%gs:16" : : "r"(bit) : "memory", "cc"); /* whole against this CPU's interrupts */
}

void softirq_raise(enum softirq nr)
{
    softirq_mark(nr);
    if (!(preempt_count() & (SOFTIRQ_MASK | IRQ_MASK)))
        softirq_catch_up();
}

void softirq_raise_on(unsigned cpu, enum softirq nr)
{
    if (cpu == cpu_id()) {
        softirq_raise(nr);
        return;
    }
    struct softirq_cpu *sc = cpus[cpu];
    u32 old = atomic_or(&sc->remote, 1u << nr);
    if (!(old & (1u << nr)))
        store_relaxed(&sc->seen[nr].raised, rdtsc());
    if (!old)
        smp_kick(cpu); /* else it was kicked by who raised first, and has not looked yet */
}

void cpu_kick(unsigned cpu)
{
    smp_kick(cpu);
}

static inline void take_remote(struct softirq_cpu *sc)
{
    if (unlikely(load_relaxed(&sc->remote)))
        this_cpu()->softirq_pending |= atomic_swap(&sc->remote, 0);
}

void softirq_take_remote(void)
{
    struct softirq_cpu *sc = cpus[cpu_id()];
    if (sc)
        take_remote(sc);
}

/* ---- running ---- */

static inline void note_latency(struct softirq_seen *n, u64 now)
{
    u64 raised = load_relaxed(&n->raised);
    if (unlikely(!raised))
        return;
    u64 ns = now > raised ? clock_tsc_ns(now - raised) : 0;
    n->raised = 0;
    n->bucket[min(log2_floor(ns | 1), SOFTIRQ_BUCKETS - 1u)]++;
}

/* When the last of them was through. */
static inline u64 run_pending(struct softirq_cpu *sc, u32 pending, u64 now)
{
    u32 locks = preempt_count() & 0xff; /* of the task beneath: one that rcu_enter counted may be interrupted */

    for (; pending; pending &= pending - 1) {
        unsigned nr = (unsigned)__builtin_ctz(pending);
        struct softirq_seen *n = &sc->seen[nr];
        note_latency(n, now);
        n->count++;
        handlers[nr]();
        u64 from = now;
        now = rdtsc();
        store_relaxed(&n->cycles, n->cycles + (now - from));
        if (PLAT_DEBUG && (preempt_count() & 0xff) != locks)
            panic("softirq %s came with %u spin locks held and left with %u", softirq_name[nr], locks,
                  preempt_count() & 0xff);
    }
    return now;
}

/* What may run now: all, unless ksoftirqd has the work and it is not ksoftirqd that asks. */
static inline u32 allowed(const struct softirq_cpu *sc)
{
    bool mine = likely(!sc->deferred) || this_cpu()->task == sc->daemon;
    return mine ? ~0u : 1u << SOFTIRQ_TIMER;
}

/* On the softirq stack, interrupts off on entry and return. */
static void rounds(void)
{
    struct cpu *c = this_cpu();
    struct softirq_cpu *sc = cpus[c->id];
    u32 may = allowed(sc), pending, left = SOFTIRQ_ROUNDS;
    u64 start = rdtsc(), now = start;
    time_use_at(c, TIME_USE_SOFTIRQ, start);
    while ((pending = c->softirq_pending & may) && left--) {
        if (unlikely(now != start) && clock_tsc_ns(now - start) >= SOFTIRQ_BUDGET_NS)
            break;
        c->softirq_pending &= ~pending;
        sti();
        now = run_pending(sc, pending, now);
        cli();
        take_remote(sc);
    }
    if (unlikely(c->softirq_pending) && !sc->deferred) {
        sc->deferred = true;
        sc->deferrals++;
        task_wake(sc->daemon);
    }
}

bool softirq_here(void)
{
    return this_cpu()->softirq_stack - (u64)__builtin_frame_address(0) < STACK_SIZE;
}

bool softirq_waiting(void)
{
    struct cpu *c = this_cpu();
    return unlikely(c->softirq_pending) && cpus[c->id] && (c->softirq_pending & allowed(cpus[c->id])) != 0;
}

void softirq_run_then(enum time_use then)
{
    struct cpu *c = this_cpu();
    struct softirq_cpu *sc = cpus[c->id];
    unsigned left = likely(sc) ? 2 : 0; /* the end of a round may be what SOFTIRQ_RCU waited for */
    if (likely(sc))
        take_remote(sc);
    while (left--) {
        if (c->softirq_pending && c->softirq_pending & allowed(sc)) {
            c->preempt += SOFTIRQ_ONE;
            stack_call(rounds, c->softirq_stack);
            c->preempt -= SOFTIRQ_ONE;
        }
        if (!c->preempt)
            rcu_quiescent();
        if (likely(!c->softirq_pending))
            break;
    }
    time_use(then);
}

void softirq_run(void)
{
    softirq_run_then(task_is_idle() ? TIME_USE_IDLE : TIME_USE_TASK);
}

void softirq_catch_up(void)
{
    if (preempt_count() & (SOFTIRQ_MASK | IRQ_MASK))
        return; /* looked at on the way out */
    if (!irqs_on()) {
        smp_kick(cpu_id());
        return;
    }
    u64 flags = irq_save();
    softirq_run();
    irq_restore(flags);
    task_preempt_point();
}

void *softirq_catch_up_with(void *p)
{
    softirq_catch_up();
    return p;
}

/* ---- ksoftirqd ---- */

static void daemon_main(void *arg)
{
    struct softirq_cpu *sc = arg;
    for (;;) {
        cli();
        softirq_take_remote();
        while (this_cpu()->softirq_pending) {
            sc->deferred = true;
            softirq_run();
            sti();
            task_preempt_point();
            cli();
        }
        sc->deferred = false;
        sti();
        task_park(~0ull);
    }
}

int softirq_init_cpu(unsigned cpu)
{
    char name[TASK_NAME];
    struct softirq_cpu *sc = mem_zalloc(sizeof(*sc));
    void *stack = vm_stack_alloc(STACK_SIZE);
    if (!sc || !stack)
        return -ENOMEM;
    fmt(name, sizeof(name), "ksoftirqd/%u", cpu);
    cpu_table[cpu]->softirq_stack = (u64)stack + STACK_SIZE;
    cpus[cpu] = sc;
    sc->daemon = task_start(name, daemon_main, sc, TASK_NORMAL, (int)cpu);
    return sc->daemon ? 0 : -ENOMEM;
}

static void nothing(void)
{
}

void softirq_init(void)
{
    for (unsigned nr = 0; nr < SOFTIRQ_COUNT; nr++)
        if (!handlers[nr])
            handlers[nr] = nothing;
    if (softirq_init_cpu(0))
        panic("no memory for softirqs");
}

/* ---- what was seen ---- */

u64 softirq_count(enum softirq nr, unsigned cpu)
{
    return cpus[cpu] ? load_relaxed(&cpus[cpu]->seen[nr].count) : 0;
}

u64 softirq_ns(enum softirq nr, unsigned cpu)
{
    return cpus[cpu] ? clock_tsc_ns(load_relaxed(&cpus[cpu]->seen[nr].cycles)) : 0;
}

u64 softirq_deferred(unsigned cpu)
{
    return cpus[cpu] ? load_relaxed(&cpus[cpu]->deferrals) : 0;
}

void softirq_latency(enum softirq nr, unsigned cpu, u64 bucket[SOFTIRQ_BUCKETS])
{
    for (unsigned i = 0; i < SOFTIRQ_BUCKETS; i++)
        bucket[i] = cpus[cpu] ? load_relaxed(&cpus[cpu]->seen[nr].bucket[i]) : 0;
}
