/* The inline half of lib/plat.h on Linux. One CPU and one thread by default; HOST_CPUS=n gives one pthread per CPU.
 *
 * The kernel's twin is kernel/plat_cpu.h: same names, same meanings. -Ihost or -Ikernel chooses.
 */
#ifndef PLAT_CPU_H
#define PLAT_CPU_H

#include "lib/atomic.h"
#include "lib/base.h"

#define CPU_MAX 64

extern _Thread_local unsigned host_cpu;
extern unsigned host_cpus;

static inline unsigned cpu_id(void)
{
    return host_cpu;
}

static inline unsigned cpu_count(void)
{
    return host_cpus;
}

static inline void cpu_pause(void)
{
    __builtin_ia32_pause();
}

static inline void prefetch(const void *p)
{
    __builtin_prefetch(p);
}

/* Spin locks. Held for a few hundred cycles at most; a holder is not preempted. Where an interrupt or softirq takes the
 * same lock, the task side says so by softirq_off() or spin_lock_irq(); in debug builds who forgets it panics
 * (lib/spin_side.h). */
struct spinlock {
    u32 locked;
    i32 took[2 * PLAT_DEBUG]; /* by enum spin_side: where it was taken first */
};

extern _Thread_local unsigned host_locks; /* held by this thread: who holds one may not sleep */
void host_spin(unsigned *turns);          /* a thread that waits for one without a processor lets it have this one */
void spin_side(struct spinlock *l, bool irqs); /* host/softirq.c: the caller takes it, with interrupts on or off */

/* The ground's own: no softirq comes between. */
static inline void spin_take(struct spinlock *l)
{
    unsigned turns = 0;
    while (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE))
        while (load_relaxed(&l->locked))
            host_spin(&turns);
    host_locks += PLAT_DEBUG;
}

static inline void spin_lock(struct spinlock *l)
{
    if (PLAT_DEBUG)
        spin_side(l, true);
    spin_take(l);
}

static inline bool spin_trylock(struct spinlock *l)
{
    bool taken = !__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE);
    if (PLAT_DEBUG && taken)
        spin_side(l, true);
    host_locks += PLAT_DEBUG && taken;
    return taken;
}

static inline void spin_unlock(struct spinlock *l)
{
    host_locks -= PLAT_DEBUG;
    __atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

static inline bool spin_held(const struct spinlock *l) /* by somebody: for asserts */
{
    return load_relaxed(&l->locked) != 0;
}

/* With interrupts off as well; the flags go back to spin_unlock_irq. */
static inline u64 spin_lock_irq(struct spinlock *l)
{
    if (PLAT_DEBUG)
        spin_side(l, false);
    spin_take(l);
    return 0;
}

static inline void spin_unlock_irq(struct spinlock *l, u64 flags)
{
    (void)flags;
    spin_unlock(l);
}

extern _Thread_local unsigned host_rcu_depth; /* readers within readers, of the task or softirq that runs */
void host_rcu_exit(void);

static inline void rcu_enter(void)
{
    host_rcu_depth++;
    compiler_fence();
}

static inline void rcu_exit(void)
{
    compiler_fence();
    if (!--host_rcu_depth && host_cpus > 1)
        host_rcu_exit();
}

#endif
