/* The tree of names: views with stars, boot files from archives, /tmp with its bounds, folders, patterns. */
#include "lib/file.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/plat.h"

static char stored[64];

static int irq_show(struct file_req *r)
{
    out_text(r->out, "irq %s\n", r->star[0]);
    return 0;
}

static int irq_store(struct file_req *r)
{
    if (r->data[0] == 'x')
        return -EINVAL;
    fmt(stored, sizeof(stored), "%s=%s", r->star[0], r->data);
    return 0;
}

static void irq_list(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    offer(arg, "9");
    offer(arg, "25");
    offer(arg, "9");
}

FILE_VIEW(test_irq, .path = "/test/irq/*/affinity", .show = irq_show, .store = irq_store, .list = irq_list);
FILE_VIEW(test_hint, .path = "/test/irq/*/hint", .show = irq_show, .list = irq_list);
FILE_VIEW(test_plain, .path = "/test/plain", .show = irq_show);

static const char *contents(const char *path)
{
    static char *p;
    size_t n;

    free(p);
    p = NULL;
    char *got;
    int err = file_load(NULL, path, 64 * KIB, &got, &n);
    if (err)
        return fmt(stored, sizeof(stored), "error %d", err), stored;
    p = malloc(n + 1);
    memcpy(p, got, n + 1);
    mem_free(got);
    return p;
}

static void add_name(void *arg, const char *name, const struct file_stat *st)
{
    strcat(strcat(arg, name), st->dir ? "/ " : " ");
}

static const char *listed(const char *path)
{
    static char names[512];

    names[0] = '\0';
    int err = file_list(NULL, path, add_name, names);
    if (err)
        fmt(names, sizeof(names), "error %d", err);
    return names;
}

static void add_path(void *arg, const char *path)
{
    strcat(strcat(arg, path), " ");
}

static const char *globbed(const char *pattern)
{
    static char paths[512];

    paths[0] = '\0';
    file_glob(NULL, pattern, add_path, paths);
    return paths;
}

TEST(file_views)
{
    struct file_stat st;

    CHECK_STR(contents("/test/irq/25/affinity"), "irq 25\n");
    CHECK_STR(contents("//test/./irq/9/../25/affinity"), "irq 25\n");
    CHECK_EQ(file_stat(NULL, "/test/irq/7/affinity", &st), -ENOENT);
    CHECK_EQ(file_stat(NULL, "/test/irq/25", &st), 0);
    CHECK(st.dir);
    CHECK_EQ(file_stat(NULL, "/test/irq/25/affinity", &st), 0);
    CHECK(!st.dir && st.writable && st.view);
    CHECK_EQ(file_stat(NULL, "/test/irq/25/hint", &st), 0);
    CHECK(!st.writable);
    CHECK_EQ(file_stat(NULL, "/test/plain/deeper", &st), -ENOENT);
    CHECK_EQ(file_write(NULL, "/test/irq/25/affinity", "0-3", 3, false), 0);
    CHECK_STR(stored, "25=0-3");
    CHECK_EQ(file_write(NULL, "/test/irq/25/affinity", "x", 1, false), -EINVAL);
    CHECK_EQ(file_write(NULL, "/test/irq/25/hint", "1", 1, false), -EACCES);
    CHECK_EQ(file_write(NULL, "/test/irq/25", "1", 1, false), -EISDIR);
    CHECK_EQ(file_write(NULL, "/nowhere", "1", 1, false), -ENOENT);
    CHECK_EQ(file_remove(NULL, "/test/plain"), -EPERM);
    CHECK_STR(contents("/test"), "error -21");
    CHECK_STR(contents("/test/none"), "error -2");
    CHECK_STR(contents("/dev/null"), "");
    CHECK_EQ(file_write(NULL, "/dev/null", "1", 1, false), 0);
}

TEST(file_lists)
{
    CHECK_STR(listed("/test"), "irq/ plain ");
    CHECK_STR(listed("/test/irq"), "25/ 9/ ");
    CHECK_STR(listed("/test/irq/9/"), "affinity hint ");
    CHECK_STR(listed("/test/plain"), "error -20");
    CHECK_STR(listed("/none"), "error -2");
    CHECK(strstr(listed("/"), "etc/ "));
    CHECK(strstr(listed("/"), " test/ "));
}

