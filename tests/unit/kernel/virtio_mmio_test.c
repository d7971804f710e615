/* kernel/virtio_mmio.c: words of the command line, and what stands in the windows. */
#include "kernel/virtio_mmio.h"

#include "host/host.h"
#include "kernel/acpi.h"
#include "kernel/cmdline.h"
#include "kernel/vm.h"
#include "lib/check.h"
#include "lib/string.h"

extern u32 fake_io[5][128]; /* uart_test.c has the last */
#define window fake_io
u32 fake_io[5][128];

struct acpi_info acpi; /* in the place of kernel/acpi.c */

/* In the place of kernel/vm.c: window i stands at (i + 1) << 12. */
void *vm_map_io(u64 phys, size_t size, enum vm_cache cache)
{
    CHECK_EQ(cache, VM_UNCACHED);
    CHECK_LE(size, 512);
    return phys >> 12 && phys >> 12 <= ARRAY_LEN(window) ? window[(phys >> 12) - 1] : NULL;
}

TEST(virtio_mmio_words)
{
    static const struct {
        const char *word;
        bool ok;
        u64 base, size;
        u32 gsi;
    } t[] = {
        {"512@0xfeb00e00:12", true, 0xfeb00e00, 512, 12},
        {"4K@0x10001e00:5:1", true, 0x10001e00, 4096, 5},
        {"4k@65536:0", true, 65536, 4096, 0},
        {"512@0xfeb00e00", false, 0, 0, 0},
        {"512:12@0xfeb00e00", false, 0, 0, 0},
        {"@0xfeb00e00:12", false, 0, 0, 0},
        {"512@:12", false, 0, 0, 0},
        {"512@0xfeb00e00:", false, 0, 0, 0},
        {"512@0xfeb00e00:256", false, 0, 0, 0},
        {"16@0xfeb00e00:12", false, 0, 0, 0},
        {"1g@0xfeb00e00:12", false, 0, 0, 0},
        {"512@0xffffffffffffffff:12", false, 0, 0, 0},
        {"", false, 0, 0, 0},
    };
    for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
        u64 base = 0, size = 0;
        u32 gsi = 0;
        CHECK_EQ(virtio_mmio_parse(t[i].word, &base, &size, &gsi), t[i].ok);
        if (!t[i].ok)
            continue;
        CHECK_EQ(base, t[i].base);
        CHECK_EQ(size, t[i].size);
        CHECK_EQ(gsi, t[i].gsi);
    }
}

TEST(virtio_mmio_finds_devices)
{
    window[0][0] = 0x74726976; /* a window without a device */
    window[1][0] = 0x74726976;
    window[1][2] = 4;
    window[2][0] = 0x12345678; /* something else */
    window[3][0] = 0x74726976;
    window[3][2] = 1;
    cmdline_run("virtio_mmio.device=512@0x1000:5 virtio_mmio.device=512@0x2000:6 virtio_mmio.device=512@0x3000:7 "
                "virtio_mmio.device=512@0x4000:8 virtio_mmio.device=512@0x9000:9 virtio_mmio.device=bad");
    acpi.virtio_mmios = 2;
    acpi.virtio_mmio[0] = (struct acpi_virtio_mmio){.base = 0x2000, .size = 512, .gsi = 99}; /* known already */
    acpi.virtio_mmio[1] = (struct acpi_virtio_mmio){.base = 0xa000, .size = 512, .gsi = 10}; /* cannot be mapped */
    virtio_mmio_init();
    CHECK_EQ(virtio_mmio_count(), 2);
    CHECK_EQ(virtio_mmio_at(0)->device, 4);
    CHECK_EQ(virtio_mmio_at(0)->gsi, 6);
    CHECK_EQ(virtio_mmio_at(1)->device, 1);
    CHECK_STR(virtio_mmio_at(1)->name, "virtio-mmio.3");
    CHECK(strstr(host_log(), "\"bad\" is not understood") != NULL);
}
