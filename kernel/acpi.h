/* The machine's ACPI tables, read once at bring-up; without any, the defaults of a PC. */
#ifndef KERNEL_ACPI_H
#define KERNEL_ACPI_H

#include "kernel/acpi_table.h"

/* Read-only after acpi_init. Without ACPI (microvm, acpi=off): found is false, one CPU, local APIC at fee00000, one
 * I/O APIC at fec00000 from GSI 0, no overrides but IRQ 0 at GSI 2. */
extern struct acpi_info acpi;

/* By the boot loader's RSDP, or what is found in the BIOS areas. After vm_init. Tells the log what was found. */
void acpi_init(void);

/* Registers that a table named, in memory or ports; as wide as the table says. Any context. */
u64 acpi_gas_read(const struct acpi_gas *g);
void acpi_gas_write(const struct acpi_gas *g, u64 v);

#endif