TEST(file_globs)
{
    CHECK_STR(globbed("/test/irq/*/affinity"), "/test/irq/25/affinity /test/irq/9/affinity ");
    CHECK_STR(globbed("/test/*/[0-9]/h?nt"), "/test/irq/9/hint ");
    CHECK_STR(globbed("/test/p*/x"), "");
    CHECK_STR(globbed("/test/*/"), "/test/irq/ ");
    CHECK_STR(globbed("//test//p*"), "//test//plain ");
    CHECK_STR(globbed("test/p*n"), "test/plain ");
    CHECK_STR(globbed("/test/\\*"), "");
    CHECK_EQ(file_glob(NULL, "/*/../*/../*/../*/../*/../*/../*/../*", add_path, (char[4096]){0}), -E2BIG);
    CHECK_STR(globbed("/t*t/irq/2[!4]/hint"), "/test/irq/25/hint ");
    CHECK_STR(globbed("/*/*/*/*/*/*/*/*/*/*/*/*"), "");
}

/* Without memory it finds all or says that it cannot, whichever piece of memory it was. */
TEST(file_glob_without_memory)
{
    char paths[512];
    bool failed = true;

    for (u64 n = 1; failed; n++) {
        paths[0] = 0;
        host_mem_fail_at(n);
        int found = file_glob(NULL, "/test/*/[0-9]*/h?nt", add_path, paths);
        failed = host_mem_failed();
        host_mem_fail_at(0);
        CHECK_EQ(found, failed ? -ENOMEM : 2);
        CHECK_STR(paths, failed ? "" : "/test/irq/25/hint /test/irq/9/hint ");
    }
}

TEST(file_slash_behind_a_file)
{
    struct file_stat st;

    CHECK_EQ(file_write(NULL, "/tmp/slash", "x", 1, false), 0);
    CHECK_EQ(file_stat(NULL, "/tmp/slash/", &st), -ENOTDIR);
    CHECK_STR(contents("/tmp/slash/"), "error -20");
    CHECK_EQ(file_write(NULL, "/tmp/slash/", "y", 1, false), -ENOTDIR);
    CHECK_EQ(file_remove(NULL, "/tmp/slash/"), -ENOTDIR);
    CHECK_EQ(file_write(NULL, "/tmp/fresh/", "y", 1, false), -EISDIR);
    CHECK_EQ(file_stat(NULL, "/tmp/fresh", &st), -ENOENT);
    CHECK_EQ(file_stat(NULL, "/tmp/", &st), 0);
    CHECK_EQ(file_stat(NULL, "/", &st), 0);
    CHECK_EQ(file_stat(NULL, "/test/plain/", &st), -ENOTDIR);
    CHECK_EQ(file_remove(NULL, "/tmp/slash"), 0);
}

TEST(file_tmp)
{
    CHECK_EQ(file_write(NULL, "/tmp/a", "one\n", 4, false), 0);
    CHECK_EQ(file_write(NULL, "/tmp/a", "two\n", 4, true), 0);
    CHECK_STR(contents("/tmp/a"), "one\ntwo\n");
    CHECK_EQ(file_write(NULL, "/tmp/a", "three", 5, false), 0);
    CHECK_STR(contents("/tmp/a"), "three");
    CHECK_EQ(file_write(NULL, "/tmp/.b", "", 0, false), 0);
    CHECK_STR(listed("/tmp"), ".b a ");
    CHECK_STR(globbed("/tmp/*"), "/tmp/a ");
    CHECK_STR(globbed("/tmp/.*"), "/tmp/.b ");
    CHECK_EQ(file_write(NULL, "/tmp/dir/x", "1", 1, false), -ENOENT);
    CHECK_EQ(file_write(NULL, "/tmp", "1", 1, false), -EISDIR);
    CHECK_EQ(file_remove(NULL, "/tmp/a"), 0);
    CHECK_EQ(file_remove(NULL, "/tmp/a"), -ENOENT);
    CHECK_EQ(file_remove(NULL, "/tmp/.b"), 0);
    CHECK_STR(listed("/tmp"), "");
}

TEST(file_tmp_is_bounded)
{
    static char block[100000];
    struct file_stat st;
    size_t total = 0;
    char name[32];
    int err = 0;

    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 100 && !err; i++, total += sizeof(block))
        err = file_write(NULL, "/tmp/big", block, sizeof(block), true);
    CHECK_EQ(err, -ENOSPC);
    CHECK_LE(3500000, total);
    CHECK_LE(total, FILE_TMP_BYTES + sizeof(block));
    CHECK_EQ(file_stat(NULL, "/tmp/big", &st), 0);
    CHECK_LE(st.size, FILE_TMP_BYTES);
    CHECK_EQ(file_remove(NULL, "/tmp/big"), 0);
    for (int i = 0; i < FILE_TMP_FILES; i++) {
        fmt(name, sizeof(name), "/tmp/f%d", i);
        CHECK_EQ(file_write(NULL, name, "x", 1, false), 0);
    }
    CHECK_EQ(file_write(NULL, "/tmp/one-more", "x", 1, false), -ENOSPC);
    for (int i = 0; i < FILE_TMP_FILES; i++) {
        fmt(name, sizeof(name), "/tmp/f%d", i);
        CHECK_EQ(file_remove(NULL, name), 0);
    }
}

