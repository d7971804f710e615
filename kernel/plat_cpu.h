/* The inline half of lib/plat.h on the bare machine: this CPU, preemption, spin locks.
 *
 * Every CPU's own block is reached through GS. `preempt` counts why this CPU may not change tasks or run softirqs:
 *
 *     bits  0-7   spin locks, rcu_enter, preempt_off             a task may not be switched away
 *     bits  8-15  softirq_off depth, and "a softirq runs now"    softirqs may not start
 *     bits 16-19  inside an interrupt handler
 *     bits 20-23  inside an NMI
 *
 * The word is this CPU's alone: plain increments, no lock prefix; an interrupt leaves it as it found it.
 * A task never moves to another CPU, so a `struct cpu *` stays right across preemption.
 *
 * The hosted twin is host/plat_cpu.h: same names, same meanings.
 */
#ifndef PLAT_CPU_H
#define PLAT_CPU_H

#include "lib/atomic.h"
#include "lib/base.h"

#define CPU_MAX 64

#define PREEMPT_ONE  0x000001u
#define SOFTIRQ_ONE  0x000100u
#define IRQ_ONE      0x010000u
#define NMI_ONE      0x100000u
#define SOFTIRQ_MASK 0x00ff00u
#define IRQ_MASK     0xff0000u

struct task;

/* What every CPU touches at every turn; one cache-aligned block a CPU. Offsets up to `canary` are known to entry code
 * and to the compiler's stack protector (%gs:40), and are checked in kernel/cpu.c. */
struct cpu {
    struct cpu *self;    /*  0 */
    u32 id;              /*  8 */
    u32 preempt;         /* 12: see above */
    u32 softirq_pending; /* 16: a bit per enum softirq; set by this CPU with interrupts off */
    u32 need_resched;    /* 20: read together with the one before */
    struct task *task;   /* 24: who runs */
    u64 softirq_stack;   /* 32: its top */
    u64 canary;          /* 40: the same on all CPUs, new at each boot */
    u64 apic_id;         /* 48 */
    u64 rcu_quiescent;   /* 56: kernel/quiescent.h's */
    /* ---- the account: kernel/time_use.h ---- */
    u64 use_tsc;         /* since when */
    u32 use, use_before; /* enum time_use; what was before the interrupt that came last */
    u64 used[4];         /* TSC cycles */
} CACHE_ALIGNED;

extern struct cpu *cpu_table[CPU_MAX]; /* by id; NULL from cpu_online on */
extern u32 cpu_online;

static inline struct cpu *this_cpu(void)
{
    struct cpu *c;
    __asm__("movq %%gs:0, %0" : "=r"(c));
    return c;
}

static inline unsigned cpu_id(void)
{
    u32 id;
    __asm__("movl %%gs:8, %0" : "=r"(id));
    return id;
}

static inline unsigned cpu_count(void)
{
    return load_relaxed(&cpu_online);
}

static inline void cpu_pause(void)
{
    __builtin_ia32_pause();
}

static inline void prefetch(const void *p)
{
    __builtin_prefetch(p);
}

static inline u32 preempt_count(void)
{
    u32 v;
    __asm__ volatile("movl %%gs:12, %0" : "=r"(v));
    return v;
}

void preempt_resched(void); /* kernel/task.c: changes tasks if that is due and allowed */

static inline void preempt_off(void)
{
    __asm__ volatile("addl $1, %%gs:12" ::: "memory", "cc");
}

static inline void preempt_on(void)
{
    u32 resched;
    __asm__ volatile("subl $1, %%gs:12\n\tmovl %%gs:20, %0" : "=r"(resched)::"memory", "cc");
    if (unlikely(resched))
        preempt_resched();
}

/* lib/plat.h says what these two are for. */
void softirq_catch_up(void); /* kernel/softirq.c: what became due while softirqs were off, if it may be done here */

static inline void softirq_off(void)
{
    __asm__ volatile("addl %0, %%gs:12" : : "i"(SOFTIRQ_ONE) : "memory", "cc");
}

static inline void softirq_on(void)
{
    bool due; /* softirq_pending or need_resched: one look at both */
    __asm__ volatile("subl %1, %%gs:12\n\tcmpq $0, %%gs:16" : "=@ccne"(due) : "i"(SOFTIRQ_ONE) : "memory");
    if (unlikely(due))
        softirq_catch_up();
}

/* The same where p is given back: by a tail call, so that a short function needs no frame to keep it. */
void *softirq_catch_up_with(void *p);

static inline void *softirq_on_with(void *p)
{
    bool due;
    __asm__ volatile("subl %1, %%gs:12\n\tcmpq $0, %%gs:16" : "=@ccne"(due) : "i"(SOFTIRQ_ONE) : "memory");
    return unlikely(due) ? softirq_catch_up_with(p) : p;
}

static inline void rcu_enter(void)
{
    preempt_off();
}

static inline void rcu_exit(void)
{
    preempt_on();
}

/* Spin locks. Held for a few hundred cycles at most; a holder is not preempted. Where an interrupt or softirq takes the
 * same lock, the task side says so by softirq_off() or spin_lock_irq(); in debug builds who forgets it panics
 * (lib/spin_side.h). */
struct spinlock {
    u32 locked;
    i32 took[2 * PLAT_DEBUG]; /* by enum spin_side: where it was taken first */
};

void spin_side(struct spinlock *l); /* kernel/spin_side.c: the caller takes it, in the context as it is */

static inline bool spin_trylock(struct spinlock *l)
{
    preempt_off();
    if (likely(!__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE))) {
        if (PLAT_DEBUG)
            spin_side(l);
        return true;
    }
    preempt_on();
    return false;
}

static inline void spin_lock(struct spinlock *l)
{
    if (PLAT_DEBUG)
        spin_side(l);
    preempt_off();
    while (unlikely(__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE)))
        while (load_relaxed(&l->locked))
            cpu_pause();
}

static inline void spin_unlock(struct spinlock *l)
{
    store_release(&l->locked, 0);
    preempt_on();
}

static inline bool spin_held(const struct spinlock *l) /* by somebody: for asserts */
{
    return load_relaxed(&l->locked) != 0;
}

u64 irq_save(void); /* interrupts off; out of line, so that lib/ sees no privileged instruction */
void irq_restore(u64 flags);

/* With interrupts off as well; the flags go back to spin_unlock_irq. */
static inline u64 spin_lock_irq(struct spinlock *l)
{
    u64 flags = irq_save();
    spin_lock(l);
    return flags;
}

static inline void spin_unlock_irq(struct spinlock *l, u64 flags)
{
    store_release(&l->locked, 0);
    irq_restore(flags);
    preempt_on();
}

#endif
