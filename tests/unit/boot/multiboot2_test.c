/* boot/multiboot2.c: tags as GRUB writes them, and tags that nobody should. */
#include "boot/multiboot2.h"

#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/string.h"

static u8 info[4096];
static size_t used;
static struct bootinfo b;

static void start(void)
{
    memset(info, 0, sizeof(info));
    memset(&b, 0, sizeof(b));
    used = 8;
}

static u8 *tag(u32 type, u32 size)
{
    u8 *p = info + used;
    store_le32(p, type);
    store_le32(p + 4, size);
    used += (size + 7) & ~7u;
    return p + 8;
}

static int parse(void)
{
    tag(0, 8);
    store_le32(info, (u32)used);
    return multiboot2_parse(&b, info, used, 0x9000);
}

static void memory(u8 *p, unsigned i, u64 base, u64 size, u32 type)
{
    store_le64(p + 8 + 24 * i, base);
    store_le64(p + 16 + 24 * i, size);
    store_le32(p + 24 + 24 * i, type);
}

TEST(multiboot2_reads_what_grub_tells)
{
    start();
    memcpy(tag(1, 8 + 13), "console=ttyS0", 13);
    memcpy(tag(2, 8 + 10), "GRUB 2.06", 10);
    u8 *m = tag(3, 16 + 10);
    store_le32(m, 0x100000);
    store_le32(m + 4, 0x101234);
    memcpy(m + 8, "weir.conf", 10);
    m = tag(6, 16 + 48);
    store_le32(m, 24);
    memory(m, 0, 0, 0x9fc00, 1);
    memory(m, 1, 0x100000, 0x3f00000, 1);
    memcpy(tag(15, 8 + 36), "RSD PTR ", 8);
    CHECK_EQ(parse(), 0);
    CHECK_STR(b.loader, "Multiboot2");
    CHECK_STR(b.cmdline, "console=ttyS0");
    CHECK_STR(b.loader_name, "GRUB 2.06");
    CHECK_EQ(b.modules, 1);
    CHECK_EQ(b.module[0].base, 0x100000);
    CHECK_EQ(b.module[0].size, 0x1234);
    CHECK_STR(b.module[0].words, "weir.conf");
    CHECK_EQ(b.regions, 2);
    CHECK_EQ(b.region[1].size, 0x3f00000);
    CHECK(b.rsdp_copied);
    CHECK_MEM(info + (b.rsdp - 0x9000), "RSD PTR ", 8);
}

TEST(multiboot2_efi_map_counts)
{
    start();
    u8 *m = tag(6, 16 + 24);
    store_le32(m, 24);
    memory(m, 0, 0, 0x1000, 1);
    m = tag(17, 16 + 96);
    store_le32(m, 48);
    for (u32 i = 0; i < 2; i++) {
        store_le32(m + 8 + 48 * i, i ? 7 : 6); /* runtime services, conventional */
        store_le64(m + 16 + 48 * i, 0x100000 * (i + 1));
        store_le64(m + 32 + 48 * i, 16);
    }
    CHECK_EQ(parse(), 0);
    CHECK_EQ(b.regions, 2);
    CHECK_EQ(b.region[0].type, BOOT_RESERVED);
    CHECK_EQ(b.region[1].type, BOOT_RAM);
    CHECK_EQ(b.region[1].base, 0x200000);
    CHECK_EQ(b.region[1].size, 0x10000);
}

TEST(multiboot2_new_rsdp_beats_the_old)
{
    for (int order = 0; order < 2; order++) {
        start();
        tag(order ? 15 : 14, 8 + 36);
        tag(order ? 14 : 15, 8 + 36);
        CHECK_EQ(parse(), 0);
        CHECK_EQ(load_le32(info + (b.rsdp - 0x9000) - 8), 15);
    }
}

/* A tag too short for the table that it should hold is none. */
TEST(multiboot2_rsdp_cut_off_is_none)
{
    static const u32 sizes[][3] = {{14, 8, 27}, {15, 8, 43}}; /* type; sizes too short, from and to */
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        for (u32 size = sizes[i][1]; size <= sizes[i][2] + 1; size++) {
            start();
            tag(sizes[i][0], size);
            CHECK_EQ(parse(), 0);
            CHECK_EQ(b.rsdp != 0, size > sizes[i][2]);
        }
}

TEST(multiboot2_bad_tags_end_the_walk)
{
    start();
    CHECK_EQ(multiboot2_parse(&b, info, 8, 0), -EINVAL);
    start();
    tag(1, 4); /* shorter than itself */
    CHECK_EQ(parse(), 0);
    start();
    tag(1, 8 + 100);
    store_le32(info + 12, 0xfffffff0); /* longer than all */
    CHECK_EQ(parse(), 0);
    start();
    u8 *m = tag(6, 16 + 24);
    store_le32(m, 0); /* entries of no size */
    CHECK_EQ(parse(), 0);
    CHECK_EQ(b.regions, 0);
    start();
    m = tag(3, 16);
    store_le32(m, 0x2000);
    store_le32(m + 4, 0x1000); /* ends before it begins */
    CHECK_EQ(parse(), 0);
    CHECK_EQ(b.modules, 0);
    CHECK_EQ(b.modules_lost, 1);
}

TEST(multiboot2_long_command_line_is_cut_and_said)
{
    start();
    memset(tag(1, 8 + 3000), 'a', 3000);
    CHECK_EQ(parse(), 0);
    CHECK(b.cmdline_cut);
    CHECK_EQ(strlen(b.cmdline), BOOT_CMDLINE - 1);
}
