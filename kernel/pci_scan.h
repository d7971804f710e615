/* Finds the functions on the PCI buses, sizes their BARs, and gives addresses to those that firmware left without.
 *
 * Pure: it sees the machine only through `struct pci_access`, so it is tested and fuzzed hosted against made-up
 * machines. kernel/pci.c gives it the real one. Addresses that firmware gave are kept; what it left unassigned (qboot:
 * everything) is placed in the windows named in `struct pci_scan`, naturally aligned, and decoding is turned on.
 */
#ifndef KERNEL_PCI_SCAN_H
#define KERNEL_PCI_SCAN_H

#include "drivers/bus.h"

#define PCI_FUNCTIONS 128 /* more are counted and left alone */
#define PCI_DEPTH     8   /* bridges behind bridges */

/* A function's address: bus << 8 | slot << 3 | function. */
#define PCI_BDF(bus, slot, fn) ((u16)((bus) << 8 | (slot) << 3 | (fn)))

struct pci_access {
    u32 (*read)(void *arg, u16 bdf, unsigned off, unsigned size);
    void (*write)(void *arg, u16 bdf, unsigned off, unsigned size, u32 v);
    void *arg;
};

struct pci_window {
    u64 next, end; /* what is free: [next, end) */
};

struct pci_function {
    struct bus_dev dev; /* first: kernel/pci.c finds the function behind a bus_dev */
    u16 bdf;
    u8 root_slot, root_pin; /* where its INTx arrives on the root bus, swizzled through bridges; pin 0..3 */
    u8 irq_line;            /* what firmware wrote */
    bool bridge;
    u8 secondary, last_bus; /* a bridge's, as we numbered them; secondary 0: it leads nowhere */
};

struct pci_scan {
    struct pci_access access;
    struct pci_window io, mem32, mem64;
    struct pci_function fn[PCI_FUNCTIONS];
    unsigned count;
    unsigned beyond;     /* functions that found no place in fn[] */
    unsigned unassigned; /* BARs for which no window had room */
    u8 last_bus;         /* highest number given to a bus so far */
};

void pci_scan(struct pci_scan *s);   /* access and windows are set by the caller */
void pci_assign(struct pci_scan *s); /* places every BAR that has no address; then turns decoding on */

#endif
