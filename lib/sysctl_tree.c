/* Tunables as names: finding one, /proc/sys, defaults.
 *
 * A name is held against the set part by part; "*" stands for one part, which may itself hold dots (eth0.10), so all
 * work is done on the path with slashes. The tree /proc/sys answers by the same functions: what `echo` writes there and
 * what `sysctl -w` sets is one thing.
 */
#include "lib/sysctl.h"

#include "lib/conf.h"
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "lib/sysctl_value.h"

int sysctl_path(char path[SYSCTL_NAME_MAX], const char *name)
{
    const char *first = strpbrk(name, "./");
    bool dots = first && *first == '.';

    if (str_copy(path, SYSCTL_NAME_MAX, name) >= SYSCTL_NAME_MAX)
        return -ENAMETOOLONG;
    for (char *p = path; dots && *p; p++)
        *p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
    return 0;
}

void sysctl_name(char name[SYSCTL_NAME_MAX], const char *path)
{
    str_copy(name, SYSCTL_NAME_MAX, path);
    for (char *p = name; *p; p++)
        *p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
}

struct asked {
    const char *name;
    bool found;
};

static void compare_name(void *arg, const char *name)
{
    struct asked *a = arg;
    a->found |= str_eq(name, a->name);
}

static bool has_star(const struct sysctl *s, struct net *net, const char *star)
{
    struct asked a = {.name = star};

    if (s->list)
        s->list(net, compare_name, &a);
    return a.found;
}

/* Does the path lead to s, or to a folder above it? *rest is what the name still has behind it, "" for s itself. */
static bool leads(const struct sysctl *s, struct net *net, const char *path, char star[SYSCTL_NAME_MAX],
                  const char **rest)
{
    const char *want = s->name;

    star[0] = '\0';
    while (*path) {
        size_t n = strcspn(path, "/"), m = strcspn(want, ".");
        if (m == 1 && *want == '*') {
            if (str_copy_n(star, SYSCTL_NAME_MAX, path, n) >= SYSCTL_NAME_MAX || !has_star(s, net, star))
                return false;
        } else if (n != m || memcmp(path, want, n) != 0) {
            return false;
        }
        path += n + (path[n] == '/');
        want += m + (want[m] == '.');
    }
    *rest = want;
    return true;
}

static const struct sysctl *find(struct net *net, const char *path, char star[SYSCTL_NAME_MAX])
{
    const char *rest;

    SET_FOREACH(sysctl, const struct sysctl, s) {
        if (*path && leads(s, net, path, star, &rest) && !*rest)
            return s;
    }
    return NULL;
}

static int get_path(struct net *net, const char *path, struct out *o)
{
    char star[SYSCTL_NAME_MAX];
    const struct sysctl *s = find(net, path, star);

    return s ? sysctl_show(s, net, star, o) : -ENOENT;
}

static int set_path(struct net *net, const char *path, const char *text)
{
    char star[SYSCTL_NAME_MAX];
    int err = -ENOENT;

    conf_enter(); /* before the look: what a "*" stands for may go */
    const struct sysctl *s = find(net, path, star);
    if (s)
        err = sysctl_store(s, net, star, text);
    conf_leave();
    return err;
}

int sysctl_get(struct net *net, const char *name, struct out *o)
{
    char path[SYSCTL_NAME_MAX];
    int err = sysctl_path(path, name);

    return err ? err : get_path(net, path, o);
}

int sysctl_set(struct net *net, const char *name, const char *text)
{
    char path[SYSCTL_NAME_MAX];
    int err = sysctl_path(path, name);

    return err ? err : set_path(net, path, text);
}

/* ---- the tree /proc/sys ---- */

static int tree_stat(struct net *net, const char *path, struct file_stat *st)
{
    char star[SYSCTL_NAME_MAX];
    const char *rest;
    const struct sysctl *s = find(net, path, star);

    *st = (struct file_stat){.dir = !s, .view = s, .writable = s && s->access != SYSCTL_RO};
    if (s && s->type == SYSCTL_CALL && !s->store)
        st->writable = false;
    if (s || !*path)
        return 0;
    SET_FOREACH(sysctl, const struct sysctl, e) {
        if (leads(e, net, path, star, &rest))
            return 0;
    }
    return -ENOENT;
}

static int tree_read(struct net *net, const char *path, struct out *to)
{
    int err = get_path(net, path, to);

    if (!err)
        out_raw(to, "\n", 1);
    return err;
}

static int tree_write(struct net *net, const char *path, const char *p, size_t n, bool append)
{
    char *text;

    if (!n)
        return 0; /* opened and emptied: nothing was said yet */
    if (n >= SYSCTL_VALUE_MAX)
        return -EINVAL;
    text = mem_alloc(n + 1);
    if (!text)
        return -ENOMEM;
    str_copy_n(text, n + 1, p, n);
    int err = set_path(net, path, text);
    mem_free(text);
    return err;
}

