/* The names in a directory, kept.
 *
 * Entries lie behind each other in one piece of memory that grows by doubling. Nothing is held of the tree itself: a
 * name may be gone when it is used, and the next call on it says so.
 */
#include "apps/shell/dir.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

static void take(void *arg, const char *name, const struct file_stat *st)
{
    struct dir *d = arg;
    size_t size = round_up(sizeof(struct dir_entry) + strlen(name) + 1, 8);
    if (d->err)
        return;
    if (d->n + size > d->room) {
        size_t room = max(d->room * 2, round_up(size, 1024));
        char *more = room > DIR_BYTES_MAX ? NULL : mem_alloc(room);
        if (!more) {
            d->err = room > DIR_BYTES_MAX ? -E2BIG : -ENOMEM;
            return;
        }
        if (d->n)
            memcpy(more, d->p, d->n);
        mem_free(d->p);
        d->p = more;
        d->room = room;
    }
    struct dir_entry *e = (struct dir_entry *)(d->p + d->n);
    e->st = *st;
    e->size = (u32)size;
    str_copy(e->name, size - sizeof(*e), name);
    d->n += size;
    d->count++;
}

int dir_read(struct dir *d, struct net *net, const char *path)
{
    *d = (struct dir){0};
    int err = file_list(net, path, take, d);
    return err ? err : d->err;
}

const struct dir_entry *dir_next(const struct dir *d, const struct dir_entry *e)
{
    size_t at = e ? (size_t)((const char *)e - d->p) + e->size : 0;
    return at < d->n ? (const struct dir_entry *)(d->p + at) : NULL;
}

void dir_free(struct dir *d)
{
    mem_free(d->p);
    *d = (struct dir){0};
}

size_t dir_join(char *to, size_t size, const char *dir, const char *name)
{
    return fmt(to, size, "%s%s%s", dir, str_ends(dir, "/") ? "" : "/", name);
}
