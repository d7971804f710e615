/* Folders of the tree of names, and patterns over them.
 *
 * A folder's names come from every view and tree that lies below it; they are gathered, sorted by bytes and made
 * unique before the first is offered, so the one who is offered to may himself ask for files. A pattern is followed
 * part by part, looking only into the folders that its leading parts match.
 */
#include "lib/file.h"
#include "lib/file_path.h"
#include "lib/plat.h"
#include "lib/string.h"

#define GLOB_PARTS 8 /* parts of a pattern that hold a wildcard: bounds the depth of calls */
/* Names that are compared with a part: bounds the time of patterns like a?/../a?/../a?, which look at each folder once
 * for each way into it. */
#define GLOB_TRIES 20000

/* Names, sorted and unique. */
struct names {
    char **v;
    size_t n, cap;
    int err; /* there was no memory: the list is not whole */
};

static void names_free(struct names *l)
{
    for (size_t i = 0; i < l->n; i++)
        mem_free(l->v[i]);
    mem_free(l->v);
}

static bool names_grow(struct names *l)
{
    size_t cap = l->cap ? l->cap * 2 : 16;
    char **v = mem_alloc(cap * sizeof(*v));

    if (!v)
        return false;
    if (l->n)
        memcpy(v, l->v, l->n * sizeof(*v));
    mem_free(l->v);
    l->v = v;
    l->cap = cap;
    return true;
}

static void names_add(void *arg, const char *name)
{
    struct names *l = arg;
    size_t low = 0, high = l->n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strcmp(l->v[mid], name);
        if (!order)
            return;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    char *copy = str_dup(name);
    if (!copy || (l->n == l->cap && !names_grow(l))) {
        mem_free(copy);
        l->err = -ENOMEM;
        return;
    }
    memmove(&l->v[low + 1], &l->v[low], (l->n - low) * sizeof(*l->v));
    l->v[low] = copy;
    l->n++;
}

static void names_add_stat(void *arg, const char *name, const struct file_stat *st)
{
    names_add(arg, name);
}

static void add_first_part(struct names *l, const char *rest)
{
    char part[FILE_PATH_MAX];

    str_copy_n(part, sizeof(part), rest, strcspn(rest, "/"));
    names_add(l, part);
}

static void add_views(struct net *net, const char *plain, struct names *l)
{
    struct file_at at;

    SET_FOREACH(file_view, const struct file_view, v) {
        if (!file_view_leads(v, net, plain, &at) || !*at.rest)
            continue;
        if (at.rest[0] != '*')
            add_first_part(l, at.rest);
        else if (v->list)
            v->list(&at.req, (int)at.depth, names_add, l);
    }
}

static void add_trees(const char *plain, struct names *l)
{
    size_t n = strlen(plain);

    SET_FOREACH(file_tree, const struct file_tree, t) {
        const char *path = t->path + 1;
        if (!n)
            add_first_part(l, path);
        else if (strncmp(path, plain, n) == 0 && path[n] == '/')
            add_first_part(l, path + n + 1);
    }
}

/* NOINLINE: its paths are not to lie on the stack while the names are offered, which may list again. */
static NOINLINE int gather(struct net *net, const char *path, struct names *l)
{
    char plain[FILE_PATH_MAX];
    struct file_stat st;
    const char *name;
    int err = file_stat(net, path, &st);

    if (err)
        return err;
    if (!st.dir)
        return -ENOTDIR;
    err = file_plain_path(path, plain);
    if (err)
        return err;
    const struct file_tree *t = file_tree_of(plain, &name);
    if (t)
        t->list(net, name, names_add_stat, l); /* -ENOENT: it is a folder of views alone */
    add_views(net, plain, l);
    add_trees(plain, l);
    return l->err;
}

