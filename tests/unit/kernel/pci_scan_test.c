/* kernel/pci_scan.c on made-up machines: firmware that assigned, firmware that did not, bridges, and hostile functions.
 */
#include "kernel/pci_scan.h"

#include "lib/check.h"
#include "lib/string.h"

#define FUNCTIONS 12

/* One function's configuration space: BAR masks say which address bits the hardware has. */
struct fake_fn {
    u16 bdf;
    u8 space[256];
    u32 bar_mask[6];
};

struct machine {
    struct fake_fn fn[FUNCTIONS];
    unsigned count;
};

static struct machine m;
static struct pci_scan s;

/* The bus on which a fake stands: 0, or what the bridge above it was told. */
static struct fake_fn *at(u16 bdf)
{
    for (unsigned i = 0; i < m.count; i++)
        if (m.fn[i].bdf == bdf)
            return &m.fn[i];
    return NULL;
}

static u32 fake_read(void *arg, u16 bdf, unsigned off, unsigned size)
{
    struct fake_fn *f = at(bdf);
    u32 v = ~0u;
    if (f)
        memcpy(&v, f->space + off, size);
    return size == 4 ? v : v & ((1u << 8 * size) - 1);
}

static void fake_write(void *arg, u16 bdf, unsigned off, unsigned size, u32 v)
{
    struct fake_fn *f = at(bdf);
    if (!f)
        return;
    if (off >= 0x10 && off < 0x28 && size == 4 && f->space[0x0e] % 0x80 == 0) {
        unsigned i = (off - 0x10) / 4;
        bool high = i && (f->bar_mask[i - 1] & 7) == 4;
        v = high ? v & f->bar_mask[i] : (v & f->bar_mask[i] & ~0xfu) | (f->bar_mask[i] & 0xf);
    }
    memcpy(f->space + off, &v, size);
}

static struct fake_fn *add(u16 bdf, u32 id, u32 class_rev, u8 header)
{
    struct fake_fn *f = &m.fn[m.count++];
    memset(f, 0, sizeof(*f));
    f->bdf = bdf;
    memcpy(f->space, &id, 4);
    memcpy(f->space + 8, &class_rev, 4);
    f->space[0x0e] = header;
    return f;
}

static void start(void)
{
    memset(&m, 0, sizeof(m));
    memset(&s, 0, sizeof(s));
    s.access = (struct pci_access){fake_read, fake_write, NULL};
    s.io = (struct pci_window){0xc000, 0x10000};
    s.mem32 = (struct pci_window){0xe0000000, 0xfec00000};
    s.mem64 = (struct pci_window){0x800000000, 0x900000000};
}

static u32 bar_of(const struct fake_fn *f, unsigned i)
{
    u32 v;
    memcpy(&v, f->space + 0x10 + 4 * i, 4);
    return v;
}

TEST(pci_scan_finds_functions_and_sizes)
{
    start();
    add(PCI_BDF(0, 0, 0), 0x29c08086, 0x06000000, 0);
    struct fake_fn *nic = add(PCI_BDF(0, 2, 0), 0x100e8086, 0x02000003, 0);
    nic->bar_mask[0] = 0xfffe0000; /* 128 KiB of memory */
    nic->bar_mask[1] = 0xffffffc1; /* 64 ports */
    nic->space[0x3d] = 1;
    add(PCI_BDF(0, 31, 0), 0x29188086, 0x06010002, 0x80);
    add(PCI_BDF(0, 31, 2), 0x29228086, 0x01060102, 0);

    pci_scan(&s);
    CHECK_EQ(s.count, 4);
    CHECK_STR(s.fn[1].dev.name, "0000:00:02.0");
    CHECK_EQ(s.fn[1].dev.vendor, 0x8086);
    CHECK_EQ(s.fn[1].dev.device, 0x100e);
    CHECK_EQ(s.fn[1].dev.bar[0].size, 0x20000);
    CHECK_EQ(s.fn[1].dev.bar[1].size, 64);
    CHECK(s.fn[1].dev.bar[1].port);
    CHECK_EQ(s.fn[1].dev.bar[0].base, 0);
    CHECK_EQ(s.fn[3].bdf, PCI_BDF(0, 31, 2));

    pci_assign(&s);
    CHECK_EQ(s.fn[1].dev.bar[0].base, 0xe0000000);
    CHECK_EQ(bar_of(nic, 0), 0xe0000000);
    CHECK_EQ(bar_of(nic, 1), 0xc001);
    CHECK_EQ(nic->space[4] & 3, 3);
    CHECK_EQ(s.unassigned, 0);
}

