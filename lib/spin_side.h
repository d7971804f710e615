/* Debug builds: on which side of the softirqs is a spin lock taken?
 *
 * A softirq may come in the middle of a task, so a lock that both take deadlocks a CPU unless the task has softirqs (or
 * interrupts) off. That shows itself in the one moment of a thousand in which they meet; here it shows at once: each
 * lock remembers the first place at which each side took it (struct spinlock: took), and the ground panics when there
 * are both. Nothing of it is left in a release build.
 */
#ifndef LIB_SPIN_SIDE_H
#define LIB_SPIN_SIDE_H

#include "lib/base.h"

enum spin_side {
    SPIN_SOFTIRQ, /* by a softirq, or an interrupt */
    SPIN_TASK,    /* by a task with softirqs on */
    SPIN_SIDES,
};

/* The code at `who` takes it. The place at which the other side did, NULL: it never has. */
const void *spin_side_note(i32 took[SPIN_SIDES], enum spin_side side, const void *who);

#endif
