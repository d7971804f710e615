/* Reads QEMU's fw_cfg through its two ports (0x510 selects an item, 0x511 gives its bytes one by one).
 *
 *     item 0x0000   "QEMU": the device is there
 *     item 0x0019   directory: be32 count, then count of { be32 size, be16 item, be16 reserved, char name[56] }
 *
 * Byte by byte is slow but for a configuration of a few KiB done before one notices, and it works on every machine type
 * that has the device at all; its DMA does not.
 */
#include "kernel/fw_cfg.h"

#include "kernel/page.h"
#include "kernel/x86.h"
#include "lib/byteorder.h"
#include "lib/plat.h"
#include "lib/string.h"

#define PORT_SELECT    0x510
#define PORT_DATA      0x511
#define ITEM_SIGNATURE 0x00
#define ITEM_DIRECTORY 0x19
#define NAME_BYTES     56
#define ENTRIES_MOST   512
#define FILE_MOST      (16 * MIB)

static void item_read(void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((u8 *)p)[i] = inb(PORT_DATA);
}

static bool present(void)
{
    char signature[4];
    outw(PORT_SELECT, ITEM_SIGNATURE);
    item_read(signature, sizeof(signature));
    return memcmp(signature, "QEMU", 4) == 0;
}

struct PACKED entry {
    be32 size;
    be16 item, reserved;
    char name[NAME_BYTES];
};

static bool find(const char *name, struct entry *e)
{
    be32 count;

    outw(PORT_SELECT, ITEM_DIRECTORY);
    item_read(&count, sizeof(count));
    for (u32 i = 0; i < min(be32_get(count), (u32)ENTRIES_MOST); i++) {
        item_read(e, sizeof(*e));
        if (strncmp(e->name, name, NAME_BYTES) == 0)
            return true;
    }
    return false;
}

void *fw_cfg_file(const char *name, size_t *size)
{
    struct entry e;

    *size = 0;
    if (!present() || !find(name, &e))
        return NULL;
    *size = be32_get(e.size);
    if (!*size || *size > FILE_MOST)
        return NULL;
    char *p = page_alloc(*size <= PAGE_SIZE ? 0 : log2_floor((*size - 1) / PAGE_SIZE) + 1);
    if (!p)
        return NULL;
    outw(PORT_SELECT, be16_get(e.item));
    item_read(p, *size);
    return p;
}