TEST(pci_scan_keeps_what_firmware_gave)
{
    start();
    struct fake_fn *f = add(PCI_BDF(0, 3, 0), 0x10411af4, 0x02000001, 0);
    f->bar_mask[4] = 0xffffc00c; /* 16 KiB, 64-bit, prefetchable */
    f->bar_mask[5] = 0xffffffff;
    u32 low = 0x0000400c, high = 8;
    memcpy(f->space + 0x20, &low, 4);
    memcpy(f->space + 0x24, &high, 4);
    pci_scan(&s);
    CHECK_EQ(s.fn[0].dev.bar[4].base, 0x800004000);
    CHECK_EQ(s.fn[0].dev.bar[4].size, 0x4000);
    CHECK(s.fn[0].dev.bar[4].wide && s.fn[0].dev.bar[4].prefetch);
    CHECK_EQ(s.fn[0].dev.bar[5].size, 0);
    pci_assign(&s);
    CHECK_EQ(s.fn[0].dev.bar[4].base, 0x800004000);
    CHECK_EQ(bar_of(f, 4), 0x0000400c);
    CHECK_EQ(bar_of(f, 5), 8);
}

TEST(pci_scan_large_bars_go_above_4g)
{
    start();
    struct fake_fn *f = add(PCI_BDF(0, 3, 0), 0x12345678, 0x03800000, 0);
    f->bar_mask[0] = 0x0000000c; /* 4 GiB, 64-bit */
    f->bar_mask[1] = 0xffffffff;
    f->bar_mask[2] = 0xffff0000;
    pci_scan(&s);
    pci_assign(&s);
    CHECK_EQ(s.fn[0].dev.bar[0].size, 4 * GIB);
    CHECK_EQ(s.fn[0].dev.bar[0].base, 0x800000000);
    CHECK_EQ(bar_of(f, 1), 8);
    CHECK_EQ(s.fn[0].dev.bar[2].base, 0xe0000000);
}

TEST(pci_scan_no_room_is_counted_and_stays_off)
{
    start();
    struct fake_fn *f = add(PCI_BDF(0, 3, 0), 0x12345678, 0x03800000, 0);
    f->bar_mask[0] = 0xc0000000; /* 1 GiB, 32-bit: more than the window */
    pci_scan(&s);
    pci_assign(&s);
    CHECK_EQ(s.unassigned, 1);
    CHECK_EQ(f->space[4] & 2, 0);
}

TEST(pci_scan_bridges_get_numbers_and_windows)
{
    start();
    struct fake_fn *bridge = add(PCI_BDF(0, 4, 0), 0x000c1b36, 0x06040000, 1);
    struct fake_fn *nic = add(PCI_BDF(1, 0, 0), 0x10411af4, 0x02000001, 0);
    nic->bar_mask[0] = 0xfffff000;
    nic->space[0x3d] = 1;
    pci_scan(&s);
    CHECK_EQ(s.count, 2);
    CHECK_EQ(bridge->space[0x19], 1);
    CHECK_EQ(bridge->space[0x1a], 1);
    CHECK_STR(s.fn[1].dev.name, "0000:01:00.0");
    CHECK_EQ(s.fn[1].root_slot, 4); /* INTA of slot 0 behind the bridge in slot 4 */
    CHECK_EQ(s.fn[1].root_pin, 0);
    pci_assign(&s);
    CHECK_EQ(s.fn[1].dev.bar[0].base, 0xe0000000);
    CHECK_EQ(bridge->space[0x20] | bridge->space[0x21] << 8, 0xe000);
    CHECK_EQ(bridge->space[0x22] | bridge->space[0x23] << 8, 0xe000);
    CHECK_EQ(bridge->space[4] & 7, 7);
    CHECK_EQ(bridge->space[0x1c] >> 4, 0xf); /* no ports, nothing prefetchable: base above limit */
    CHECK_EQ(bridge->space[0x1d] >> 4, 0);
    CHECK_EQ(bridge->space[0x24] | bridge->space[0x25] << 8, 0xfff0);
    CHECK_EQ(bridge->space[0x26] | bridge->space[0x27] << 8, 0);
}

/* What says that it is a bridge and has no bridge's header has BARs where a bridge has its numbers. */
TEST(pci_scan_class_of_a_bridge_is_not_enough)
{
    start();
    struct fake_fn *f = add(PCI_BDF(0, 4, 0), 0x12345678, 0x06040000, 0);
    u32 base = 0xf0000000;
    f->bar_mask[2] = 0xfffff000;
    memcpy(f->space + 0x18, &base, 4);
    pci_scan(&s);
    pci_assign(&s);
    CHECK_EQ(bar_of(f, 2), base);
    CHECK_EQ(s.last_bus, 0);
}

