/* Internal to kernel/irq. Vectors that no device has, and the lines of a PC: what irq.c and irq_local.c want of each
 * other.
 */
#ifndef KERNEL_IRQ_LOCAL_H
#define KERNEL_IRQ_LOCAL_H

#include "lib/base.h"

void irq_dispatch(unsigned vector); /* a device's: handlers, EOI */
u64 irq_device_total(unsigned cpu); /* how many of those */
void irq_mask_8259(void);

#endif
