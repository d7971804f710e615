/* Names of PCI classes, vendors and devices, written as the public lists write them.
 *
 * Not a data base: the devices of the emulators and the network cards that an appliance is likely to meet; the rest is
 * shown by numbers. Each table is searched from its start: lspci asks a few dozen times, and nothing else does.
 * To add one: vendor << 16 | device, in the order of numbers.
 */
#include "kernel/pci_names.h"

struct name {
    u32 key;
    const char *text;
};

static const struct name classes[] = {
    {0x0100, "SCSI storage controller"},
    {0x0101, "IDE interface"},
    {0x0106, "SATA controller"},
    {0x0108, "Non-Volatile memory controller"},
    {0x0180, "Mass storage controller"},
    {0x0200, "Ethernet controller"},
    {0x0280, "Network controller"},
    {0x0300, "VGA compatible controller"},
    {0x0380, "Display controller"},
    {0x0403, "Audio device"},
    {0x0500, "RAM memory"},
    {0x0600, "Host bridge"},
    {0x0601, "ISA bridge"},
    {0x0604, "PCI bridge"},
    {0x0680, "Bridge"},
    {0x0700, "Serial controller"},
    {0x0780, "Communication controller"},
    {0x0880, "System peripheral"},
    {0x0c03, "USB controller"},
    {0x0c05, "SMBus"},
    {0x00ff, "Unclassified device"},
};

static const struct name vendors[] = {
    {0x1022, "Advanced Micro Devices, Inc. [AMD]"},
    {0x10ec, "Realtek Semiconductor Co., Ltd."},
    {0x1234, "QEMU"},
    {0x13f0, "Sundance Technology Inc"},
    {0x14e4, "Broadcom Inc. and subsidiaries"},
    {0x15ad, "VMware"},
    {0x15b3, "Mellanox Technologies"},
    {0x1af4, "Red Hat, Inc."},
    {0x1b36, "Red Hat, Inc."},
    {0x1d0f, "Amazon.com, Inc."},
    {0x8086, "Intel Corporation"},
};

static const struct name devices[] = {
    {0x12341111, "Standard VGA graphics adapter"},
    {0x1af41000, "Virtio network device"},
    {0x1af41001, "Virtio block device"},
    {0x1af41003, "Virtio console"},
    {0x1af41004, "Virtio SCSI"},
    {0x1af41005, "Virtio RNG"},
    {0x1af41041, "Virtio 1.0 network device"},
    {0x1af41042, "Virtio 1.0 block device"},
    {0x1af41043, "Virtio 1.0 console"},
    {0x1af41044, "Virtio 1.0 RNG"},
    {0x1af41048, "Virtio 1.0 SCSI"},
    {0x1b360001, "QEMU PCI-PCI bridge"},
    {0x1b360008, "QEMU PCIe Host bridge"},
    {0x1b36000c, "QEMU PCIe Root port"},
    {0x1b36000d, "QEMU XHCI Host Controller"},
    {0x1b36000e, "QEMU PCIe-to-PCI bridge"},
    {0x15ad07b0, "VMXNET3 Ethernet Controller"},
    {0x1d0fec20, "Elastic Network Adapter (ENA)"},
    {0x80861004, "82543GC Gigabit Ethernet Controller (Copper)"},
    {0x8086100e, "82540EM Gigabit Ethernet Controller"},
    {0x8086100f, "82545EM Gigabit Ethernet Controller (Copper)"},
    {0x808610c9, "82576 Gigabit Network Connection"},
    {0x808610d3, "82574L Gigabit Network Connection"},
    {0x808610fb, "82599ES 10-Gigabit SFI/SFP+ Network Connection"},
    {0x80861237, "440FX - 82441FX PMC [Natoma]"},
    {0x80861521, "I350 Gigabit Network Connection"},
    {0x80861533, "I210 Gigabit Network Connection"},
    {0x808615f3, "Ethernet Controller I225-V"},
    {0x80862918, "82801IB (ICH9) LPC Interface Controller"},
    {0x80862922, "82801IR/IO/IH (ICH9R/DO/DH) 6 port SATA Controller [AHCI mode]"},
    {0x80862930, "82801I (ICH9 Family) SMBus Controller"},
    {0x808629c0, "82G33/G31/P35/P31 Express DRAM Controller"},
    {0x80867000, "82371SB PIIX3 ISA [Natoma/Triton II]"},
    {0x80867010, "82371SB PIIX3 IDE [Natoma/Triton II]"},
    {0x80867113, "82371AB/EB/MB PIIX4 ACPI"},
    {0x10ec8139, "RTL-8100/8101L/8139 PCI Fast Ethernet Adapter"},
};

static const struct name capabilities[] = {
    {0x01, "Power Management"},
    {0x03, "Vital Product Data"},
    {0x04, "Slot ID"},
    {0x05, "MSI"},
    {0x07, "PCI-X"},
    {0x08, "HyperTransport"},
    {0x09, "Vendor Specific"},
    {0x0a, "Debug port"},
    {0x0d, "Subsystem"},
    {0x10, "Express"},
    {0x11, "MSI-X"},
    {0x12, "SATA HBA"},
    {0x13, "PCI Advanced Features"},
    {0x14, "Enhanced Allocation"},
};

static const char *find(const struct name *names, size_t n, u32 key)
{
    for (size_t i = 0; i < n; i++)
        if (names[i].key == key)
            return names[i].text;
    return NULL;
}

const char *pci_class_name(u16 class)
{
    return find(classes, ARRAY_LEN(classes), class);
}

const char *pci_vendor_name(u16 vendor)
{
    return find(vendors, ARRAY_LEN(vendors), vendor);
}

const char *pci_device_name(u16 vendor, u16 id)
{
    return find(devices, ARRAY_LEN(devices), (u32)vendor << 16 | id);
}

const char *pci_capability_name(u8 id)
{
    return find(capabilities, ARRAY_LEN(capabilities), id);
}
