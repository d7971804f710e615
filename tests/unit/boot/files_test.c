/* boot/files.c over made-up modules: which of them becomes /etc/weir.conf, and what else is then under /etc. */
#include "boot/files.h"

#include "kernel/bootinfo.h"
#include "kernel/cmdline.h"
#include "kernel/fw_cfg.h"
#include "kernel/vm.h"
#include "lib/check.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

struct bootinfo bootinfo;
static const char *fw_cfg;

void *fw_cfg_file(const char *name, size_t *size)
{
    *size = fw_cfg ? strlen(fw_cfg) : 0;
    return (void *)fw_cfg;
}

static void start(const char *conf)
{
    char words[64] = "conf=";
    bootinfo.modules = 0;
    fw_cfg = NULL;
    file_boot_clear();
    str_copy(words + 5, sizeof(words) - 5, conf);
    cmdline_run(words);
}

static void module(const char *words, const char *p, size_t n)
{
    struct boot_module *m = &bootinfo.module[bootinfo.modules++];
    m->base = (u64)(uintptr_t)p - (u64)(uintptr_t)vm_phys(0);
    m->size = n;
    str_copy(m->words, sizeof(m->words), words);
}

/* An archive (newc) of one file. */
static void archive(const char *words, char *to, size_t size, const char *name, const char *text)
{
    const struct {
        const char *name, *text;
        u32 mode;
    } e[] = {{name, text, 0100644}, {"TRAILER!!!", "", 0}};
    size_t n = 0;
    for (unsigned i = 0; i < 2; i++) {
        n += (size_t)fmt(to + n, size - n, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 0, e[i].mode,
                         0, 0, 1, 0, (u32)strlen(e[i].text), 0, 0, 0, 0, (u32)strlen(e[i].name) + 1, 0);
        n += str_copy(to + n, size - n, e[i].name) + 1;
        for (; n % 4; n++)
            to[n] = 0;
        n += str_copy(to + n, size - n, e[i].text);
        for (; n % 4; n++)
            to[n] = 0;
    }
    module(words, to, n);
}

static const char *text_of(const char *path)
{
    static char got[64];
    char *p;
    size_t n;
    if (file_load(NULL, path, sizeof(got), &p, &n))
        return "none";
    str_copy(got, sizeof(got), p);
    mem_free(p);
    return got;
}

TEST(boot_files_first_module_and_names_of_the_others)
{
    start("none");
    module("/boot/first.conf quiet", "one\n", 4);
    module("/boot/a.nft", "two\n", 4);
    module("b.nft", "three\n", 6);
    CHECK(boot_files());
    CHECK_STR(text_of("/etc/weir.conf"), "one\n");
    CHECK_STR(text_of("/etc/a.nft"), "two\n");
    CHECK_STR(text_of("/etc/b.nft"), "three\n");
    file_boot_clear();
}

TEST(boot_files_conf_names_a_module)
{
    start("b.conf");
    module("a.conf", "one\n", 4);
    module("/x/b.conf", "two\n", 4);
    fw_cfg = "fw_cfg\n";
    CHECK(boot_files());
    CHECK_STR(text_of("/etc/weir.conf"), "two\n");
    CHECK_STR(text_of("/etc/a.conf"), "one\n");
    file_boot_clear();
}

TEST(boot_files_conf_names_a_file_of_an_archive)
{
    static char room[512];
    start("/etc/other.conf");
    archive("", room, sizeof(room), "./other.conf", "other\n");
    fw_cfg = "fw_cfg\n";
    CHECK(boot_files());
    CHECK_STR(text_of("/etc/weir.conf"), "other\n");
    CHECK_STR(text_of("/etc/other.conf"), "other\n");
    file_boot_clear();
}

TEST(boot_files_fw_cfg_keeps_the_rest_of_an_archive)
{
    static char room[512];
    start("none");
    archive("", room, sizeof(room), "rules/a.nft", "table\n");
    fw_cfg = "fw_cfg\n";
    CHECK(boot_files());
    CHECK_STR(text_of("/etc/weir.conf"), "fw_cfg\n");
    CHECK_STR(text_of("/etc/rules/a.nft"), "table\n");
    file_boot_clear();
}

TEST(boot_files_archive_without_a_configuration)
{
    static char room[512];
    start("none");
    archive("", room, sizeof(room), "rules/a.nft", "table\n");
    CHECK(!boot_files());
    CHECK(strstr(text_of("/etc/weir.conf"), "Built in"));
    CHECK_STR(text_of("/etc/rules/a.nft"), "table\n");
    file_boot_clear();
}
