/* Windows of virtio-mmio: from `virtio_mmio.device=SIZE@BASE:IRQ` on the command line, as QEMU's microvm and
 * Firecracker write it behind ours.
 *
 * A window without a device in it (device id 0) is passed over. The device's type is read here, since drivers are
 * matched by it; all else is drivers/virtio/virtio_mmio.c's.
 */
#include "kernel/virtio_mmio.h"

#include "kernel/acpi.h"
#include "kernel/cmdline.h"
#include "kernel/vm.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/plat.h"
#include "lib/string.h"

#define R_MAGIC     0x000
#define R_DEVICE_ID 0x008
#define MAGIC       0x74726976u

static struct bus_dev dev[VIRTIO_MMIO_MOST];
static unsigned windows, count;

bool virtio_mmio_parse(const char *value, u64 *base, u64 *size, u32 *gsi)
{
    char words[80], *at, *colon, *id;

    if (str_copy(words, sizeof(words), value) >= sizeof(words))
        return false;
    at = strchr(words, '@');
    colon = at ? strchr(at, ':') : NULL;
    if (!colon)
        return false;
    *at++ = 0;
    *colon++ = 0;
    id = strchr(colon, ':');
    if (id)
        *id = 0;
    return !parse_size(words, size, NULL) && *size >= 0x100 && *size <= MIB &&
           !parse_u64(at, 1, (1ull << 46) - MIB, base, NULL) && !parse_u32(colon, 0, 255, gsi, NULL);
}

static int add_window(u64 base, u64 size, u32 gsi)
{
    if (windows == VIRTIO_MMIO_MOST)
        return -ENOSPC;
    struct bus_dev *d = &dev[windows++];
    d->kind = BUS_VIRTIO_MMIO;
    d->bar[0] = (struct bus_bar){.base = base, .size = size};
    d->gsi = gsi;
    return 0;
}

static int option_device(const char *value)
{
    u64 base, size;
    u32 gsi;
    if (!value || !virtio_mmio_parse(value, &base, &size, &gsi))
        return -EINVAL;
    return add_window(base, size, gsi);
}

BOOT_OPTION(virtio_mmio, "virtio_mmio.device", option_device, "SIZE@BASE:IRQ: the window of a virtio device");

/* Those that the command line has not named already. */
static void windows_of_acpi(void)
{
    unsigned named = windows;
    for (u32 i = 0; i < acpi.virtio_mmios; i++) {
        const struct acpi_virtio_mmio *w = &acpi.virtio_mmio[i];
        bool known = false;
        for (unsigned k = 0; k < named; k++)
            known |= dev[k].bar[0].base == w->base;
        if (!known)
            add_window(w->base, w->size, w->gsi);
    }
}

void virtio_mmio_init(void)
{
    windows_of_acpi();
    for (unsigned i = 0; i < windows; i++) {
        struct bus_dev *d = &dev[i];
        volatile u32 *r = vm_map_io(d->bar[0].base, d->bar[0].size, VM_UNCACHED);
        if (!r || r[R_MAGIC / 4] != MAGIC || !r[R_DEVICE_ID / 4])
            continue;
        d->vendor = 0x1af4;
        d->device = (u16)r[R_DEVICE_ID / 4];
        fmt(d->name, sizeof(d->name), "virtio-mmio.%u", i);
        dev[count++] = *d; /* those with a device move to the front: count <= i */
    }
}

unsigned virtio_mmio_count(void)
{
    return count;
}

struct bus_dev *virtio_mmio_at(unsigned i)
{
    return &dev[i];
}
