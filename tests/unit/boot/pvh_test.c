/* boot/pvh.c over a made-up memory. */
#include "boot/pvh.h"

#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/string.h"

static u8 memory[4096];
static struct bootinfo b;

static const void *map(void *arg, u64 phys, size_t n)
{
    return phys < sizeof(memory) && n <= sizeof(memory) - phys ? memory + phys : NULL;
}

static void start(void)
{
    memset(memory, 0, sizeof(memory));
    memset(&b, 0, sizeof(b));
    store_le32(memory + 64, 0x336ec578);
    store_le32(memory + 68, 1);
}

TEST(pvh_reads_what_qemu_tells)
{
    start();
    store_le32(memory + 76, 1);    /* modules */
    store_le64(memory + 80, 512);  /* their list */
    store_le64(memory + 88, 1024); /* command line */
    store_le64(memory + 96, 0xf59b0);
    store_le64(memory + 104, 2048);
    store_le32(memory + 112, 2);
    store_le64(memory + 512, 0x3f00000);
    store_le64(memory + 520, 77);
    store_le64(memory + 528, 1100);
    memcpy(memory + 1024, "test=page", 10);
    memcpy(memory + 1100, "weir.conf", 10);
    store_le64(memory + 2048 + 8, 0x9fc00);
    store_le32(memory + 2048 + 16, 1);
    store_le64(memory + 2072, 0x100000);
    store_le64(memory + 2080, 0x3f00000);
    store_le32(memory + 2088, 1);
    CHECK_EQ(pvh_parse(&b, 64, map, NULL), 0);
    CHECK_STR(b.loader, "PVH");
    CHECK_STR(b.cmdline, "test=page");
    CHECK_EQ(b.rsdp, 0xf59b0);
    CHECK_EQ(b.modules, 1);
    CHECK_EQ(b.module[0].size, 77);
    CHECK_STR(b.module[0].words, "weir.conf");
    CHECK_EQ(b.regions, 2);
    CHECK_EQ(b.region[1].base, 0x100000);
}

TEST(pvh_command_line_is_cut_where_it_must)
{
    for (size_t more = 0; more < 2; more++) {
        start();
        store_le64(memory + 88, 1024);
        memset(memory + 1024, 'x', sizeof(b.cmdline) - 1 + more);
        CHECK_EQ(pvh_parse(&b, 64, map, NULL), 0);
        CHECK_EQ(strlen(b.cmdline), sizeof(b.cmdline) - 1);
        CHECK_EQ(b.cmdline_cut, more);
    }
}

TEST(pvh_version_0_has_no_memory_map)
{
    start();
    store_le32(memory + 68, 0);
    store_le64(memory + 104, 2048);
    store_le32(memory + 112, 2);
    CHECK_EQ(pvh_parse(&b, 64, map, NULL), 0);
    CHECK_EQ(b.regions, 0);
}

TEST(pvh_lists_out_of_memory_are_cut)
{
    start();
    store_le32(memory + 76, 0xffffffff);
    store_le64(memory + 80, 4096 - 40); /* one entry fits */
    store_le64(memory + 88, ~0ull);
    store_le64(memory + 104, 0);
    store_le32(memory + 112, 0xffffffff);
    CHECK_EQ(pvh_parse(&b, 64, map, NULL), 0);
    CHECK_EQ(b.modules, 1);
    CHECK_EQ(b.regions, BOOT_REGIONS);
    CHECK(b.regions_lost > 0);
    CHECK_STR(b.cmdline, "");
}

TEST(pvh_other_magic_is_refused)
{
    start();
    memory[64]++;
    CHECK_EQ(pvh_parse(&b, 64, map, NULL), -EINVAL);
    CHECK_EQ(pvh_parse(&b, ~0ull - 8, map, NULL), -EINVAL);
}
