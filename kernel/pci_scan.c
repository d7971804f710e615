/* The walk over the PCI buses: functions, bridges, BARs, addresses. See pci_scan.h.
 *
 * Configuration space is a stranger's memory: BAR sizes are checked to be powers of two, bridges nest PCI_DEPTH deep at
 * most, buses are numbered by us and numbers only grow, and a function that answers everywhere is listed once per
 * address and no more often than PCI_FUNCTIONS in all.
 *
 *     pci_scan     who is there, how large are the BARs, what did firmware give
 *     pci_assign   addresses for the rest, largest first, so that natural alignment wastes nothing
 */
#include "kernel/pci_scan.h"

#include "lib/fmt.h"

#define VENDOR_ID      0x00
#define COMMAND        0x04
#define CLASS_REV      0x08
#define HEADER_TYPE    0x0e
#define BAR0           0x10
#define BUS_PRIMARY    0x18
#define IO_BASE        0x1c
#define MEM_BASE       0x20
#define PREFETCH_BASE  0x24
#define PREFETCH_HIGH  0x28
#define SUBSYSTEM      0x2c
#define IO_HIGH        0x30
#define INT_LINE       0x3c
#define INT_PIN        0x3d
#define COMMAND_IO     1u
#define COMMAND_MEM    2u
#define COMMAND_MASTER 4u
#define HEADER_BRIDGE  1u
#define HEADER_MULTI   0x80u

static u32 cfg_read(struct pci_scan *s, u16 bdf, unsigned off, unsigned size)
{
    return s->access.read(s->access.arg, bdf, off, size);
}

static void cfg_write(struct pci_scan *s, u16 bdf, unsigned off, unsigned size, u32 v)
{
    s->access.write(s->access.arg, bdf, off, size, v);
}

/* Writes ones, reads back what stuck, restores. Decoding is off meanwhile, so nothing sees the passing address. */
static u32 bar_mask(struct pci_scan *s, u16 bdf, unsigned i)
{
    u32 old = cfg_read(s, bdf, BAR0 + 4 * i, 4);
    cfg_write(s, bdf, BAR0 + 4 * i, 4, ~0u);
    u32 mask = cfg_read(s, bdf, BAR0 + 4 * i, 4);
    cfg_write(s, bdf, BAR0 + 4 * i, 4, old);
    return mask;
}

/* Fills b from BAR i; returns how many of the six words it takes. */
static unsigned bar_read(struct pci_scan *s, u16 bdf, unsigned i, unsigned bars, struct bus_bar *b)
{
    u32 low = cfg_read(s, bdf, BAR0 + 4 * i, 4);
    u32 mask = bar_mask(s, bdf, i);

    *b = (struct bus_bar){0};
    if (!mask || mask == ~0u)
        return 1;
    b->port = mask & 1;
    if (b->port) {
        b->base = low & 0xfffcu;
        b->size = ((~(mask | 0xffff0000u) | 3u) & 0xffffu) + 1;
    } else {
        b->wide = (mask & 6) == 4 && i + 1 < bars;
        b->prefetch = mask & 8;
        b->base = low & ~0xfull;
        u64 wide_mask = mask & ~0xfull;
        if (b->wide) {
            b->base |= (u64)cfg_read(s, bdf, BAR0 + 4 * i + 4, 4) << 32;
            wide_mask |= (u64)bar_mask(s, bdf, i + 1) << 32;
        } else {
            wide_mask |= 0xffffffffull << 32;
        }
        b->size = ~wide_mask + 1;
    }
    if (!is_pow2(b->size)) {
        bool wide = b->wide;
        *b = (struct bus_bar){0}; /* no real device answers so: leave it alone */
        return wide ? 2 : 1;
    }
    return b->wide ? 2 : 1;
}

