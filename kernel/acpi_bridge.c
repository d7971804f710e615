/* The PCI host bridge in the DSDT, without an interpreter of AML, for machines that have no MCFG: QEMU's generic bridge
 * (machine microvm with pcie=on) tells its ECAM by _CBA, its window by _CRS, and its lines by four link devices, all
 * written out as constants.
 *
 *     Method (_CBA) { Return (base) }              "_CBA" 00 a4 0c base[4]                  ACPI 6.4, PCI
 * firmware 4.1.3 Name (_CRS, ... WordBusNumber                88 0d 00 02 .. .. gran[2] first[2] last[2] 6.4.3.5.3
 *                 DWordMemory                      87 17 00 00 .. .. gran[4] first[4]
 * last[4]                  6.4.3.5.2 Device (GSI0) { _PRS: Interrupt }            "GSI0" ... 89 06 00 flags 01 gsi[4]
 * 6.4.3.6
 *
 * A bounded scan: what belongs to a name lies at most REACH bytes behind it.
 */
#include "kernel/acpi_table.h"
#include "lib/byteorder.h"
#include "lib/string.h"

#define REACH 128

/* The first `tag` whose length is `len` and whose third byte is `kind`, in the n bytes at p; NULL: none. */
static const u8 *resource(const u8 *p, size_t n, u8 tag, u16 len, u8 kind)
{
    n = min(n, (size_t)REACH);
    for (size_t at = 0; at + 3 + len <= n; at++)
        if (p[at] == tag && load_le16(p + at + 1) == len && p[at + 3] == kind)
            return p + at;
    return NULL;
}

/* Behind "_CBA": its base, the buses, the window. False: it is no constant, or makes no sense. */
static bool bridge_at(struct acpi_bridge *b, const u8 *p, size_t n)
{
    if (n < 7 || p[0] != 0 || p[1] != 0xa4 || p[2] != 0x0c)
        return false;
    const u8 *bus = resource(p, n, 0x88, 13, 2), *memory = resource(p, n, 0x87, 23, 0);
    if (!bus || !memory)
        return false;
    b->ecam = load_le32(p + 3);
    b->first_bus = bus[8];
    b->last_bus = bus[10];
    b->first = load_le32(memory + 10);
    b->end = (u64)load_le32(memory + 14) + 1;
    return b->ecam && !bus[9] && !bus[11] && b->first_bus <= b->last_bus && b->first && b->first < b->end;
}

/* Device (GSI0) .. (GSI3): what each of the four lines is; the first interrupt behind the name. */
static bool link_at(struct acpi_bridge *b, const u8 *p, size_t n, unsigned i)
{
    const char name[] = {'G', 'S', 'I', (char)('0' + i), 0x08, '_', 'H', 'I', 'D'};
    const u8 *device = memmem(p, n, name, sizeof(name));
    if (!device)
        return false;
    /* Its third byte, the flags: level (bit 1 clear), high (01) or low (05). */
    size_t left = (size_t)(p + n - device);
    const u8 *high = resource(device, left, 0x89, 6, 1), *low = resource(device, left, 0x89, 6, 5);
    const u8 *line = high ? high : low;
    if (!line || line[4] != 1 || load_le32(line + 5) >= 1024)
        return false;
    b->gsi[i] = load_le32(line + 5);
    b->low = !high;
    return true;
}

void acpi_read_bridge(struct acpi_info *a, const u8 *p, size_t n)
{
    struct acpi_bridge b = {0};
    const u8 *end = p + n, *at = memmem(p, n, "_CBA", 4);

    if (!at || a->ecams || !bridge_at(&b, at + 4, (size_t)(end - at - 4)))
        return;
    b.lines = true;
    for (unsigned i = 0; i < ARRAY_LEN(b.gsi); i++)
        b.lines = link_at(&b, p, n, i) && b.lines;
    a->bridge = b;
    a->ecam[a->ecams++] = (struct acpi_ecam){.base = b.ecam, .first_bus = b.first_bus, .last_bus = b.last_bus};
}