TEST(file_load_has_a_limit)
{
    char *p;
    size_t n;

    CHECK_EQ(file_write(NULL, "/tmp/l", "12345678", 8, false), 0);
    CHECK_EQ(file_load(NULL, "/tmp/l", 7, &p, &n), -EFBIG);
    CHECK_EQ(file_load(NULL, "/tmp/none", 7, &p, &n), -ENOENT);
    CHECK_EQ(file_remove(NULL, "/tmp/l"), 0);
}

struct archive {
    char bytes[4096];
    size_t n;
};

static void archive_add(struct archive *a, const char *name, unsigned mode, const char *data)
{
    size_t name_size = strlen(name) + 1, len = strlen(data);

    a->n += fmt(a->bytes + a->n, 200, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 1, mode, 0, 0, 1,
                5, len, 0, 0, 0, 0, name_size, 0);
    memcpy(a->bytes + a->n, name, name_size);
    for (a->n += name_size; a->n % 4; a->n++)
        a->bytes[a->n] = '\0';
    memcpy(a->bytes + a->n, data, len);
    for (a->n += len; a->n % 4; a->n++)
        a->bytes[a->n] = '\0';
}

TEST(file_boot_plain_and_archive)
{
    struct archive a = {.n = 0};
    struct file_stat st;
    char err[128] = "";

    file_boot_clear();
    CHECK_STR(listed("/etc"), "resolv.conf "); /* a view, there always */
    CHECK_EQ(file_boot_add(NULL, "sysctl -a\n", 10, err, sizeof(err)), 0);
    CHECK_STR(contents("/etc/weir.conf"), "sysctl -a\n");
    CHECK_EQ(file_write(NULL, "/etc/weir.conf", "x", 1, false), -EACCES);
    archive_add(&a, ".", 040755, "");
    archive_add(&a, "./weir.conf", 0100644, "second\n");
    archive_add(&a, "nft", 040755, "");
    archive_add(&a, "etc/nft/a.nft", 0100644, "table\n");
    archive_add(&a, "empty", 0100644, "");
    archive_add(&a, "TRAILER!!!", 0, "");
    CHECK_EQ(file_boot_add("initrd", a.bytes, a.n, err, sizeof(err)), 0);
    CHECK_STR(err, "");
    CHECK_STR(listed("/etc"), "empty nft/ resolv.conf weir.conf ");
    CHECK_STR(contents("/etc/nft/a.nft"), "table\n");
    CHECK_STR(contents("/etc/weir.conf"), "second\n");
    CHECK_EQ(file_stat(NULL, "/etc/nft", &st), 0);
    CHECK(st.dir);
    CHECK_EQ(file_stat(NULL, "/etc/nf", &st), -ENOENT);
    CHECK_EQ(file_stat(NULL, "/etc/empty", &st), 0);
    CHECK_EQ(st.mtime_ns, 5 * NS_PER_S);
    file_boot_clear();
}

TEST(file_boot_refuses_what_is_broken)
{
    struct archive a = {.n = 0};
    char err[128];

    file_boot_clear();
    archive_add(&a, "good", 0100644, "x");
    archive_add(&a, "link", 0120777, "good");
    archive_add(&a, "TRAILER!!!", 0, "");
    CHECK_EQ(file_boot_add(NULL, a.bytes, a.n, err, sizeof(err)), -EINVAL);
    CHECK_STR(err, "link: neither a plain file nor a directory: put a plain file there");
    CHECK_STR(listed("/etc"), "resolv.conf "); /* all or nothing */
    a.n = 0;
    archive_add(&a, "../up", 0100644, "x");
    CHECK_EQ(file_boot_add(NULL, a.bytes, a.n, err, sizeof(err)), -EINVAL);
    a.n = 0;
    archive_add(&a, "good", 0100644, "x");
    CHECK_EQ(file_boot_add(NULL, a.bytes, a.n, err, sizeof(err)), -EINVAL);
    CHECK_STR(err, "cpio: no trailer: the archive was cut off");
    for (size_t cut = 6; cut < a.n - 3; cut++)
        CHECK_EQ(file_boot_add(NULL, a.bytes, cut, err, sizeof(err)), -EINVAL);
    a.bytes[20] = 'g';
    CHECK_EQ(file_boot_add(NULL, a.bytes, a.n, err, sizeof(err)), -EINVAL);
    CHECK_EQ(file_boot_add("weir.conf.gz", "\x1f\x8b\x08", 3, err, sizeof(err)), -EINVAL);
    CHECK_STR(err, "weir.conf.gz: compressed with gzip: unpack it first");
    file_boot_clear();
}
