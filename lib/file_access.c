/* One tree of names: finds who answers for a path, and asks him.
 *
 * A path is first made plain ("//", "." and ".." taken out). Then it belongs to the tree with the longest path that
 * leads to it (/etc, /tmp, /proc/sys), else to a view whose path it matches part by part, "*" standing for one part.
 * A name is a folder when a view or a tree lies below it: folders are never entered by themselves.
 *
 * Nothing is cached: the sets are constant. A view locks what it shows; what it stores is configuration, and is stored
 * under conf_lock.
 */
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/file_path.h"
#include "lib/plat.h"
#include "lib/string.h"

/* The view that is this very path. */
static const struct file_view *view_of(struct net *net, const char *plain, struct file_at *at)
{
    SET_FOREACH(file_view, const struct file_view, v) {
        if (*plain && file_view_leads(v, net, plain, at) && !*at->rest)
            return v;
    }
    return NULL;
}

/* Does a view or a tree lie below this path? */
static bool leads_somewhere(struct net *net, const char *plain, struct file_at *at)
{
    size_t n = strlen(plain);

    SET_FOREACH(file_view, const struct file_view, v) {
        if (file_view_leads(v, net, plain, at) && *at->rest)
            return true;
    }
    SET_FOREACH(file_tree, const struct file_tree, t) {
        if (!n || (strncmp(t->path + 1, plain, n) == 0 && t->path[1 + n] == '/'))
            return true;
    }
    return false;
}

static bool ends_in_slash(const char *path)
{
    return *path && path[strlen(path) - 1] == '/';
}

int file_stat(struct net *net, const char *path, struct file_stat *st)
{
    char plain[FILE_PATH_MAX];
    struct file_at at;
    const char *name;
    int err = file_plain_path(path, plain);

    *st = (struct file_stat){.dir = false};
    if (err)
        return err;
    const struct file_tree *t = file_tree_of(plain, &name);
    if (t)
        err = t->stat(net, name, st);
    if (t && err != -ENOENT)
        return err || st->dir || !ends_in_slash(path) ? err : -ENOTDIR;
    const struct file_view *v = view_of(net, plain, &at);
    *st = (struct file_stat){.dir = !v, .writable = v && v->store, .view = v};
    if (v || leads_somewhere(net, plain, &at))
        return !v || !ends_in_slash(path) ? 0 : -ENOTDIR;
    return -ENOENT;
}

int file_read(struct net *net, const char *path, struct out *to)
{
    char plain[FILE_PATH_MAX];
    struct file_at at;
    struct file_stat st;
    const char *name;
    int err = file_stat(net, path, &st);

    if (err)
        return err;
    if (st.dir)
        return -EISDIR;
    err = file_plain_path(path, plain);
    const struct file_view *v = err ? NULL : view_of(net, plain, &at);
    if (v) {
        at.req.out = to;
        return v->show ? v->show(&at.req) : -EACCES;
    }
    const struct file_tree *t = file_tree_of(plain, &name);
    return t && t->read ? t->read(net, name, to) : -EACCES;
}

/* Hands a copy with a NUL behind it to the view: it is text that a parser will read. */
static int store_view(const struct file_view *v, struct file_req *req, const char *p, size_t n)
{
    if (!v->store)
        return -EACCES;
    if (!n)
        return 0; /* opened and emptied, as by `: > file`: nothing was said yet */
    if (n > FILE_STORE_MAX)
        return -EFBIG;
    char *copy = mem_alloc(n + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, p, n);
    copy[n] = '\0';
    req->data = copy;
    req->len = n;
    conf_enter();
    int err = v->store(req);
    conf_leave();
    mem_free(copy);
    return err;
}

int file_write(struct net *net, const char *path, const char *p, size_t n, bool append)
{
    char plain[FILE_PATH_MAX];
    struct file_at at;
    struct file_stat st;
    const char *name;
    int err = file_plain_path(path, plain);

    if (err)
        return err;
    err = file_stat(net, path, &st);
    if (!err && st.dir)
        return -EISDIR;
    if (err && err != -ENOENT)
        return err;
    if (ends_in_slash(path))
        return -EISDIR; /* a folder is not made so, and a file has no such name */
    const struct file_view *v = view_of(net, plain, &at);
    if (v)
        return store_view(v, &at.req, p, n);
    const struct file_tree *t = file_tree_of(plain, &name);
    if (t && t->write)
        return t->write(net, name, p, n, append);
    return err ? err : -EACCES;
}

void file_dump(struct out *to)
{
    SET_FOREACH(file_view, const struct file_view, v) {
        if (v->dump)
            v->dump(to);
    }
}

int file_remove(struct net *net, const char *path)
{
    char plain[FILE_PATH_MAX];
    struct file_stat st;
    const char *name;
    int err = file_stat(net, path, &st);

    if (err)
        return err;
    if (st.dir)
        return -EISDIR;
    err = file_plain_path(path, plain);
    const struct file_tree *t = err ? NULL : file_tree_of(plain, &name);
    return t && t->remove ? t->remove(net, name) : -EPERM;
}

struct load {
    struct out out;
    char *p;
    size_t n, cap, max;
    int err;
};

static int grow_load(struct load *l, size_t more)
{
    size_t cap = max(l->cap * 2, l->n + more + 1);
    char *p = mem_alloc(cap);

    if (!p)
        return -ENOMEM;
    if (l->n)
        memcpy(p, l->p, l->n);
    mem_free(l->p);
    l->p = p;
    l->cap = cap;
    return 0;
}

static int write_load(struct out *o, const char *p, size_t n)
{
    struct load *l = container_of(o, struct load, out);

    if (n > l->max - l->n)
        l->err = -EFBIG;
    else if (l->n + n >= l->cap)
        l->err = grow_load(l, n);
    if (l->err)
        return l->err;
    memcpy(l->p + l->n, p, n);
    l->n += n;
    return 0;
}

int file_load(struct net *net, const char *path, size_t limit, char **p, size_t *n)
{
    struct load l = {.max = limit};
    int err;

    out_init(&l.out, write_load, NULL, false);
    err = grow_load(&l, 255);
    if (!err)
        err = file_read(net, path, &l.out);
    if (!err)
        err = l.err;
    if (err) {
        mem_free(l.p);
        return err;
    }
    l.p[l.n] = '\0';
    *p = l.p;
    *n = l.n;
    return 0;
}

static int null_show(struct file_req *r)
{
    return 0;
}

static int null_store(struct file_req *r)
{
    return 0;
}

FILE_VIEW(null, .path = "/dev/null", .show = null_show, .store = null_store);