/* Both say that bus 1 is behind them, whatever was written. */
static u32 liars_read(void *arg, u16 bdf, unsigned off, unsigned size)
{
    return at(bdf) && off == 0x19 && size == 1   ? 1
           : at(bdf) && off == 0x1a && size == 1 ? 255
                                                 : fake_read(arg, bdf, off, size);
}

TEST(pci_scan_bridges_that_claim_one_bus)
{
    start();
    s.access.read = liars_read;
    add(PCI_BDF(0, 4, 0), 0x000c1b36, 0x06040000, 1);
    add(PCI_BDF(0, 5, 0), 0x000c1b36, 0x06040000, 1);
    add(PCI_BDF(1, 0, 0), 0x12345678, 0x03800000, 0)->bar_mask[0] = 0xc0000000; /* there is no room for it */
    pci_scan(&s);
    pci_assign(&s);
    CHECK_EQ(s.count, 3);
    CHECK_EQ(s.unassigned, 1);
}

/* Firmware ran out of room: what it has placed goes on working. */
TEST(pci_scan_windows_of_firmware_stay)
{
    start();
    struct fake_fn *bridge = add(PCI_BDF(0, 4, 0), 0x000c1b36, 0x06040000, 1);
    struct fake_fn *placed = add(PCI_BDF(1, 0, 0), 0x10411af4, 0x02000001, 0);
    struct fake_fn *left = add(PCI_BDF(1, 1, 0), 0x12345678, 0x03800000, 0);
    u32 base = 0xd0000000, window = 0xd000d000;
    placed->bar_mask[0] = left->bar_mask[0] = 0xfffff000;
    left->bar_mask[1] = 0xffffffc1;
    memcpy(placed->space + 0x10, &base, 4);
    memcpy(bridge->space + 0x20, &window, 4);
    pci_scan(&s);
    pci_assign(&s);
    CHECK_EQ(bar_of(placed, 0), base);
    CHECK(!memcmp(bridge->space + 0x20, &window, 4));
    CHECK_EQ(bar_of(left, 0), 0);
    CHECK_EQ(s.unassigned, 1);
    CHECK_EQ(bar_of(left, 1), 0xc001); /* of ports there is a window for us */
    CHECK_EQ(bridge->space[0x1c] >> 4, 0xc);
    CHECK_EQ(left->space[4] & 3, 1);
    CHECK_EQ(s.mem32.end, 0xfec00000);
}

TEST(pci_scan_firmware_numbers_do_not_matter)
{
    start();
    struct fake_fn *first = add(PCI_BDF(0, 1, 0), 0x000c1b36, 0x06040000, 1);
    struct fake_fn *second = add(PCI_BDF(0, 2, 0), 0x000c1b36, 0x06040000, 1);
    first->space[0x19] = first->space[0x1a] = 2; /* the other way round than we walk */
    second->space[0x19] = second->space[0x1a] = 1;
    first->space[0x20] = 0xf0, first->space[0x21] = 0xff; /* a window that is closed: base above limit */
    struct fake_fn *nic = add(PCI_BDF(1, 0, 0), 0x10411af4, 0x02000001, 0);
    nic->bar_mask[0] = 0xfffff000;
    add(PCI_BDF(2, 0, 0), 0x10411af4, 0x02000001, 0);
    pci_scan(&s);
    CHECK_EQ(s.count, 4);
    CHECK_EQ(first->space[0x19], 1);
    CHECK_EQ(second->space[0x19], 2);
    pci_assign(&s);
    CHECK_EQ(bar_of(nic, 0), 0xe0000000);
    CHECK_EQ(first->space[0x20] | first->space[0x21] << 8, 0xe000);
    CHECK_EQ(second->space[0x21], 0); /* nothing wanted behind it */
}

TEST(pci_scan_bridges_without_end)
{
    start();
    for (u16 bus = 0; bus < FUNCTIONS; bus++)
        add(PCI_BDF(bus, 1, 0), 0x000c1b36, 0x06040000, 1);
    pci_scan(&s);
    CHECK_EQ(s.count, PCI_DEPTH);
    CHECK_EQ(m.fn[PCI_DEPTH - 1].space[0x19], 0);
}

static u32 everywhere(void *arg, u16 bdf, unsigned off, unsigned size)
{
    u32 v = (u32)test_rand();
    if (off == 0x0e)
        v = test_rand() % 2 | 0x80;
    return size == 4 ? v : v & ((1u << 8 * size) - 1);
}

static void ignore(void *arg, u16 bdf, unsigned off, unsigned size, u32 v)
{
}

TEST(pci_scan_noise_is_bounded)
{
    for (int round = 0; round < 50; round++) {
        start();
        s.access = (struct pci_access){everywhere, ignore, NULL};
        pci_scan(&s);
        CHECK_LE(s.count, PCI_FUNCTIONS);
        pci_assign(&s);
    }
}
