/* Bottom halves of a hosted CPU.
 *
 * What is raised runs at the outermost softirq_on, or where the CPU goes from one task to the next, in the order of
 * the numbers and round after round; what is still raised after SOFTIRQ_ROUNDS waits until a task has had its turn, as
 * ksoftirqd would have it. There are no interrupts: a fake device raises when the test says so.
 *
 * As on the machine, a lock that softirqs take, and a task with softirqs on, is a panic in debug builds; what is not in
 * a task (a ground that is being built) is neither.
 *
 * Never sleeps: parking in a softirq, or with softirqs off, or as a reader of RCU, is a panic.
 */
#include "host/ground.h"
#include "lib/fmt.h"
#include "lib/spin_side.h"
#include "lib/string.h"

#define SOFTIRQ_ROUNDS 10

static void (*handlers[SOFTIRQ_COUNT])(void);

void softirq_start(void)
{
    for (unsigned nr = 0; nr < SOFTIRQ_COUNT; nr++)
        handlers[nr] = NULL;
}

softirq_fn *softirq_set(enum softirq nr, softirq_fn *fn)
{
    softirq_fn *had = handlers[nr];
    if (PLAT_DEBUG && handlers[nr] && fn && handlers[nr] != fn)
        panic("softirq_set: %d is taken", nr);
    handlers[nr] = fn;
    return had;
}

bool softirq_run(struct cpu *c)
{
    u32 pending = 0;
    if (!load_acquire(&c->pending))
        return false;
    unsigned depth = host_rcu_depth; /* a task's softirq_on may stand within a reader */
    c->in_softirq = true;
    for (int round = 0; round < SOFTIRQ_ROUNDS && (pending = atomic_swap(&c->pending, 0)); round++)
        for (unsigned nr = 0; nr < SOFTIRQ_COUNT; nr++)
            if ((pending & 1u << nr) && handlers[nr])
                handlers[nr]();
    c->in_softirq = false;
    if (PLAT_DEBUG && (host_rcu_depth != depth || c->off))
        panic("softirq: left %d readers and %u softirq_off behind", (int)(host_rcu_depth - depth), c->off);
    return true;
}

void softirq_raise(enum softirq nr)
{
    atomic_or(&cpu_here()->pending, 1u << nr);
}

void softirq_raise_on(unsigned cpu, enum softirq nr)
{
    atomic_or(&host_cpu_block[cpu].pending, 1u << nr);
    if (cpu != host_cpu)
        cpu_kick(cpu);
}

/* Within a softirq the two only count: it is not interrupted by itself. */
void softirq_off(void)
{
    cpu_here()->off++;
    compiler_fence();
}

void softirq_on(void)
{
    struct cpu *c = cpu_here();
    compiler_fence();
    if (PLAT_DEBUG && !c->off)
        panic("softirq_on: without softirq_off");
    if (--c->off || c->in_softirq)
        return;
    softirq_run(c);
    host_rcu_exit();
}

void softirq_may_sleep(const char *what)
{
    struct cpu *c = cpu_here();
    if (c->in_softirq)
        panic("%s: in a softirq", what);
    if (c->off)
        panic("%s: with softirqs off", what);
    if (host_rcu_depth)
        panic("%s: as a reader of RCU", what);
    if (host_locks)
        panic("%s: with %u spin locks held", what, host_locks);
    if (!c->current)
        panic("%s: not in a task", what);
}

/* ---- the sides of a spin lock (lib/spin_side.h) ---- */

void __sanitizer_symbolize_pc(void *pc, const char *form, char *buf, size_t n) __attribute__((weak));

/* The function that holds the code. The sanitizer lists what was inlined there before it: each ends in a NUL, all in
 * two. */
static void name_of(char *p, size_t n, const void *code)
{
    char list[512] = "", *at = list;

    if (__sanitizer_symbolize_pc)
        __sanitizer_symbolize_pc((char *)code - 1, "%f", list, sizeof(list) - 1);
    for (char *next = at; *next; next += strlen(next) + 1)
        at = next;
    if (*at)
        fmt(p, n, "%s", at);
    else
        fmt(p, n, "%p", code);
}

NOINLINE void spin_side(struct spinlock *l, bool irqs)
{
    struct cpu *c = cpu_here();
    const void *who = __builtin_return_address(0), *other;
    enum spin_side side = c->in_softirq ? SPIN_SOFTIRQ : SPIN_TASK;
    char names[SPIN_SIDES][64];

    if (side == SPIN_TASK && (!irqs || c->off || !c->current))
        return;
    other = spin_side_note(l->took, side, who);
    if (!other)
        return;
    name_of(names[side], sizeof(names[0]), who);
    name_of(names[!side], sizeof(names[0]), other);
    panic("a spin lock: softirqs take it (%s), and tasks with softirqs on (%s)", names[SPIN_SOFTIRQ], names[SPIN_TASK]);
}
