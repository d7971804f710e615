/* ACPI tables built by hand, sound and broken, and what is read from them. */
#include "kernel/acpi_table.h"
#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/string.h"

#define MEMORY 8192

static u8 memory[MEMORY];
static size_t used;

static const u8 *map(void *arg, u64 phys, size_t n)
{
    return phys < MEMORY && n <= MEMORY - phys ? memory + phys : NULL;
}

static void fix_sum(u8 *p, size_t n, size_t at)
{
    u8 sum = 0;
    p[at] = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    p[at] = (u8)-sum;
}

/* A table of this signature with n bytes behind the header; returns where it lies. */
static u64 add_table(const char *signature, const void *body, size_t n)
{
    u64 at = used = (used + 15) & ~15ull;
    u8 *p = memory + at;
    memset(p, 0, 36 + n);
    memcpy(p, signature, 4);
    store_le32(p + 4, (u32)(36 + n));
    p[8] = 4;
    memcpy(p + 10, "WEIR  ", 6);
    if (n)
        memcpy(p + 36, body, n);
    fix_sum(p, 36 + n, 9);
    used += 36 + n;
    return at;
}

/* RSDP at 16, version 2, naming this XSDT and RSDT. */
static void set_rsdp(u64 xsdt, u32 rsdt)
{
    u8 *p = memory + 16;
    memset(p, 0, 36);
    memcpy(p, "RSD PTR ", 8);
    p[15] = xsdt ? 2 : 0;
    store_le32(p + 16, rsdt);
    store_le32(p + 20, 36);
    store_le64(p + 24, xsdt);
    fix_sum(p, 20, 8);
    fix_sum(p, 36, 32);
}

static void start(void)
{
    memset(memory, 0, sizeof(memory));
    used = 64;
}

static void set_root(const u64 *table, size_t n)
{
    set_rsdp(add_table("XSDT", table, n * 8), 0);
}

/* ---- MADT ---- */

static const u8 madt[] = {
    0x00, 0x00, 0xe0, 0xfe, 1,  0, 0,    0,                               /* local APIC, 8259s are there */
    0,    8,    7,    0,    1,  0, 0,    0,                               /* CPU 0, uid 7 */
    0,    8,    8,    2,    1,  0, 0,    0,                               /* CPU with APIC id 2 */
    0,    8,    9,    3,    0,  0, 0,    0,                               /* an empty socket */
    9,    16,   0,    0,    2,  0, 0,    0,    1,    0, 0, 0, 8, 0, 0, 0, /* the second again, as x2APIC */
    9,    16,   0,    0,    0,  1, 0,    0,    1,    0, 0, 0, 9, 0, 0, 0, /* id 256 */
    1,    12,   4,    0,    0,  0, 0xc0, 0xfe, 24,   0, 0, 0,             /* I/O APIC, from GSI 24 */
    2,    10,   0,    9,    20, 0, 0,    0,    0x0d, 0,                   /* ISA 9 at GSI 20, high, level */
    4,    6,    0xff, 5,    0,  1,                                        /* LINT1 of all */
    200,  4,    1,    2,                                                  /* of a kind that we do not know */
    5,    12,   0,    0,    0,  0, 0,    0xfd, 1,    0, 0, 0,             /* the local APIC is elsewhere */
};

TEST(acpi_madt)
{
    struct acpi_info a;
    start();
    const u64 tables[] = {add_table("APIC", madt, sizeof(madt))};
    set_root(tables, 1);
    CHECK_EQ(acpi_rsdp_find(memory, MEMORY), 16);
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK(a.found && a.madt && a.pic);
    CHECK_STR(a.oem, "WEIR  ");
    CHECK_EQ(a.cpus, 3);
    CHECK_EQ(a.cpus_disabled, 1);
    CHECK_EQ(a.cpu_apic_id[1], 2);
    CHECK_EQ(a.cpu_uid[0], 7);
    CHECK_EQ(a.cpu_apic_id[2], 256);
    CHECK_EQ(a.ioapics, 1);
    CHECK_EQ(a.ioapic[0].addr, 0xfec00000);
    CHECK_EQ(a.ioapic[0].gsi_base, 24);
    CHECK_EQ(a.overrides, 1);
    CHECK_EQ(a.override[0].isa, 9);
    CHECK_EQ(a.override[0].gsi, 20);
    CHECK_EQ(a.override[0].inti, 13);
    CHECK_EQ(a.nmis, 1);
    CHECK_EQ(a.nmi[0].uid, ~0u);
    CHECK_EQ(a.nmi[0].lint, 1);
    CHECK_EQ(a.lapic_addr, 0x1fd000000);
    CHECK_EQ(a.bad + a.lost, 0);
}

