/* Reading a table some routes at a time (fib_read: fib.h), so that nobody who prints a million of them holds up those
 * who change it. A prefix that came or went between two readings is in its place, or is not. */
#include "net/ip/fib.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/ip/addr.h"

static u32 take(struct fib_table *t, const struct lpm_route *at, struct fib_entry *to)
{
    u32 value = lpm_get(&t->lpm, at->key, at->bits);
    struct route *one, *const *all;
    u32 n = value ? route_all(route_at(t->net, value), &all, &one) : 0;
    for (u32 i = 0; i < n; i++) {
        to[i].prefix.bits = (u8)at->bits;
        if (t->family == &ip_v4)
            to[i].prefix.addr = addr_of4(at->key);
        else
            memcpy(to[i].prefix.addr.b, at->key, sizeof(to[i].prefix.addr.b));
        to[i].r = all[i];
        route_hold(all[i]);
    }
    return n;
}

static bool is_within(const struct lpm_route *r, const struct lpm_route *of)
{
    struct ipprefix p = {.bits = (u8)of->bits};
    struct ipaddr a;
    memcpy(p.addr.b, of->key, sizeof(p.addr.b));
    memcpy(a.b, r->key, sizeof(a.b));
    return r->bits >= of->bits && prefix_has(&p, &a);
}

/* The next prefix in the family's order. */
static bool step(struct fib_table *t, struct fib_cursor *c, struct lpm_route *next)
{
    bool more;
    if (!c->begun)
        c->at.bits = ~0u;
    c->begun = true;
    if (t->family == &ip_v4) {
        more = lpm_next(&t->lpm, &c->at);
        *next = c->at;
        return more;
    }
    struct lpm_route peek = c->at;
    while ((more = lpm_next(&t->lpm, &peek)) && (!c->open || is_within(&peek, &c->within[c->open - 1])))
        c->within[c->open++] = c->at = peek;
    if (!c->open)
        return false;
    *next = c->within[--c->open];
    return true;
}

u32 fib_read(struct fib_table *t, struct fib_cursor *c, struct fib_entry to[FIB_ENTRIES])
{
    struct lpm_route next;
    u32 n = 0;
    conf_assert();
    while (n + FIB_UNDER <= FIB_ENTRIES && step(t, c, &next))
        n += take(t, &next, to + n);
    return n;
}

struct each {
    struct fib_cursor at;
    struct fib_entry some[FIB_ENTRIES];
};

int fib_each(struct fib_table *t, bool (*fn)(struct fib_table *t, const struct fib_entry *e, void *arg), void *arg)
{
    struct each *e = mem_zalloc(sizeof(*e));
    bool more = true;
    u32 had = 0;
    if (!e)
        return -ENOMEM;
    do {
        conf_enter();
        for (u32 i = 0; i < had; i++)
            route_put(e->some[i].r);
        had = more ? fib_read(t, &e->at, e->some) : 0;
        conf_leave();
        for (u32 i = 0; more && i < had; i++)
            more = fn(t, &e->some[i], arg);
    } while (had);
    mem_free(e);
    return 0;
}
