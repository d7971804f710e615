/* I/O APICs: the redirection of interrupt lines (GSI) to vectors. For kernel/irq.c alone. */
#ifndef KERNEL_IOAPIC_H
#define KERNEL_IOAPIC_H

#include "lib/base.h"

void ioapic_init(void);       /* maps those that ACPI names; all inputs masked */
u32 ioapic_inputs(void);      /* one more than the highest GSI */
bool ioapic_has(u32 gsi);     /* is there such an input? */
unsigned ioapic_pin(u32 gsi); /* its pin on its chip */

/* Any context; each takes the chip's lock with interrupts off. */
void ioapic_route(u32 gsi, u32 apic_id, unsigned vector, bool level, bool low); /* leaves it masked or not as it was */
void ioapic_mask(u32 gsi, bool masked);

#endif
