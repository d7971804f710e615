/* Names of PCI classes, vendors and devices: the few that Weir's machines have. */
#ifndef KERNEL_PCI_NAMES_H
#define KERNEL_PCI_NAMES_H

#include "lib/base.h"

const char *pci_class_name(u16 class);           /* "Ethernet controller" for 0200; NULL: not known */
const char *pci_vendor_name(u16 vendor);         /* "Intel Corporation" */
const char *pci_device_name(u16 vendor, u16 id); /* "82540EM Gigabit Ethernet Controller" */
const char *pci_capability_name(u8 id);          /* "MSI-X" */

#endif