static void read_bars(struct pci_scan *s, struct pci_function *f, unsigned bars)
{
    u32 command = cfg_read(s, f->bdf, COMMAND, 2);
    cfg_write(s, f->bdf, COMMAND, 2, command & ~(COMMAND_IO | COMMAND_MEM));
    for (unsigned i = 0; i < bars;)
        i += bar_read(s, f->bdf, i, bars, &f->dev.bar[i]);
    cfg_write(s, f->bdf, COMMAND, 2, command);
}

/* Where a function stands below the root bus: INTx pins rotate by the slot at each bridge. */
struct place {
    u8 bus, depth;
    bool behind_bridge;
    u8 root_slot, pin_shift; /* of the bridge chain above */
};

static void scan_bus(struct pci_scan *s, struct place at);

/* Numbers are given afresh whatever firmware gave, in the order of the walk: so no bridge can point back. */
static void bridge_open(struct pci_scan *s, struct pci_function *f, struct place at)
{
    u16 bdf = f->bdf;
    u8 slot = bdf >> 3 & 31;

    if (at.depth + 1 >= PCI_DEPTH || s->last_bus == 255) {
        cfg_write(s, bdf, BUS_PRIMARY, 4, 0); /* leads nowhere */
        return;
    }
    u8 secondary = ++s->last_bus;
    cfg_write(s, bdf, BUS_PRIMARY, 4, (u32)at.bus | (u32)secondary << 8 | 0xffu << 16);
    scan_bus(s, (struct place){.bus = secondary,
                               .depth = (u8)(at.depth + 1),
                               .behind_bridge = true,
                               .root_slot = at.behind_bridge ? at.root_slot : slot,
                               .pin_shift = at.behind_bridge ? (u8)(at.pin_shift + slot) : 0});
    cfg_write(s, bdf, BUS_PRIMARY + 2, 1, s->last_bus); /* now it is known which buses are behind it */
    f->secondary = secondary;
    f->last_bus = s->last_bus;
}

static void add_function(struct pci_scan *s, u16 bdf, u32 id, struct place at)
{
    unsigned header = cfg_read(s, bdf, HEADER_TYPE, 1) & 0x7f;
    u8 slot = bdf >> 3 & 31;

    if (s->count == PCI_FUNCTIONS) {
        s->beyond++;
        return;
    }
    struct pci_function *f = &s->fn[s->count++];
    *f = (struct pci_function){.bdf = bdf};
    f->dev.kind = BUS_PCI;
    f->dev.vendor = (u16)id;
    f->dev.device = (u16)(id >> 16);
    f->dev.class_rev = cfg_read(s, bdf, CLASS_REV, 4);
    f->bridge = header == HEADER_BRIDGE && f->dev.class_rev >> 16 == 0x0604;
    f->dev.intx_pin = min((u8)cfg_read(s, bdf, INT_PIN, 1), (u8)4);
    f->irq_line = (u8)cfg_read(s, bdf, INT_LINE, 1);
    f->root_slot = at.behind_bridge ? at.root_slot : slot;
    u8 pin = f->dev.intx_pin ? (u8)(f->dev.intx_pin - 1) : 0;
    f->root_pin = at.behind_bridge ? (u8)((pin + slot + at.pin_shift) & 3) : pin;
    if (header == 0) {
        u32 sub = cfg_read(s, bdf, SUBSYSTEM, 4);
        f->dev.subvendor = (u16)sub;
        f->dev.subdevice = (u16)(sub >> 16);
    }
    fmt(f->dev.name, sizeof(f->dev.name), "0000:%02x:%02x.%u", bdf >> 8, slot, bdf & 7);
    read_bars(s, f, header == 0 ? 6 : header == HEADER_BRIDGE ? 2 : 0);
}

static void scan_slot(struct pci_scan *s, unsigned slot, struct place at)
{
    for (unsigned fn = 0; fn < 8; fn++) {
        u16 bdf = PCI_BDF(at.bus, slot, fn);
        u32 id = cfg_read(s, bdf, VENDOR_ID, 4);
        if ((id & 0xffff) == 0xffff || id == 0) {
            if (fn == 0)
                return;
            continue;
        }
        unsigned header = cfg_read(s, bdf, HEADER_TYPE, 1);
        add_function(s, bdf, id, at);
        if ((header & 0x7f) == HEADER_BRIDGE) /* closed, lest two claim one number while they are renumbered */
            cfg_write(s, bdf, BUS_PRIMARY, 4, 0);
        if (fn == 0 && !(header & HEADER_MULTI))
            return;
    }
}