TEST(acpi_madt_entry_of_length_0_ends_it)
{
    struct acpi_info a = {0};
    u8 p[36 + 8 + 4] = {0};
    acpi_read_madt(&a, p, sizeof(p));
    CHECK_EQ(a.lost, 1);
    p[36 + 8 + 1] = 200; /* longer than the table */
    acpi_read_madt(&a, p, sizeof(p));
    CHECK_EQ(a.lost, 2);
    CHECK_EQ(a.cpus, 0);
}

TEST(acpi_more_cpus_than_there_is_room)
{
    struct acpi_info a = {0};
    static u8 p[36 + 8 + 8 * (ACPI_CPUS + 5)];
    for (unsigned i = 0; i < ACPI_CPUS + 5; i++) {
        u8 *e = p + 44 + 8 * i;
        e[1] = 8;
        e[3] = (u8)i;
        e[4] = 1;
    }
    acpi_read_madt(&a, p, sizeof(p));
    CHECK_EQ(a.cpus, ACPI_CPUS);
    CHECK_EQ(a.lost, 5);
}

/* ---- FADT, DSDT ---- */

static void put_gas(u8 *p, u8 space, u8 bits, u64 addr)
{
    p[0] = space;
    p[1] = bits;
    store_le64(p + 4, addr);
}

static u64 add_dsdt(void)
{
    static const u8 aml[] = {0x10, 0x05, 0x5f, 0x53, 0x35, 0x5f, 0x08, '_',  'S',  '5',
                             '_',  0x12, 0x07, 0x04, 0x0a, 0x05, 0x0a, 0x06, 0x00, 0x00};
    return add_table("DSDT", aml, sizeof(aml));
}

TEST(acpi_fadt)
{
    struct acpi_info a;
    u8 t[276] = {0}; /* offsets are those of the table; its header is add_table's */
    const u8 *body = t + 36;
    start();
    store_le32(t + 40, (u32)add_dsdt());
    store_le16(t + 46, 9);
    store_le32(t + 48, 0xb2);
    t[52] = 0xf1;
    store_le32(t + 56, 0x600);
    store_le32(t + 64, 0x604);
    store_le32(t + 76, 0x608);
    t[88] = 4;
    t[91] = 4;
    t[108] = 0x32;
    store_le16(t + 109, 2);
    store_le32(t + 112, 1u << 10);
    put_gas(t + 116, 1, 8, 0xcf9);
    t[128] = 0x0f;
    put_gas(t + 172, 1, 16, 0x804); /* the extended one counts */
    const u64 tables[] = {add_table("FACP", body, sizeof(t) - 36)};
    set_root(tables, 1);
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK(a.fadt && !a.hw_reduced && a.i8042_present);
    CHECK_EQ(a.sci_irq, 9);
    CHECK_EQ(a.smi_port, 0xb2);
    CHECK_EQ(a.smi_acpi_on, 0xf1);
    CHECK_EQ(a.pm1a_event.addr, 0x600);
    CHECK_EQ(a.pm1a_control.addr, 0x804);
    CHECK_EQ(a.pm_timer.addr, 0x608);
    CHECK(!a.pm_timer_32bit);
    CHECK_EQ(a.reset.addr, 0xcf9);
    CHECK_EQ(a.reset_value, 0x0f);
    CHECK_EQ(a.century, 0x32);
    CHECK(a.s5);
    CHECK_EQ(a.s5_a, 5);
    CHECK_EQ(a.s5_b, 6);
}

TEST(acpi_s5_cut_short)
{
    static const u8 aml[] = {0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x00, 0x01, 0x00, 0x00};
    for (size_t n = 0; n <= sizeof(aml); n++) {
        struct acpi_info a = {0};
        acpi_read_s5(&a, aml, n);
        CHECK_EQ(a.s5, n >= 10);
    }
}

/* ---- the others ---- */

TEST(acpi_mcfg_hpet_spcr)
{
    struct acpi_info a;
    u8 mcfg[8 + 32] = {0}, hpet[20] = {0}, spcr[44] = {0};
    start();
    store_le64(mcfg + 8, 0xb0000000);
    mcfg[8 + 11] = 255;
    store_le64(mcfg + 24, 0); /* an entry without an address */
    put_gas(hpet + 4, 0, 64, 0xfed00000);
    put_gas(spcr + 4, 1, 8, 0x3f8);
    spcr[58 - 36] = 7;
    const u64 tables[] = {add_table("MCFG", mcfg, sizeof(mcfg)), add_table("HPET", hpet, sizeof(hpet)),
                          add_table("SPCR", spcr, sizeof(spcr)), 0, 0x100000};
    set_root(tables, 5);
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK_EQ(a.ecams, 1);
    CHECK_EQ(a.ecam[0].base, 0xb0000000);
    CHECK_EQ(a.ecam[0].last_bus, 255);
    CHECK_EQ(a.lost, 1);
    CHECK_EQ(a.bad, 1); /* the one outside of memory */
    CHECK_EQ(a.hpet_addr, 0xfed00000);
    CHECK_EQ(a.spcr.base, 0x3f8);
    CHECK_EQ(a.spcr.stride, 1);
    CHECK_EQ(a.spcr.baud, 115200);
}

