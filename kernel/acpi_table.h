/* What ACPI's static tables say, read without trust: bytes in, struct out.
 *
 * Pure: no memory of the machine is touched but through the `map` of the caller, so that the whole walk (RSDP, XSDT or
 * RSDT, the tables) runs hosted, in tests and under the fuzzer. Every table's length lies within what was mapped and
 * its bytes sum to 0, or it is counted in `bad` and not looked at. What exceeds a bound below is counted in `lost`.
 */
#ifndef KERNEL_ACPI_TABLE_H
#define KERNEL_ACPI_TABLE_H

#include "lib/base.h"

#define ACPI_CPUS         64
#define ACPI_IOAPICS      8
#define ACPI_OVERRIDES    32
#define ACPI_NMIS         16
#define ACPI_ECAMS        8
#define ACPI_VIRTIO_MMIOS 32
#define ACPI_TABLE_MAX    (1 * MIB) /* no table that is read is longer */

enum acpi_space { ACPI_MEMORY = 0, ACPI_PORT = 1 };

struct acpi_gas { /* generic address: where a register is */
    u64 addr;     /* 0: there is none */
    u8 space;     /* enum acpi_space */
    u8 bits;      /* width of the register; 0: not told */
    u8 access;    /* 1 byte, 2 word, 3 dword, 4 qword; 0: not told */
};

/* Flags of an interrupt input, as MADT writes them (MPS INTI): polarity and trigger; 0 in either: as the bus has it. */
#define ACPI_INTI_POLARITY 0x3 /* 1 active high, 3 active low */
#define ACPI_INTI_TRIGGER  0xc /* 4 edge, 12 level */

struct acpi_info {
    bool found; /* an RSDP was there and a root table could be read */
    u8 revision;
    u32 tables, bad, lost; /* read; refused by length or checksum; entries beyond the bounds above */
    char oem[7];

    /* MADT */
    bool madt;
    bool pic; /* two 8259 are there and must be masked */
    u64 lapic_addr;
    u32 cpus, cpus_disabled;
    u32 cpu_apic_id[ACPI_CPUS]; /* in the order of the table, each once */
    u32 cpu_uid[ACPI_CPUS];     /* ACPI's own number: what an NMI entry names */
    u32 ioapics;
    struct acpi_ioapic {
        u64 addr;
        u32 gsi_base;
        u8 id;
    } ioapic[ACPI_IOAPICS];
    u32 overrides;
    struct acpi_override {
        u32 gsi;
        u16 inti;
        u8 isa; /* the ISA line that arrives at gsi */
    } override[ACPI_OVERRIDES];
    u32 nmis;
    struct acpi_nmi {
        u32 uid; /* ~0: all CPUs */
        u16 inti;
        u8 lint; /* 0 or 1 */
    } nmi[ACPI_NMIS];

    /* MCFG */
    u32 ecams;
    struct acpi_ecam {
        u64 base;
        u16 segment;
        u8 first_bus, last_bus;
    } ecam[ACPI_ECAMS];

    /* HPET */
    u64 hpet_addr; /* 0: none */

    /* FADT */
    bool fadt;
    bool hw_reduced; /* no PM1 registers, no PM timer */
    bool vga_absent, cmos_rtc_absent, i8042_present;
    u16 sci_irq;
    u16 smi_port;                           /* 0: ACPI mode is on already */
    u8 smi_acpi_on;                         /* what to write there */
    struct acpi_gas pm1a_event, pm1b_event; /* status; enable follows at half the length */
    u8 pm1_event_len;
    struct acpi_gas pm1a_control, pm1b_control;
    struct acpi_gas pm_timer;
    bool pm_timer_32bit;
    struct acpi_gas reset; /* addr 0: none */
    u8 reset_value;
    struct acpi_gas sleep_control, sleep_status; /* hw_reduced alone */
    u8 century;                                  /* CMOS index; 0: none */
    u64 dsdt_addr;

    /* DSDT: virtio devices behind fixed windows (LNRO0005) */
    u32 virtio_mmios;
    struct acpi_virtio_mmio {
        u32 base, size, gsi;
        bool edge, low;
    } virtio_mmio[ACPI_VIRTIO_MMIOS];

    /* DSDT: a PCI host bridge, where there is no MCFG; its ECAM is in ecam[] */
    struct acpi_bridge {
        u64 ecam;       /* 0: none */
        u64 first, end; /* the window of its memory */
        u8 first_bus, last_bus;
        bool lines, low; /* gsi[] is known; active low */
        u32 gsi[4];      /* pin A..D of slot 0; of slot n the nth further */
    } bridge;

    /* DSDT: the _S5_ package */
    bool s5;
    u8 s5_a, s5_b; /* SLP_TYPa, SLP_TYPb */

    /* SPCR: the serial console that firmware names, when it is a 16550 */
    struct acpi_spcr {
        u64 base; /* 0: none */
        bool mmio, wide;
        u8 stride; /* bytes from register to register */
        u8 line;   /* ISA interrupt; 0: none */
        u32 gsi;   /* 0: none */
        u32 baud;  /* 0: leave as it is */
    } spcr;
};

/* Bytes of physical memory [phys, phys + n), or NULL. What it returned stays valid for the call of acpi_read. */
typedef const u8 *(*acpi_map)(void *arg, u64 phys, size_t n);

/* Looks for an RSDP in the n bytes at p, on 16-byte boundaries; returns its offset or -1. */
ssize acpi_rsdp_find(const u8 *p, size_t n);

/* Fills *a (cleared first) from the RSDP at `rsdp`. 0, or -ENOENT when there is no valid RSDP or root table. */
int acpi_read(struct acpi_info *a, u64 rsdp, acpi_map map, void *arg);

/* One table each, checked already by its caller (header, length, checksum): for tests. */
void acpi_read_madt(struct acpi_info *a, const u8 *p, size_t n);
void acpi_read_mcfg(struct acpi_info *a, const u8 *p, size_t n);
void acpi_read_hpet(struct acpi_info *a, const u8 *p, size_t n);
void acpi_read_fadt(struct acpi_info *a, const u8 *p, size_t n);
void acpi_read_spcr(struct acpi_info *a, const u8 *p, size_t n);
void acpi_read_virtio(struct acpi_info *a, const u8 *p, size_t n); /* acpi_virtio.c; likewise */
void acpi_read_bridge(struct acpi_info *a, const u8 *p, size_t n); /* acpi_bridge.c; likewise; after MCFG */
void acpi_read_s5(struct acpi_info *a, const u8 *p, size_t n);     /* n bytes of AML; bounded by n */

/* Length and checksum: a header of 36 bytes and a length field within [36, n]. */
bool acpi_table_ok(const u8 *p, size_t n);

#endif
