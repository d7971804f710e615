/* /etc: the files that came with the machine's start, read where the boot loader put them.
 *
 * One plain file is the configuration itself and becomes /etc/weir.conf. An archive's files keep their names, with a
 * leading "./", "/" or "etc/" taken off. A later file of the same name takes the place of an earlier one. They can be
 * read and listed, never changed: what is to last is in the hands of whoever starts the machine.
 */
#include "lib/cpio.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

#define BOOT_FILES_MAX 256

struct boot_file {
    const char *name; /* "weir.conf", "nft/rules.nft" */
    const char *data;
    size_t len;
    u64 mtime_ns;
};

/* Written at bring-up alone, before there are other tasks; read without a lock. */
static struct boot_file *files;
static unsigned file_count;

struct adding {
    bool commit; /* the second walk: nothing can fail any more */
    unsigned fresh;
    char *err;
    size_t err_size;
};

static struct boot_file *find(const char *name)
{
    for (unsigned i = 0; i < file_count; i++)
        if (str_eq(files[i].name, name))
            return &files[i];
    return NULL;
}

static const char *below_etc(const char *name)
{
    for (;;) {
        if (str_starts(name, "./"))
            name += 2;
        else if (*name == '/')
            name++;
        else
            break;
    }
    return str_starts(name, "etc/") ? name + 4 : name;
}

/* No empty part, no "." or "..", not too long: what /etc can show under the name that it has. */
static bool name_ok(const char *name)
{
    if (strlen(name) > FILE_PATH_MAX - 8)
        return false;
    for (;;) {
        size_t n = strcspn(name, "/");
        if (!n || (n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.'))
            return false;
        if (!name[n])
            return true;
        name += n + 1;
    }
}

static void enter(const char *name, const void *data, size_t len, u64 mtime_ns)
{
    struct boot_file *f = find(name);

    if (!f)
        f = &files[file_count++];
    *f = (struct boot_file){name, data, len, mtime_ns};
}

static int refuse(struct adding *a, const char *name, const char *why)
{
    fmt(a->err, a->err_size, "%.100s: %s", name, why);
    return -EINVAL;
}

static int take_entry(void *arg, const struct cpio_entry *e)
{
    struct adding *a = arg;
    const char *name = below_etc(e->name);

    if ((e->mode & CPIO_TYPE) == CPIO_DIR)
        return 0;
    if ((e->mode & CPIO_TYPE) != CPIO_FILE)
        return refuse(a, e->name, "neither a plain file nor a directory: put a plain file there");
    if (!name_ok(name))
        return refuse(a, e->name, "not a name that can stand under /etc");
    if (a->commit)
        enter(name, e->data, e->len, e->mtime * NS_PER_S);
    else if (!find(name) && file_count + ++a->fresh > BOOT_FILES_MAX)
        return refuse(a, e->name, "more boot files than there is room for");
    return 0;
}

static const char *compressed_kind(const u8 *p, size_t n)
{
    static const struct {
        const char *magic, *kind;
    } kinds[] = {{"\x1f\x8b", "gzip"}, {"\xfd\x37zXZ", "xz"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"BZh", "bzip2"}};

    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t len = strlen(kinds[i].magic);
        if (n >= len && memcmp(p, kinds[i].magic, len) == 0)
            return kinds[i].kind;
    }
    return NULL;
}

int file_boot_add(const char *name, const void *p, size_t n, char *err, size_t err_size)
{
    struct adding a = {.err = err, .err_size = err_size};
    const char *kind = compressed_kind(p, n);

    if (!files)
        files = mem_zalloc(BOOT_FILES_MAX * sizeof(*files));
    if (!files) {
        fmt(err, err_size, "%s: no memory", name ? name : "boot file");
        return -ENOMEM;
    }
    if (kind)
        return fmt(err, err_size, "%s: compressed with %s: unpack it first", name ? name : "boot file", kind), -EINVAL;
    if (!cpio_is(p, n)) {
        name = name && *name ? below_etc(name) : "weir.conf";
        if (!name_ok(name))
            return refuse(&a, name, "not a name that can stand under /etc");
        if (!find(name) && file_count == BOOT_FILES_MAX)
            return refuse(&a, name, "more boot files than there is room for");
        enter(name, p, n, wall_ns());
        return 0;
    }
    int r = cpio_each(p, n, take_entry, &a, err, err_size);
    if (r)
        return r;
    a.commit = true;
    return cpio_each(p, n, take_entry, &a, err, err_size);
}

int file_boot_conf(const char *name)
{
    const struct boot_file *f = find(below_etc(name));
    if (!f)
        return -ENOENT;
    if (!find("weir.conf") && file_count == BOOT_FILES_MAX)
        return -ENOSPC;
    enter("weir.conf", f->data, f->len, f->mtime_ns);
    return 0;
}

void file_boot_clear(void)
{
    mem_free(files);
    files = NULL;
    file_count = 0;
}

static bool is_below(const char *name, const char *dir, size_t n)
{
    return !n || (strncmp(name, dir, n) == 0 && name[n] == '/');
}

static int etc_stat(struct net *net, const char *name, struct file_stat *st)
{
    const struct boot_file *f = find(name);
    size_t n = strlen(name);

    *st = (struct file_stat){.dir = !f};
    if (f) {
        st->size = f->len;
        st->mtime_ns = f->mtime_ns;
        return 0;
    }
    for (unsigned i = 0; i < file_count; i++)
        if (is_below(files[i].name, name, n))
            return 0;
    return n ? -ENOENT : 0;
}

static int etc_read(struct net *net, const char *name, struct out *to)
{
    const struct boot_file *f = find(name);

    if (!f)
        return -ENOENT;
    out_raw(to, f->data, f->len);
    return 0;
}

static int etc_list(struct net *net, const char *dir, file_offer *offer, void *arg)
{
    size_t n = strlen(dir);
    char part[FILE_PATH_MAX];

    for (unsigned i = 0; i < file_count; i++) {
        if (!is_below(files[i].name, dir, n))
            continue;
        const char *rest = files[i].name + (n ? n + 1 : 0);
        str_copy_n(part, sizeof(part), rest, strcspn(rest, "/"));
        offer(arg, part, NULL);
    }
    return 0;
}

FILE_TREE(etc, .path = "/etc", .stat = etc_stat, .read = etc_read, .list = etc_list);
