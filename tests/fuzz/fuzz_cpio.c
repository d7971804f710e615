/* Any bytes as a boot file: refused with a reason, or all its files can be listed and read. */
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void read_below(const char *dir, unsigned depth);

struct below {
    const char *dir;
    unsigned depth;
};

static void read_one(void *arg, const char *name, const struct file_stat *st)
{
    const struct below *b = arg;
    struct out null;
    char path[FILE_PATH_MAX];

    if (fmt(path, sizeof(path), "%s/%s", b->dir, name) >= sizeof(path))
        return;
    if (st->dir) {
        if (b->depth < 20)
            read_below(path, b->depth + 1);
        return;
    }
    out_null_init(&null);
    if (file_read(NULL, path, &null))
        panic("%s is listed and cannot be read", path);
}

static void read_below(const char *dir, unsigned depth)
{
    struct below b = {dir, depth};

    if (file_list(NULL, dir, read_one, &b))
        panic("%s cannot be listed", dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char err[160] = "";

    if (file_boot_add(NULL, p, n, err, sizeof(err)) && !err[0])
        panic("no reason given");
    read_below("/etc", 0);
    file_boot_clear();
    return 0;
}
