/* The local APIC: end of interrupt, messages between CPUs, the one-shot timer. xAPIC or x2APIC, chosen once.
 *
 * Everything is for the CPU that calls. Any context, interrupts off where it says so.
 */
#ifndef KERNEL_APIC_H
#define KERNEL_APIC_H

#include "lib/base.h"

void apic_init(void);     /* the first CPU: maps it or enters x2APIC (when firmware did, or ids need it); then as: */
void apic_init_cpu(void); /* each CPU: enabled, spurious and error vectors, LINT by MADT, timer stopped */

u32 apic_id(void);
bool apic_x2(void);
void apic_eoi(void);
bool apic_requested(unsigned vector); /* is it waiting in this CPU's request register? */
u32 apic_error(void);                 /* reads and clears the error status */

/* ---- to other CPUs, by APIC id ---- */
void apic_ipi(u32 id, unsigned vector);
void apic_nmi(u32 id);
void apic_nmi_others(void); /* all but this one */
void apic_start_init(u32 id);
void apic_start_sipi(u32 id, unsigned page); /* starts it at page << 12 */

/* ---- the timer ----
 * One shot, vector VECTOR_TIMER. In TSC-deadline mode the TSC itself is compared, else a counter of its own rate. */
bool apic_timer_deadline(void);        /* does the CPU have TSC-deadline mode? */
void apic_timer_deadline_set(u64 tsc); /* 0: stop */
void apic_timer_count_set(u32 count);  /* 0: stop; counts down by 1 each tick */
u32 apic_timer_count(void);            /* what is left */
void apic_timer_stop(void);
void apic_timer_mode(bool by_deadline); /* each CPU; by the TSC if that is wanted and there */

/* An MSI that arrives at `vector` on the CPU with this APIC id. */
u64 apic_msi_addr(u32 id);
u32 apic_msi_data(unsigned vector);

#endif
