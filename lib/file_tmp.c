/* /tmp: plain files in RAM, bounded in number and in bytes, gone at the next start.
 *
 * A file's bytes lie in a chain of pages that only grows; emptying a file gives it a new chain. So a reader, who
 * counts himself in on the chain, needs no lock while he copies: what he saw stays until he has left. The lock guards
 * the table of names, the reference counts and the end of each chain; it is never held over a call out or over more
 * than a page's copy.
 *
 *     name -> content { refs, len } -> page -> page -> page
 *
 * There are no folders here.
 */
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/string.h"

#define PAGE      4096u
#define NAME_MAX_ 100u

struct chunk {
    struct chunk *next;
    char bytes[PAGE - sizeof(struct chunk *)];
};

struct content {
    u32 refs;         /* the name's one, and one for each reader */
    size_t len, room; /* room: what the last page still takes */
    struct chunk *first, *last;
    u64 mtime_ns;
};

struct tmp_file {
    char name[NAME_MAX_ + 1]; /* "": free */
    struct content *content;
};

static struct spinlock lock;
static struct tmp_file files[FILE_TMP_FILES];
static u32 pages_used; /* of FILE_TMP_BYTES / PAGE */

static void free_chain(struct chunk *c)
{
    while (c) {
        struct chunk *next = c->next;
        page_free(c, 0);
        atomic_sub(&pages_used, 1);
        c = next;
    }
}

static void content_put(struct content *c)
{
    if (!c)
        return;
    spin_lock(&lock);
    bool last = --c->refs == 0;
    spin_unlock(&lock);
    if (!last)
        return;
    free_chain(c->first);
    mem_free(c);
}

static struct tmp_file *find_locked(const char *name)
{
    for (unsigned i = 0; i < FILE_TMP_FILES; i++)
        if (files[i].name[0] && str_eq(files[i].name, name))
            return &files[i];
    return NULL;
}

static struct tmp_file *free_slot_locked(void)
{
    for (unsigned i = 0; i < FILE_TMP_FILES; i++)
        if (!files[i].name[0])
            return &files[i];
    return NULL;
}

/* The content under a name, counted for the caller; NULL when there is none. */
static struct content *content_get(const char *name)
{
    spin_lock(&lock);
    struct tmp_file *f = find_locked(name);
    struct content *c = f ? f->content : NULL;
    if (c)
        c->refs++;
    spin_unlock(&lock);
    return c;
}

/* An empty content under that name, counted for the caller and for the name; what was there before goes. */
static int content_new(const char *name, struct content **to)
{
    struct content *c = mem_zalloc(sizeof(*c)), *old = NULL;
    int err = 0;

    if (!c)
        return -ENOMEM;
    c->refs = 2;
    c->mtime_ns = wall_ns();
    spin_lock(&lock);
    struct tmp_file *f = find_locked(name);
    if (!f)
        f = free_slot_locked();
    if (f) {
        old = f->content;
        f->content = c;
        str_copy(f->name, sizeof(f->name), name);
    } else {
        err = -ENOSPC;
    }
    spin_unlock(&lock);
    content_put(old);
    if (err)
        mem_free(c);
    *to = c;
    return err;
}

static int add_page(struct content *c)
{
    struct chunk *fresh = NULL;

    if (atomic_add(&pages_used, 1) <= FILE_TMP_BYTES / PAGE)
        fresh = page_alloc(0);
    if (!fresh) {
        atomic_sub(&pages_used, 1);
        return -ENOSPC;
    }
    fresh->next = NULL;
    spin_lock(&lock);
    if (!c->room) { /* else another writer was faster */
        if (c->last)
            c->last->next = fresh;
        else
            c->first = fresh;
        c->last = fresh;
        c->room = sizeof(fresh->bytes);
        fresh = NULL;
    }
    spin_unlock(&lock);
    free_chain(fresh);
    return 0;
}

/* Copies what the last page still takes; returns how much that was. */
static size_t fill_page(struct content *c, const char *p, size_t n)
{
    spin_lock(&lock);
    n = min(n, c->room);
    if (n) {
        memcpy(c->last->bytes + sizeof(c->last->bytes) - c->room, p, n);
        c->room -= n;
        store_release(&c->len, c->len + n);
        c->mtime_ns = wall_ns();
    }
    spin_unlock(&lock);
    return n;
}

static int append_bytes(struct content *c, const char *p, size_t n)
{
    while (n) {
        size_t done = fill_page(c, p, n);
        p += done;
        n -= done;
        int err = n ? add_page(c) : 0;
        if (err)
            return err;
    }
    return 0;
}

static int tmp_stat(struct net *net, const char *name, struct file_stat *st)
{
    *st = (struct file_stat){.dir = !*name, .writable = true};
    if (!*name)
        return 0;
    struct content *c = content_get(name);
    if (!c)
        return -ENOENT;
    st->size = load_acquire(&c->len);
    st->mtime_ns = c->mtime_ns;
    content_put(c);
    return 0;
}

static int tmp_read(struct net *net, const char *name, struct out *to)
{
    struct content *c = content_get(name);

    if (!c)
        return -ENOENT;
    size_t left = load_acquire(&c->len);
    for (const struct chunk *k = c->first; left && !out_failed(to); k = k->next) {
        size_t n = min(left, sizeof(k->bytes));
        out_raw(to, k->bytes, n);
        left -= n;
    }
    content_put(c);
    return 0;
}

static int tmp_write(struct net *net, const char *name, const char *p, size_t n, bool append)
{
    struct content *c = NULL;
    int err = 0;

    if (strchr(name, '/'))
        return -ENOENT;
    if (strlen(name) > NAME_MAX_)
        return -ENAMETOOLONG;
    if (append)
        c = content_get(name);
    if (!c)
        err = content_new(name, &c);
    if (err)
        return err;
    err = append_bytes(c, p, n);
    content_put(c);
    return err;
}

static int tmp_remove(struct net *net, const char *name)
{
    struct content *c = NULL;

    spin_lock(&lock);
    struct tmp_file *f = find_locked(name);
    if (f) {
        c = f->content;
        *f = (struct tmp_file){.content = NULL};
    }
    spin_unlock(&lock);
    content_put(c);
    return c ? 0 : -ENOENT;
}

static int tmp_list(struct net *net, const char *name, file_offer *offer, void *arg)
{
    char copy[NAME_MAX_ + 1];

    for (unsigned i = 0; i < FILE_TMP_FILES; i++) {
        spin_lock(&lock);
        str_copy(copy, sizeof(copy), files[i].name);
        spin_unlock(&lock);
        if (copy[0])
            offer(arg, copy, NULL);
    }
    return 0;
}

FILE_TREE(tmp, .path = "/tmp", .stat = tmp_stat, .read = tmp_read, .write = tmp_write, .remove = tmp_remove,
          .list = tmp_list);
