/* ACPI's static tables, from bytes to struct acpi_info.
 *
 *     RSDP --> XSDT (or RSDT) --> MADT "APIC"   processors, I/O APICs, overrides, NMI pins
 *                             --> FADT "FACP"   registers for power, PM timer, reset  --> DSDT: _S5_
 *                             --> MCFG, HPET, SPCR
 *
 * Used by kernel/acpi.c on the machine's memory and by tests and the fuzzer on any. It allocates nothing, keeps no
 * pointer, never reads beyond the n bytes it was given, and never interprets AML: the one package wanted from it, _S5_,
 * is found by its bytes.
 */
#include "kernel/acpi_table.h"

#include "lib/byteorder.h"
#include "lib/string.h"

#define HEADER_LEN 36
#define RSDP_LEN   20 /* revision 0 */
#define RSDP2_LEN  36

static bool sums_to_zero(const u8 *p, size_t n)
{
    u8 sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    return sum == 0;
}

bool acpi_table_ok(const u8 *p, size_t n)
{
    if (n < HEADER_LEN)
        return false;
    u32 len = load_le32(p + 4);
    return len >= HEADER_LEN && len <= n && sums_to_zero(p, len);
}

static bool rsdp_ok(const u8 *p, size_t n)
{
    return n >= RSDP_LEN && memcmp(p, "RSD PTR ", 8) == 0 && sums_to_zero(p, RSDP_LEN);
}

ssize acpi_rsdp_find(const u8 *p, size_t n)
{
    for (size_t at = 0; at + RSDP_LEN <= n; at += 16)
        if (rsdp_ok(p + at, n - at))
            return (ssize)at;
    return -1;
}

/* A field of `size` bytes at `off`, 0 when the table ends before it: older revisions are shorter. */
static u64 field(const u8 *p, size_t n, size_t off, unsigned size)
{
    if (off + size > n)
        return 0;
    switch (size) {
    case 1: return p[off];
    case 2: return load_le16(p + off);
    case 4: return load_le32(p + off);
    default: return load_le64(p + off);
    }
}

static struct acpi_gas gas_field(const u8 *p, size_t n, size_t off)
{
    struct acpi_gas g = {0};
    if (off + 12 > n)
        return g;
    g.space = p[off];
    g.bits = p[off + 1];
    g.access = p[off + 3];
    g.addr = load_le64(p + off + 4);
    if (g.space > ACPI_PORT || (g.space == ACPI_PORT && g.addr > 0xffff))
        g.addr = 0; /* a space that we do not serve */
    return g;
}

/* ---- MADT ---- */

static void madt_cpu(struct acpi_info *a, u32 apic_id, u32 uid, u32 flags)
{
    if (!(flags & 1)) { /* not enabled: an empty socket */
        a->cpus_disabled++;
        return;
    }
    for (u32 i = 0; i < a->cpus; i++)
        if (a->cpu_apic_id[i] == apic_id)
            return; /* told twice, as a local APIC and as an x2APIC */
    if (a->cpus == ACPI_CPUS) {
        a->lost++;
        return;
    }
    a->cpu_apic_id[a->cpus] = apic_id;
    a->cpu_uid[a->cpus++] = uid;
}

static void madt_ioapic(struct acpi_info *a, const u8 *e)
{
    if (a->ioapics == ACPI_IOAPICS) {
        a->lost++;
        return;
    }
    a->ioapic[a->ioapics++] = (struct acpi_ioapic){.id = e[2], .addr = load_le32(e + 4), .gsi_base = load_le32(e + 8)};
}

static void madt_override(struct acpi_info *a, const u8 *e)
{
    if (a->overrides == ACPI_OVERRIDES) {
        a->lost++;
        return;
    }
    a->override[a->overrides++] =
        (struct acpi_override){.isa = e[3], .gsi = load_le32(e + 4), .inti = load_le16(e + 8)};
}

static void madt_nmi(struct acpi_info *a, u32 uid, u16 inti, u8 lint)
{
    if (lint > 1 || a->nmis == ACPI_NMIS) {
        a->lost++;
        return;
    }
    a->nmi[a->nmis++] = (struct acpi_nmi){.uid = uid, .inti = inti, .lint = lint};
}

