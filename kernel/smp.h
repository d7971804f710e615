/* The other CPUs: starting them, calling them, stopping them. */
#ifndef KERNEL_SMP_H
#define KERNEL_SMP_H

#include "lib/base.h"

/* Starts every CPU that ACPI names, one by one; waits halted. Task context, after softirq_init and rcu_init. */
void smp_start(void);

u64 smp_online(void); /* a bit for each CPU that is up */

/* Runs fn(arg) in interrupt context on each CPU of `cpus` (this one included if named; bits of CPUs that are not up are
 * ignored); returns when all have run it. Interrupts must be on when others are named, and no
 * lock held that others take with interrupts off. Any context but interrupt. */
void smp_call(u64 cpus, void (*fn)(void *arg), void *arg);

/* Drops translations of [addr, addr + size) on every CPU; returns when none has them any more. Any but interrupt. */
void smp_tlb_flush(u64 addr, u64 size);

void smp_kick(unsigned cpu);    /* any: it looks at its softirqs; this CPU too, when interrupts are on again */
void smp_resched(unsigned cpu); /* any: it looks at its run queue */
void smp_call_interrupt(void);  /* VECTOR_CALL */

/* ---- NMI ---- */
struct trap_frame;
void smp_stop_others(void);               /* the end: the others halt by NMI with interrupts off. Any; never waits
                                             longer than 100 ms */
bool smp_nmi(const struct trap_frame *f); /* for kernel/trap.c: was this NMI ours? (does not return when stopping) */

/* What a CPU does that is asked where it is: in NMI context. */
void smp_on_probe(void (*fn)(const struct trap_frame *f));

/* Asks `cpu` by NMI to print where it is. Any context; returns whether it answered within 100 ms. */
bool smp_probe(unsigned cpu);

#endif
