/* Softirqs beyond lib/plat.h: their rounds, what they cost, how late they were.
 *
 * Rounds run on the way out of an interrupt, at softirq_on, and in the idle loop, on the CPU's softirq stack with
 * interrupts on. After SOFTIRQ_ROUNDS rounds or SOFTIRQ_BUDGET_NS what is left goes to the task ksoftirqd/N, which
 * shares the CPU fairly with other tasks; while it has work, interrupts run SOFTIRQ_TIMER alone.
 */
#ifndef KERNEL_SOFTIRQ_H
#define KERNEL_SOFTIRQ_H

#include "lib/base.h"
#include "lib/plat.h"

#define SOFTIRQ_ROUNDS    10
#define SOFTIRQ_BUDGET_NS (2 * NS_PER_MS)

void softirq_init(void);            /* the first CPU, after task_init */
int softirq_init_cpu(unsigned cpu); /* the first CPU, for each: stack, ksoftirqd; 0 or -ENOMEM */

/* Interrupts off, none of IRQ_MASK|SOFTIRQ_MASK set: runs what is pending, and is a quiescent state where it may be.
 * then: what the CPU does afterwards, for the account. */
enum time_use;
void softirq_run_then(enum time_use then);
void softirq_run(void);             /* the same, and goes on as before */
void softirq_take_remote(void);     /* interrupts off: what other CPUs raised becomes pending here */
void softirq_mark(enum softirq nr); /* raises it, but leaves the look to the caller or the next occasion */
bool softirq_here(void);            /* is this code a softirq's? */
bool softirq_waiting(void);         /* interrupts off: is something pending on this CPU that nobody runs yet? */

/* ---- what was seen ---- */
extern const char *const softirq_name[SOFTIRQ_COUNT]; /* as Linux: "TIMER", "NET_TX", "NET_RX", "RCU" */
u64 softirq_count(enum softirq nr, unsigned cpu);     /* times run */
u64 softirq_ns(enum softirq nr, unsigned cpu);        /* in its handler, with the interrupts that came meanwhile */
u64 softirq_deferred(unsigned cpu);                   /* times that ksoftirqd had to take over */

/* Latency from raise, or from the begin of the interrupt that raised it, to run: bucket i counts [2^i, 2^(i+1)) ns, the
 * last one all above. */
#define SOFTIRQ_BUCKETS 32
void softirq_latency(enum softirq nr, unsigned cpu, u64 bucket[SOFTIRQ_BUCKETS]);

#endif