static NOINLINE int stat_below(struct net *net, const char *dir, const char *name, struct file_stat *st)
{
    char full[2 * FILE_PATH_MAX];

    str_copy(full, sizeof(full), dir);
    str_append(full, sizeof(full), "/");
    str_append(full, sizeof(full), name);
    return file_stat(net, full, st);
}

int file_list(struct net *net, const char *path, file_offer *offer, void *arg)
{
    struct names l = {.v = NULL};
    struct file_stat st;
    int err = gather(net, path, &l);

    for (size_t i = 0; !err && i < l.n; i++)
        if (!stat_below(net, path, l.v[i], &st)) /* it may have gone meanwhile */
            offer(arg, l.v[i], &st);
    names_free(&l);
    return err;
}

struct glob {
    struct net *net;
    struct names found;
    unsigned wild;  /* parts with a wildcard so far */
    unsigned tries; /* names compared so far */
    size_t len;
    char path[FILE_PATH_MAX];
};

static bool has_wildcard(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\\')
            i++;
        else if (p[i] == '*' || p[i] == '?' || p[i] == '[')
            return true;
    }
    return false;
}

static bool glob_add(struct glob *g, const char *p, size_t n, bool unquote)
{
    for (size_t i = 0; i < n; i++) {
        if (unquote && p[i] == '\\' && i + 1 < n)
            i++;
        if (g->len + 1 >= sizeof(g->path))
            return false;
        g->path[g->len++] = p[i];
    }
    g->path[g->len] = '\0';
    return true;
}

static void glob_from(struct glob *g, const char *pattern);

struct glob_part {
    struct glob *g;
    const char *part; /* NUL-terminated copy */
    const char *rest; /* of the pattern, behind the part */
};

static void try_name(void *arg, const char *name, const struct file_stat *st)
{
    struct glob_part *p = arg;
    struct glob *g = p->g;
    size_t len = g->len;

    if (g->tries++ >= GLOB_TRIES) {
        g->found.err = -E2BIG;
        return;
    }
    if ((name[0] == '.' && p->part[0] != '.') || !str_match(p->part, name))
        return;
    if ((!*p->rest || st->dir) && glob_add(g, name, strlen(name), false))
        glob_from(g, p->rest);
    g->len = len;
    g->path[len] = '\0';
}

/* The first n bytes of the pattern are a part with a wildcard: looks at all names that may be meant. */
static void glob_part(struct glob *g, const char *pattern, size_t n)
{
    char *part = mem_alloc(n + 1);
    struct glob_part p = {g, part, pattern + n};

    if (part)
        str_copy_n(part, n + 1, pattern, n);
    if (!part || file_list(g->net, g->len ? g->path : "/", try_name, &p) == -ENOMEM)
        g->found.err = -ENOMEM;
    mem_free(part);
}

/* Follows the pattern from where g->path has led. */
static void glob_from(struct glob *g, const char *pattern)
{
    struct file_stat st;
    size_t len = g->len;

    while (*pattern) {
        size_t n = strcspn(pattern, "/");
        if (has_wildcard(pattern, n)) {
            if (g->wild++ < GLOB_PARTS && !g->found.err)
                glob_part(g, pattern, n);
            g->wild--;
            goto back;
        }
        while (pattern[n] == '/')
            n++;
        if (!glob_add(g, pattern, n, true))
            goto back;
        pattern += n;
    }
    if (!file_stat(g->net, g->path, &st))
        names_add(&g->found, g->path);
back:
    g->len = len;
    g->path[len] = '\0';
}

int file_glob(struct net *net, const char *pattern, void (*offer)(void *arg, const char *path), void *arg)
{
    struct glob *g = mem_zalloc(sizeof(*g));

    if (!g)
        return -ENOMEM;
    g->net = net;
    glob_from(g, pattern);
    int n = g->found.err ? g->found.err : (int)g->found.n;
    for (int i = 0; i < n; i++)
        offer(arg, g->found.v[i]);
    names_free(&g->found);
    mem_free(g);
    return n;
}