static void madt_entry(struct acpi_info *a, const u8 *e, unsigned len)
{
    unsigned type = e[0];
    if (type == 0 && len >= 8)
        madt_cpu(a, e[3], e[2], load_le32(e + 4));
    else if (type == 1 && len >= 12)
        madt_ioapic(a, e);
    else if (type == 2 && len >= 10)
        madt_override(a, e);
    else if (type == 4 && len >= 6)
        madt_nmi(a, e[2] == 0xff ? ~0u : e[2], load_le16(e + 3), e[5]);
    else if (type == 5 && len >= 12)
        a->lapic_addr = load_le64(e + 4);
    else if (type == 9 && len >= 16)
        madt_cpu(a, load_le32(e + 4), load_le32(e + 12), load_le32(e + 8));
    else if (type == 10 && len >= 12)
        madt_nmi(a, load_le32(e + 4), load_le16(e + 2), e[8]);
}

void acpi_read_madt(struct acpi_info *a, const u8 *p, size_t n)
{
    if (n < HEADER_LEN + 8)
        return;
    a->madt = true;
    a->lapic_addr = load_le32(p + HEADER_LEN);
    a->pic = load_le32(p + HEADER_LEN + 4) & 1;
    for (size_t at = HEADER_LEN + 8; at + 2 <= n;) {
        unsigned len = p[at + 1];
        if (len < 2 || at + len > n) {
            a->lost++;
            return; /* what follows cannot be found */
        }
        madt_entry(a, p + at, len);
        at += len;
    }
}

/* ---- MCFG, HPET, SPCR ---- */

void acpi_read_mcfg(struct acpi_info *a, const u8 *p, size_t n)
{
    for (size_t at = HEADER_LEN + 8; at + 16 <= n; at += 16) {
        struct acpi_ecam e = {.base = load_le64(p + at),
                              .segment = load_le16(p + at + 8),
                              .first_bus = p[at + 10],
                              .last_bus = p[at + 11]};
        if (a->ecams == ACPI_ECAMS || !e.base || e.last_bus < e.first_bus) {
            a->lost++;
            continue;
        }
        a->ecam[a->ecams++] = e;
    }
}

void acpi_read_hpet(struct acpi_info *a, const u8 *p, size_t n)
{
    struct acpi_gas g = gas_field(p, n, 40);
    if (g.space == ACPI_MEMORY && !a->hpet_addr)
        a->hpet_addr = g.addr;
}

/* Of the kinds of port that the table may name, those that are a 16550 or behave as one. */
static bool is_16550(const u8 *p, size_t n)
{
    enum { FULL_16550 = 0, SUBSET_16450 = 1, BY_GAS_16550 = 0x12 };
    unsigned kind = p[36];
    return n > 36 && (p[8] < 2 || kind == FULL_16550 || kind == SUBSET_16450 || kind == BY_GAS_16550);
}

/* Register width 8, 16 or 32 bits: how far apart they are; accesses of 32 bits where the table says so. */
void acpi_read_spcr(struct acpi_info *a, const u8 *p, size_t n)
{
    static const u32 bauds[] = {[3] = 9600, [4] = 19200, [6] = 57600, [7] = 115200};
    enum { IRQ_8259 = 1, IRQ_GSI = 2 };
    struct acpi_gas g = gas_field(p, n, 40);
    unsigned kind = (unsigned)field(p, n, 52, 1), baud = (unsigned)field(p, n, 58, 1);
    struct acpi_spcr s = {.base = g.addr, .mmio = g.space == ACPI_MEMORY};

    if (!g.addr || n < 59 || !is_16550(p, n))
        return;
    s.stride = !s.mmio || g.bits <= 8 ? 1 : g.bits <= 16 ? 2 : 4;
    s.wide = s.mmio && (g.access ? g.access == 3 : g.bits == 32);
    s.line = kind & IRQ_8259 && p[53] < 16 ? p[53] : 0;
    s.gsi = kind & IRQ_GSI ? load_le32(p + 54) : 0;
    s.baud = baud < ARRAY_LEN(bauds) ? bauds[baud] : 0;
    a->spcr = s;
}

/* ---- FADT and _S5_ ---- */

