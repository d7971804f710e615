/* Debug builds: a lock that softirqs take, and a task with softirqs on, ends the machine at the second of the two, with
 * the names of both. lib/spin_side.h tells why; plat_cpu.h asks at each lock.
 *
 * An interrupt counts as a softirq here; a task is safe from both with interrupts off. Early in boot, before interrupts
 * are on, nothing can come between.
 */
#include "lib/spin_side.h"
#include "kernel/softirq.h"
#include "kernel/symbol.h"
#include "kernel/x86.h"

NOINLINE void spin_side(struct spinlock *l)
{
    const void *who = __builtin_return_address(0), *other;
    bool softirq = preempt_count() & IRQ_MASK || softirq_here();
    char names[SPIN_SIDES][96];

    if (!softirq && (preempt_count() & SOFTIRQ_MASK || !irqs_on()))
        return;
    other = spin_side_note(l->took, softirq ? SPIN_SOFTIRQ : SPIN_TASK, who);
    if (likely(!other))
        return;
    symbol_text(names[softirq ? SPIN_SOFTIRQ : SPIN_TASK], sizeof(names[0]), (u64)who);
    symbol_text(names[softirq ? SPIN_TASK : SPIN_SOFTIRQ], sizeof(names[0]), (u64)other);
    panic("spin lock at 0x%016lx: softirqs take it (%s), and tasks with softirqs on (%s)", (u64)l, names[SPIN_SOFTIRQ],
          names[SPIN_TASK]);
}