/* One SPCR: revision, kind, space, bits, access, kind of interrupt, its line, its GSI. */
static struct acpi_spcr spcr(u8 revision, u8 kind, const u8 gas[3], u64 addr, u8 irq, u8 line, u32 gsi)
{
    u8 p[80] = {[8] = revision, [36] = kind, [52] = irq, [53] = line, [58] = 3};
    struct acpi_info a = {0};
    put_gas(p + 40, gas[0], gas[1], addr);
    p[43] = gas[2];
    store_le32(p + 54, gsi);
    acpi_read_spcr(&a, p, sizeof(p));
    return a.spcr;
}

TEST(acpi_spcr_places)
{
    static const u8 port[3] = {1, 8, 1}, bytes[3] = {0, 8, 1}, words[3] = {0, 32, 3}, spaced[3] = {0, 32, 1},
                    old[3] = {0, 32, 0}, smbus[3] = {4, 8, 1};
    struct acpi_spcr s = spcr(2, 0, port, 0x2f8, 1, 3, 0);
    CHECK(!s.mmio && !s.wide && s.stride == 1 && s.line == 3 && !s.gsi && s.base == 0x2f8 && s.baud == 9600);
    s = spcr(2, 0x12, bytes, 0xfe001000, 2, 0, 17);
    CHECK(s.mmio && !s.wide && s.stride == 1 && !s.line && s.gsi == 17);
    s = spcr(2, 0x12, words, 0xfe001000, 0, 9, 17);
    CHECK(s.mmio && s.wide && s.stride == 4 && !s.line && !s.gsi);
    s = spcr(2, 0x12, spaced, 0xfe001000, 3, 9, 9);
    CHECK(s.mmio && !s.wide && s.stride == 4 && s.line == 9);
    s = spcr(2, 0, old, 0xfe001000, 1, 200, 0);
    CHECK(s.wide && s.stride == 4 && !s.line);
    CHECK_EQ(spcr(2, 3, words, 0xfe001000, 0, 0, 0).base, 0); /* a PL011 */
    CHECK_EQ(spcr(1, 5, port, 0x3f8, 0, 0, 0).base, 0x3f8);   /* before revision 2: all were 16550 */
    CHECK_EQ(spcr(2, 0, smbus, 0x3f8, 0, 0, 0).base, 0);      /* a space that we do not serve */
    CHECK_EQ(spcr(2, 0, port, 0x10000, 0, 0, 0).base, 0);     /* no port */
    CHECK_EQ(spcr(2, 0, port, 0, 0, 0, 0).base, 0);           /* "there is no console" */
}

/* ---- broken ones ---- */

TEST(acpi_bad_checksums_are_refused)
{
    struct acpi_info a;
    start();
    const u64 at = add_table("APIC", madt, sizeof(madt)), tables[] = {at};
    set_root(tables, 1);
    memory[at + 50] ^= 1;
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK(!a.madt);
    CHECK_EQ(a.bad, 1);
    memory[at + 50] ^= 1;
    store_le32(memory + at + 4, 0xffffff00); /* a length beyond everything */
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK_EQ(a.bad, 1);
    store_le32(memory + at + 4, 8); /* shorter than its header */
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK_EQ(a.bad, 1);
    memory[16 + 3] = 'x';
    CHECK_EQ(acpi_read(&a, 16, map, NULL), -ENOENT);
    CHECK_EQ(acpi_rsdp_find(memory, MEMORY), -1);
    CHECK_EQ(acpi_read(&a, MEMORY - 4, map, NULL), -ENOENT);
}

/* A broken XSDT: the RSDT serves. */
TEST(acpi_rsdt_stands_in)
{
    struct acpi_info a;
    start();
    u32 table = (u32)add_table("APIC", madt, sizeof(madt));
    u32 rsdt = (u32)add_table("RSDT", &table, 4);
    set_rsdp(0x1f00, rsdt);
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK(a.madt);
    set_rsdp(0, rsdt);
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK(a.madt);
    set_rsdp(0, 0);
    CHECK_EQ(acpi_read(&a, 16, map, NULL), -ENOENT);
}

/* Any single byte of memory changed: nothing worse than a refusal (the sanitizers look on). */
TEST(acpi_any_byte_may_be_wrong)
{
    struct acpi_info a;
    start();
    u8 body[276 - 36] = {0};
    store_le32(body + 4, (u32)add_dsdt());
    const u64 tables[] = {add_table("APIC", madt, sizeof(madt)), add_table("FACP", body, sizeof(body))};
    set_root(tables, 2);
    for (size_t i = 0; i < used; i++) {
        u8 was = memory[i];
        memory[i] = (u8)test_rand();
        acpi_read(&a, 16, map, NULL);
        memory[i] = was;
    }
    CHECK_EQ(acpi_read(&a, 16, map, NULL), 0);
    CHECK(a.madt && a.fadt && a.s5);
}