/* The extended field when it is there and not zero, else the port of the old one. */
static struct acpi_gas pm_block(const u8 *p, size_t n, size_t x_off, size_t old_off, unsigned bits)
{
    struct acpi_gas g = gas_field(p, n, x_off);
    if (!g.addr)
        g = (struct acpi_gas){.space = ACPI_PORT, .addr = field(p, n, old_off, 4), .bits = (u8)bits};
    if (g.space == ACPI_PORT && g.addr > 0xffff)
        g.addr = 0;
    return g;
}

void acpi_read_fadt(struct acpi_info *a, const u8 *p, size_t n)
{
    enum { RESET_SUPPORTED = 1u << 10, TIMER_32BIT = 1u << 8, HW_REDUCED = 1u << 20 };
    u32 flags = (u32)field(p, n, 112, 4);
    unsigned boot = (unsigned)field(p, n, 109, 2);
    a->fadt = true;
    a->revision = n > 8 ? p[8] : 0;
    a->hw_reduced = flags & HW_REDUCED;
    /* The boot flags came with revision 3; before it everything of a PC was there. */
    a->i8042_present = n > 8 && p[8] >= 3 ? boot & 2 : true;
    a->vga_absent = boot & 4;
    a->cmos_rtc_absent = boot & 32;
    a->century = (u8)field(p, n, 108, 1);
    a->dsdt_addr = field(p, n, 140, 8);
    if (!a->dsdt_addr)
        a->dsdt_addr = field(p, n, 40, 4);
    if (flags & RESET_SUPPORTED) {
        a->reset = gas_field(p, n, 116);
        a->reset_value = (u8)field(p, n, 128, 1);
    }
    if (a->hw_reduced) {
        a->sleep_control = gas_field(p, n, 244);
        a->sleep_status = gas_field(p, n, 256);
        return;
    }
    a->sci_irq = (u16)field(p, n, 46, 2);
    a->smi_port = (u16)field(p, n, 48, 4);
    a->smi_acpi_on = (u8)field(p, n, 52, 1);
    a->pm1_event_len = (u8)field(p, n, 88, 1);
    a->pm1a_event = pm_block(p, n, 148, 56, 32);
    a->pm1b_event = pm_block(p, n, 160, 60, 32);
    a->pm1a_control = pm_block(p, n, 172, 64, 16);
    a->pm1b_control = pm_block(p, n, 184, 68, 16);
    if (field(p, n, 91, 1) == 4) { /* PM_TMR_LEN: 0 when there is none */
        a->pm_timer = pm_block(p, n, 208, 76, 32);
        a->pm_timer_32bit = flags & TIMER_32BIT;
    }
}

/* An integer of AML at p: its value through *v, and its length in bytes; 0 when it is none that a package of sleep
 * types may hold. */
static size_t aml_int(const u8 *p, size_t n, u8 *v)
{
    if (n >= 1 && p[0] <= 1) { /* ZeroOp, OneOp */
        *v = p[0];
        return 1;
    }
    if (n >= 2 && p[0] == 0x0a) { /* BytePrefix */
        *v = p[1];
        return 2;
    }
    return 0;
}

/* Name (_S5_, Package () { a, b, ... }):  08 '_S5_' 12 <length, 1-4 bytes> <count> <a> <b> */
static bool s5_at(struct acpi_info *a, const u8 *p, size_t n)
{
    if (n < 8 || memcmp(p, "_S5_", 4) != 0 || p[4] != 0x12)
        return false;
    size_t at = 5 + 1 + (p[5] >> 6); /* the length's first byte tells how many follow */
    if (at + 1 > n || p[at] < 1)
        return false;
    bool two = p[at++] >= 2;
    u8 s5_a = 0, s5_b = 0;
    size_t len = aml_int(p + at, n - at, &s5_a);
    if (!len)
        return false;
    if (two && !aml_int(p + at + len, n - at - len, &s5_b))
        return false;
    a->s5 = true;
    a->s5_a = s5_a & 7;
    a->s5_b = s5_b & 7;
    return true;
}