struct offering {
    file_offer *offer;
    void *arg;
};

static void offer_star(void *arg, const char *name)
{
    struct offering *o = arg;
    o->offer(o->arg, name, NULL);
}

static int tree_list(struct net *net, const char *path, file_offer *offer, void *arg)
{
    char star[SYSCTL_NAME_MAX], part[SYSCTL_NAME_MAX];
    struct offering o = {offer, arg};
    const char *rest;

    SET_FOREACH(sysctl, const struct sysctl, s) {
        if (!leads(s, net, path, star, &rest) || !*rest)
            continue;
        size_t n = strcspn(rest, ".");
        if (n == 1 && *rest == '*') {
            if (s->list)
                s->list(net, offer_star, &o);
        } else if (str_copy_n(part, sizeof(part), rest, n) < sizeof(part)) {
            offer(arg, part, NULL);
        }
    }
    return 0;
}

FILE_TREE(proc_sys, .path = "/proc/sys", .stat = tree_stat, .read = tree_read, .write = tree_write, .list = tree_list);

/* ---- defaults, and what differs from them ---- */

static void set_defaults(struct net *net)
{
    SET_FOREACH(sysctl, const struct sysctl, s) {
        if (s->slot && !s->place)
            sysctl_set_default(s, (char *)net + *s->slot + s->offset);
    }
}

NET_SETUP(sysctl, set_defaults);

struct changed {
    struct net *net;
    const struct sysctl *s;
    void (*fn)(void *arg, const char *name, const char *value);
    void *arg;
    char *value, *begun; /* SYSCTL_VALUE_MAX */
    const char *late;
};

static bool is_late(struct net *net, const char *star)
{
    SET_FOREACH(sysctl_late, const struct sysctl_late, l)
        if (*star && l->is(net, star))
            return true;
    return false;
}

/* There is nothing to tell: it is as it comes. What is made begins with the values of "default", where there are such;
 * and where "all" was written and acts on the others (changed), a default too was chosen after it. */
static bool as_begun(struct changed *c, const char *star)
{
    bool is_default = sysctl_is_default(c->s, c->net, star, c->value);
    if (!*c->value || !*star || (!c->late && !c->s->changed))
        return is_default;
    if (!c->late)
        return is_default && sysctl_is_default(c->s, c->net, "all", c->begun);
    sysctl_is_default(c->s, c->net, "default", c->begun);
    return *c->begun ? str_eq(c->value, c->begun) : is_default;
}

static void tell_changed(void *arg, const char *star)
{
    struct changed *c = arg;
    char name[SYSCTL_NAME_MAX], inner[SYSCTL_NAME_MAX];
    const char *at = strchr(c->s->name, '*');

    if (c->late ? !str_eq(star, c->late) : is_late(c->net, star))
        return;
    if (as_begun(c, star))
        return;
    if (!at) {
        c->fn(c->arg, c->s->name, c->value);
        return;
    }
    sysctl_name(inner, star); /* eth0.10 is written eth0/10 within a name */
    str_copy_n(name, sizeof(name), c->s->name, (size_t)(at - c->s->name));
    str_append(name, sizeof(name), inner);
    str_append(name, sizeof(name), at + 1);
    c->fn(c->arg, name, c->value);
}

static const struct sysctl *next_by_name(const struct sysctl *last)
{
    const struct sysctl *best = NULL;

    SET_FOREACH(sysctl, const struct sysctl, s) {
        if ((!last || strcmp(s->name, last->name) > 0) && (!best || strcmp(s->name, best->name) < 0))
            best = s;
    }
    return best;
}

static void each_changed(struct changed *c, bool calls)
{
    for (c->s = next_by_name(NULL); c->s; c->s = next_by_name(c->s)) {
        if (c->s->alias || c->s->access != SYSCTL_RW || (c->s->type == SYSCTL_CALL) != calls || (calls && !c->s->text))
            continue;
        if (c->s->list)
            c->s->list(c->net, tell_changed, c);
        else
            tell_changed(c, "");
    }
}

void sysctl_each_changed(struct net *net, const char *late, void (*fn)(void *arg, const char *name, const char *value),
                         void *arg)
{
    struct changed c = {.net = net, .fn = fn, .arg = arg, .late = late};

    c.value = mem_alloc(SYSCTL_VALUE_MAX);
    c.begun = mem_alloc(SYSCTL_VALUE_MAX);
    for (int calls = 0; calls < 2 && c.value && c.begun; calls++)
        each_changed(&c, calls);
    mem_free(c.begun);
    mem_free(c.value);
}