/* All functions of a bus, then what is behind its bridges: so the list is in the order of addresses. */
static void scan_bus(struct pci_scan *s, struct place at)
{
    unsigned first = s->count;
    for (unsigned slot = 0; slot < 32; slot++)
        scan_slot(s, slot, at);
    unsigned end = s->count;
    for (unsigned k = first; k < end; k++)
        if (s->fn[k].bridge)
            bridge_open(s, &s->fn[k], at);
}

void pci_scan(struct pci_scan *s)
{
    s->count = s->beyond = s->unassigned = 0;
    s->last_bus = 0;
    scan_bus(s, (struct place){0});
}

static bool window_take(struct pci_window *w, u64 size, u64 *base)
{
    u64 at = round_up(w->next, size);
    if (at < w->next || at >= w->end || w->end - at < size)
        return false;
    *base = at;
    w->next = at + size;
    return true;
}

static bool place_bar(struct pci_scan *s, struct pci_function *f, unsigned i)
{
    struct bus_bar *b = &f->dev.bar[i];
    bool ok;

    if (b->port)
        ok = window_take(&s->io, max(b->size, 16ull), &b->base);
    else /* pages of their own, so that no two devices share a mapping */
        ok = window_take(&s->mem32, max(b->size, 4096ull), &b->base) ||
             (b->wide && f->bdf >> 8 == 0 && window_take(&s->mem64, max(b->size, 4096ull), &b->base));
    if (!ok)
        return false;
    cfg_write(s, f->bdf, BAR0 + 4 * i, 4, (u32)b->base);
    if (b->wide)
        cfg_write(s, f->bdf, BAR0 + 4 * i + 4, 4, (u32)(b->base >> 32));
    return true;
}

/* One bridge window for all of a bus would need the sizes behind it first; a bridge's window is opened over all that
 * was given out below it instead: from `first` on, in the bridge's granularity. What nothing was given out of is
 * closed: after a reset it may stand open. */
static void io_window(struct pci_scan *s, u16 bdf, u64 first)
{
    bool any = s->io.next > first;

    cfg_write(s, bdf, IO_BASE, 1, any ? (u32)(first >> 8 & 0xf0) : 0xf0);
    cfg_write(s, bdf, IO_BASE + 1, 1, any ? (u32)((s->io.next - 1) >> 8 & 0xf0) : 0);
    cfg_write(s, bdf, IO_HIGH, 4, 0);
}

static void mem_window(struct pci_scan *s, u16 bdf, u64 first)
{
    bool any = s->mem32.next > first;

    cfg_write(s, bdf, MEM_BASE, 2, any ? (u32)(first >> 16 & 0xfff0) : 0xfff0);
    cfg_write(s, bdf, MEM_BASE + 2, 2, any ? (u32)((s->mem32.next - 1) >> 16 & 0xfff0) : 0);
    cfg_write(s, bdf, PREFETCH_BASE, 2, 0xfff0);
    cfg_write(s, bdf, PREFETCH_BASE + 2, 2, 0);
    cfg_write(s, bdf, PREFETCH_HIGH, 4, 0);
    cfg_write(s, bdf, PREFETCH_HIGH + 4, 4, 0);
}

static void assign_bus(struct pci_scan *s, u8 bus);

/* Largest first within a bus; true when BARs of that size were seen. */
static void assign_size(struct pci_scan *s, u8 bus, u64 size)
{
    for (unsigned k = 0; k < s->count; k++) {
        struct pci_function *f = &s->fn[k];
        if (f->bdf >> 8 != bus)
            continue;
        for (unsigned i = 0; i < BUS_BARS; i++) {
            struct bus_bar *b = &f->dev.bar[i];
            if (b->size == size && !b->base && !place_bar(s, f, i))
                s->unassigned++;
        }
    }
}

