/* Exceptions and the way into interrupt handlers. kernel/trap.S pushes a trap_frame and calls C.
 *
 * Vectors 0..31 come to trap_fault, which panics with a report unless the fault was expected (trap_try); the NMI asks
 * kernel/smp.c first. Vectors 32..255 go to irq_enter_vector (kernel/irq.h) with interrupts off, on the interrupted
 * stack.
 */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include "kernel/trap_frame.h"
#include "lib/base.h"

void trap_init(void); /* the first CPU: fills the IDT */

/* Runs fn(arg) and returns the vector of a fault inside it, or -1; *addr is the faulting address for a page fault. fn
 * is left where it faulted, so it may hold nothing. Tests of memory rights alone; task context; does not nest. */
int trap_try(void (*fn)(void *arg), void *arg, u64 *addr);

#endif