void acpi_read_s5(struct acpi_info *a, const u8 *p, size_t n)
{
    for (size_t at = 1; at + 4 <= n; at++) {
        bool named = p[at - 1] == 0x08 || (at >= 2 && p[at - 1] == '\\' && p[at - 2] == 0x08);
        if (named && p[at] == '_' && s5_at(a, p + at, n - at))
            return;
    }
}

/* ---- the walk ---- */

struct walk {
    struct acpi_info *a;
    acpi_map map;
    void *arg;
};

/* The whole table at phys, checked; NULL (and counted) when it is not sound. */
static const u8 *checked_table(struct walk *w, u64 phys, u32 *len)
{
    const u8 *p = phys ? w->map(w->arg, phys, HEADER_LEN) : NULL;
    if (p) {
        *len = load_le32(p + 4);
        p = *len >= HEADER_LEN && *len <= ACPI_TABLE_MAX ? w->map(w->arg, phys, *len) : NULL;
    }
    if (!p || load_le32(p + 4) != *len || !acpi_table_ok(p, *len)) {
        w->a->bad++;
        return NULL;
    }
    w->a->tables++;
    return p;
}

static void read_table(struct walk *w, u64 phys)
{
    static const struct {
        char signature[5];
        void (*read)(struct acpi_info *a, const u8 *p, size_t n);
    } readers[] = {{"APIC", acpi_read_madt},
                   {"FACP", acpi_read_fadt},
                   {"MCFG", acpi_read_mcfg},
                   {"HPET", acpi_read_hpet},
                   {"SPCR", acpi_read_spcr}};
    const u8 *head = phys ? w->map(w->arg, phys, HEADER_LEN) : NULL;
    if (!head) {
        w->a->bad++;
        return;
    }
    for (unsigned i = 0; i < ARRAY_LEN(readers); i++) {
        u32 len;
        const u8 *p;
        if (memcmp(head, readers[i].signature, 4) != 0)
            continue;
        p = checked_table(w, phys, &len);
        if (p)
            readers[i].read(w->a, p, len);
        return;
    }
}

/* Walks the root table; entries of 8 bytes (XSDT) or 4 (RSDT). */
static bool read_root(struct walk *w, u64 phys, const char *signature, unsigned entry)
{
    u32 len;
    const u8 *root = checked_table(w, phys, &len);
    if (!root || memcmp(root, signature, 4) != 0)
        return false;
    memcpy(w->a->oem, root + 10, 6);
    for (u32 at = HEADER_LEN; at + entry <= len && at < HEADER_LEN + 256 * entry; at += entry) {
        u64 table = entry == 8 ? load_le64(root + at) : load_le32(root + at);
        if (table)
            read_table(w, table);
        root = w->map(w->arg, phys, len); /* the map may have one window alone */
        if (!root)
            return false;
    }
    return true;
}

int acpi_read(struct acpi_info *a, u64 rsdp, acpi_map map, void *arg)
{
    struct walk w = {.a = a, .map = map, .arg = arg};
    *a = (struct acpi_info){0};
    const u8 *p = map(arg, rsdp, RSDP_LEN);
    if (!p || !rsdp_ok(p, RSDP_LEN))
        return -ENOENT;
    u64 rsdt = load_le32(p + 16), xsdt = 0;
    if (p[15] >= 2) {
        p = map(arg, rsdp, RSDP2_LEN);
        if (p && load_le32(p + 20) >= RSDP2_LEN && sums_to_zero(p, RSDP2_LEN))
            xsdt = load_le64(p + 24);
    }
    if (xsdt)
        a->found = read_root(&w, xsdt, "XSDT", 8);
    if (!a->found && rsdt)
        a->found = read_root(&w, rsdt, "RSDT", 4);
    if (!a->found)
        return -ENOENT;
    u32 len;
    const u8 *dsdt = a->dsdt_addr ? checked_table(&w, a->dsdt_addr, &len) : NULL;
    if (dsdt && memcmp(dsdt, "DSDT", 4) == 0) {
        acpi_read_s5(a, dsdt + HEADER_LEN, len - HEADER_LEN);
        acpi_read_virtio(a, dsdt + HEADER_LEN, len - HEADER_LEN);
        acpi_read_bridge(a, dsdt + HEADER_LEN, len - HEADER_LEN);
    }
    return 0;
}
