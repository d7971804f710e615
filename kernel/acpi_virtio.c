/* virtio-mmio windows in the DSDT, without an interpreter of AML: each is a device with the hardware id LNRO0005, whose
 * resources are a fixed memory range and an interrupt, written out as constants by every firmware that has them.
 *
 *     "LNRO0005" ... 86 09 00 rw base[4] size[4]           Memory32Fixed (ACPI 6.4, 6.4.3.4)
 *                ... 89 len[2] flags count gsi[4] ...      Extended Interrupt (6.4.3.6); flags bit 1 edge, bit 2 low
 *
 * A bounded scan: what belongs to an id lies between it and the next one, REACH bytes on at most. Bytes that only look
 * so give a window in which there is no device, which kernel/virtio_mmio.c sees.
 */
#include "kernel/acpi_table.h"
#include "lib/byteorder.h"
#include "lib/string.h"

#define ID        "LNRO0005"
#define ID_LEN    8
#define REACH     160
#define MEMORY    0x86
#define INTERRUPT 0x89

static bool memory_at(const u8 *p, size_t n, struct acpi_virtio_mmio *w)
{
    if (n < 12 || p[0] != MEMORY || load_le16(p + 1) != 9)
        return false;
    w->base = load_le32(p + 4);
    w->size = load_le32(p + 8);
    return w->base && w->size >= 0x100 && w->size <= MIB;
}

static bool interrupt_at(const u8 *p, size_t n, struct acpi_virtio_mmio *w)
{
    if (n < 9 || p[0] != INTERRUPT || load_le16(p + 1) != 6 || p[4] != 1)
        return false;
    w->edge = p[3] & 2;
    w->low = p[3] & 4;
    w->gsi = load_le32(p + 5);
    return w->gsi < 1024;
}

/* The resources behind an id in the n bytes at p. */
static bool window_at(const u8 *p, size_t n, struct acpi_virtio_mmio *w)
{
    size_t at = 0;
    while (at < n && !memory_at(p + at, n - at, w))
        at++;
    while (at < n && !interrupt_at(p + at, n - at, w))
        at++;
    return at < n;
}

void acpi_read_virtio(struct acpi_info *a, const u8 *p, size_t n)
{
    const u8 *end = p + n, *id = memmem(p, n, ID, ID_LEN);

    while (id && a->virtio_mmios < ACPI_VIRTIO_MMIOS) {
        const u8 *from = id + ID_LEN;
        id = memmem(from, (size_t)(end - from), ID, ID_LEN);
        size_t reach = min((size_t)((id ? id : end) - from), (size_t)REACH);
        if (window_at(from, reach, &a->virtio_mmio[a->virtio_mmios]))
            a->virtio_mmios++;
    }
}
