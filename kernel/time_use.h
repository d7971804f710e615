/* The account of where a CPU's time goes: it does one of four things, and says at each change what it does next.
 *
 * Kept in the CPU's own block in TSC cycles; kernel/time.c adds it up. Interrupts are off in all of these. When it last
 * changed is, inside an interrupt, when that came: whoever wants the time there need not read the TSC again.
 */
#ifndef KERNEL_TIME_USE_H
#define KERNEL_TIME_USE_H

#include "kernel/x86.h"
#include "lib/plat.h"

enum time_use { TIME_USE_TASK, TIME_USE_SOFTIRQ, TIME_USE_IRQ, TIME_USE_IDLE, TIME_USES };
static_assert(TIME_USES == ARRAY_LEN(((struct cpu *)0)->used), "the account in plat_cpu.h");

/* What c, this CPU, does from `tsc` on; what it did. */
static inline enum time_use time_use_at(struct cpu *c, enum time_use what, u64 tsc)
{
    enum time_use was = (enum time_use)c->use;
    store_relaxed(&c->used[was], c->used[was] + (tsc - c->use_tsc));
    store_relaxed(&c->use_tsc, tsc);
    store_relaxed(&c->use, what);
    return was;
}

static inline enum time_use time_use(enum time_use what)
{
    return time_use_at(this_cpu(), what, rdtsc());
}

#endif
