/* One CPU's own state that the hardware asks for: GDT, TSS, emergency stacks, control bits. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include "kernel/cpuid.h"
#include "lib/base.h"
#include "plat_cpu.h"

extern struct cpu cpu_boot; /* the first CPU's block: GS points at it from boot/entry.S on */

void cpu_init(void); /* each CPU, on its own stack: GDT, TSS with emergency stacks, IDT, control bits. The first one
                        before vm_init uses static stacks, others those of cpu_new */

void cpu_init_stacks(void); /* the first CPU, when there is memory: emergency stacks above guard pages */

/* Memory for another CPU's block, TSS and emergency stacks; NULL when there is none. Enters it into cpu_table[id] but
 * does not count it in cpu_online: who starts it does, when it is up. */
struct cpu *cpu_new(unsigned id, u32 apic_id);

/* Segment selectors, known to boot/ap.S and kernel/trap.S. */
#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS  0x18

/* Emergency stacks (IST slots): a fault whose own stack may be gone runs on one of these. */
enum cpu_ist { IST_NMI = 1, IST_DOUBLE_FAULT = 2, IST_MACHINE_CHECK = 3, IST_COUNT = 3 };

#endif
