/* kernel/acpi_virtio.c: bytes as QEMU's microvm writes them, and bytes cut short. */
#include "kernel/acpi_table.h"
#include "lib/check.h"
#include "lib/string.h"

static const u8 device[] = {
    'V',  'R',  '0',  '0',  0x08, '_',  'H',  'I',  'D',  0x0d, 'L', 'N', 'R',  'O',  '0',  '0',
    '0',  '5',  0x00, 0x08, '_',  'U',  'I',  'D',  0x00, 0x08, '_', 'C', 'C',  'A',  0x01, 0x08,
    '_',  'C',  'R',  'S',  0x11, 0x1a, 0x0a, 0x17, 0x86, 9,    0,   1,   0x00, 0x0e, 0xb0, 0xfe,
    0x00, 0x02, 0,    0,    0x89, 6,    0,    0x03, 1,    12,   0,   0,   0,    0x79, 0x00,
};

static struct acpi_info info;
static u8 aml[ARRAY_LEN(device) * 40];

TEST(acpi_virtio_windows)
{
    memset(&info, 0, sizeof(info));
    memcpy(aml, device, sizeof(device));
    memcpy(aml + sizeof(device), device, sizeof(device));
    aml[sizeof(device) + 45] = 0x0c; /* another base */
    aml[sizeof(device) + 57] = 13;
    acpi_read_virtio(&info, aml, 2 * sizeof(device));
    CHECK_EQ(info.virtio_mmios, 2);
    CHECK_EQ(info.virtio_mmio[0].base, 0xfeb00e00);
    CHECK_EQ(info.virtio_mmio[0].size, 0x200);
    CHECK_EQ(info.virtio_mmio[0].gsi, 12);
    CHECK(info.virtio_mmio[0].edge);
    CHECK(!info.virtio_mmio[0].low);
    CHECK_EQ(info.virtio_mmio[1].base, 0xfeb00c00);
    CHECK_EQ(info.virtio_mmio[1].gsi, 13);
}

TEST(acpi_virtio_cut_short)
{
    for (size_t n = 0; n < sizeof(device) - 2; n++) {
        memset(&info, 0, sizeof(info));
        acpi_read_virtio(&info, device, n);
        CHECK_EQ(info.virtio_mmios, 0);
    }
}

TEST(acpi_virtio_too_many)
{
    memset(&info, 0, sizeof(info));
    for (unsigned i = 0; i < 40; i++)
        memcpy(aml + i * sizeof(device), device, sizeof(device));
    acpi_read_virtio(&info, aml, sizeof(aml));
    CHECK_EQ(info.virtio_mmios, ACPI_VIRTIO_MMIOS);
}
