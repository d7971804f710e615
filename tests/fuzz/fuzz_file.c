/* Any bytes as a path and as a pattern: what a pattern finds is there, and what is there can be asked for.
 * 3000 inputs in make test. */
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void check_found(void *arg, const char *path)
{
    struct file_stat st;

    if (file_stat(NULL, path, &st))
        panic("found, and not there: %s", path);
}

static void check_listed(void *arg, const char *name, const struct file_stat *st)
{
    if (!*name || strchr(name, '/'))
        panic("a name that is none");
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char path[512];
    struct file_stat st;
    struct out null;

    str_copy_n(path, sizeof(path), (const char *)p, min(n, sizeof(path) - 1));
    file_glob(NULL, path, check_found, NULL);
    out_null_init(&null);
    int err = file_stat(NULL, path, &st);
    if (!err && st.dir && file_list(NULL, path, check_listed, NULL))
        panic("a folder that cannot be listed: %s", path);
    if (!err && !st.dir)
        file_read(NULL, path, &null);
    if (!file_write(NULL, path, "x\n", 2, true) && file_stat(NULL, path, &st))
        panic("written, and not there: %s", path);
    file_remove(NULL, path);
    return 0;
}