/* Is there a BAR of that kind behind the bridge that has an address, or has none? */
static bool has_bar(const struct pci_scan *s, const struct pci_function *bridge, bool port, bool placed)
{
    for (unsigned k = 0; k < s->count; k++) {
        u8 bus = (u8)(s->fn[k].bdf >> 8);
        for (unsigned i = 0; bus >= bridge->secondary && bus <= bridge->last_bus && i < BUS_BARS; i++) {
            const struct bus_bar *b = &s->fn[k].dev.bar[i];
            if (b->size && b->port == port && !b->base != placed)
                return true;
        }
    }
    return false;
}

/* A bridge has one window of a kind: where firmware has opened it for one BAR, no other finds room behind it. */
static void assign_behind(struct pci_scan *s, struct pci_function *f)
{
    bool io_kept = has_bar(s, f, true, true), mem_kept = has_bar(s, f, false, true);
    u64 io_end = s->io.end, mem_end = s->mem32.end;

    s->io.next = round_up(s->io.next, 4096);
    s->mem32.next = round_up(s->mem32.next, MIB);
    u64 io = s->io.next, mem = s->mem32.next;
    s->io.end = io_kept ? 0 : io_end;
    s->mem32.end = mem_kept ? 0 : mem_end;
    assign_bus(s, f->secondary);
    s->io = (struct pci_window){round_up(s->io.next, 4096), io_end};
    s->mem32 = (struct pci_window){round_up(s->mem32.next, MIB), mem_end};
    if (!io_kept)
        io_window(s, f->bdf, io);
    if (!mem_kept)
        mem_window(s, f->bdf, mem);
    u32 command = cfg_read(s, f->bdf, COMMAND, 2);
    cfg_write(s, f->bdf, COMMAND, 2, command | COMMAND_IO | COMMAND_MEM | COMMAND_MASTER);
}

static void assign_bridges(struct pci_scan *s, u8 bus)
{
    for (unsigned k = 0; k < s->count; k++) {
        struct pci_function *f = &s->fn[k];
        if (f->bdf >> 8 == bus && f->secondary && (has_bar(s, f, true, false) || has_bar(s, f, false, false)))
            assign_behind(s, f);
    }
}

static void assign_bus(struct pci_scan *s, u8 bus)
{
    u64 sizes = 0; /* bit n: some BAR here of 2^n bytes has no address */

    for (unsigned k = 0; k < s->count; k++)
        for (unsigned i = 0; s->fn[k].bdf >> 8 == bus && i < BUS_BARS; i++)
            if (s->fn[k].dev.bar[i].size && !s->fn[k].dev.bar[i].base)
                sizes |= s->fn[k].dev.bar[i].size;
    for (; sizes; sizes &= ~(1ull << log2_floor(sizes)))
        assign_size(s, bus, 1ull << log2_floor(sizes));
    assign_bridges(s, bus);
}

/* A kind of which one BAR has no address stays off: it would answer at address 0. */
static void decode_on(struct pci_scan *s, struct pci_function *f)
{
    u32 command = cfg_read(s, f->bdf, COMMAND, 2), on = 0, off = 0;

    for (unsigned i = 0; i < BUS_BARS; i++) {
        u32 bit = f->dev.bar[i].port ? COMMAND_IO : COMMAND_MEM;
        if (f->dev.bar[i].base)
            on |= bit;
        else if (f->dev.bar[i].size)
            off |= bit;
    }
    u32 want = (command | on) & ~off;
    if (want != command)
        cfg_write(s, f->bdf, COMMAND, 2, want);
}

void pci_assign(struct pci_scan *s)
{
    assign_bus(s, 0);
    for (unsigned k = 0; k < s->count; k++)
        decode_on(s, &s->fn[k]);
}
