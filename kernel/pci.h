/* The machine's PCI functions: found, given addresses, and reachable by drivers through drivers/bus.h.
 *
 * pci_init runs once at bring-up, after ACPI (for MCFG) and before any driver. The list is fixed from then on.
 */
#ifndef KERNEL_PCI_H
#define KERNEL_PCI_H

#include "kernel/pci_scan.h"

void pci_init(void);
unsigned pci_count(void);
struct pci_function *pci_at(unsigned i); /* in the order of bus, slot, function; i < pci_count() */

/* Configuration space by address; size 1, 2, 4. Offsets from 256 on read ~0 without ECAM. Any context. */
u32 pci_cfg_read(u16 bdf, unsigned off, unsigned size);
void pci_cfg_write(u16 bdf, unsigned off, unsigned size, u32 v);

#endif
