/* The table of stations (contract: fdb.h). Whoever changes it holds its lock, with softirqs off; whatever leaves it is
 * freed behind RCU. Counts are of moments that are rare, or a stranger's: they are under the lock too.
 *
 * Nobody holds the lock for long: who looks through the whole table takes it for each entry that goes. Memory that
 * there is none of is a station that is not learnt, no error.
 */
#include "net/link/fdb.h"

#include "lib/errno.h"
#include "lib/rand.h"
#include "lib/string.h"

#define ROOM        64u                                /* of the table, at first */
#define LEAST_TICKS ((u32)(NS_PER_S >> FDB_TICK) + 1u) /* between two looks for what is to be forgotten */

static void enter(struct fdb *f)
{
    softirq_off();
    spin_lock(&f->lock);
}

static void leave(struct fdb *f)
{
    spin_unlock(&f->lock);
    softirq_on();
}

static void free_entry(struct rcu_head *h)
{
    mem_free(container_of(h, struct fdb_entry, rcu));
}

/* ---- under the lock ---- */

static void take_out(struct fdb *f, struct fdb_entry *e)
{
    f->learnt -= e->kind == FDB_LEARNT;
    htab_remove(&f->tab, &e->node);
    rcu_defer(&e->rcu, free_entry);
}

/* In `ticks`, and for all that comes later. */
static void look_in(struct fdb *f, u32 ticks)
{
    timer_arm(&f->forget, ((clock_ns() >> FDB_TICK) + ticks) << FDB_TICK);
}

static int put_in(struct fdb *f, const void *mac, struct bridge_port *port, enum fdb_kind kind, u8 flags, u32 tick)
{
    struct fdb_entry *e = mem_alloc(sizeof(*e));
    if (!e)
        return -ENOMEM;
    *e = (struct fdb_entry){.kind = (u8)kind, .flags = flags, .port = port, .seen = tick, .used = tick};
    memcpy(&e->mac, mac, sizeof(e->mac));
    int err = htab_insert(&f->tab, &e->node, fdb_hash(f, mac));
    if (err) {
        mem_free(e);
        return err;
    }
    if (kind == FDB_LEARNT && !f->learnt++)
        look_in(f, max(f->ageing, 1u));
    return 0;
}

static void heard(struct fdb *f, struct fdb_entry *e, struct bridge_port *port, u32 tick)
{
    if (e->kind == FDB_LOCAL) { /* somebody has our address, or our frames come back to us */
        f->counts.own++;
        return;
    }
    if (e->port != port && !(e->flags & FDB_STICKY)) {
        store_release(&e->port, port);
        f->counts.moves++;
    }
    store_relaxed(&e->seen, tick);
}

void fdb_learn(struct fdb *f, const void *mac, struct bridge_port *port, u32 tick)
{
    spin_lock(&f->lock);
    struct fdb_entry *e = fdb_find(f, mac);
    if (e)
        heard(f, e, port, tick);
    else if (f->learnt >= f->most || put_in(f, mac, port, FDB_LEARNT, 0, tick))
        f->counts.full++;
    spin_unlock(&f->lock);
}

/* ---- forgetting: the table may be long, and is locked for one entry at a time ---- */

struct round {
    struct fdb *f;
    u32 now, oldest;  /* of those that stay: ticks since they were seen */
    fdb_which *which; /* of the round */
    fdb_which *flushed;
    const void *arg;
};

static void take_out_if(struct round *r, struct fdb_entry *e)
{
    enter(r->f);
    if (fdb_find(r->f, &e->mac) == e && r->which(e, r))
        take_out(r->f, e);
    leave(r->f);
}

/* Ticks since it was seen; what is seen at this moment may be ahead of us. */
static u32 age_of(const struct fdb_entry *e, u32 now)
{
    i32 age = (i32)(now - load_relaxed(&e->seen));
    return (u32)max(age, 0);
}

static bool is_old(const struct fdb_entry *e, const void *arg)
{
    const struct round *r = arg;
    return load_relaxed(&e->kind) == FDB_LEARNT && age_of(e, r->now) >= load_relaxed(&r->f->ageing);
}

static void forget_one(struct hnode *n, void *arg)
{
    struct fdb_entry *e = container_of(n, struct fdb_entry, node);
    struct round *r = arg;

    if (is_old(e, r))
        take_out_if(r, e);
    else if (load_relaxed(&e->kind) == FDB_LEARNT)
        r->oldest = max(r->oldest, age_of(e, r->now));
}

static void forget(struct timer *t)
{
    struct fdb *f = container_of(t, struct fdb, forget);
    struct round r = {.f = f, .now = fdb_tick(clock_ns()), .which = is_old};

    for (u64 at = 0; (at = htab_walk(&f->tab, at, forget_one, &r));)
        ;
    spin_lock(&f->lock);
    if (f->learnt)
        look_in(f, f->ageing > r.oldest ? max(f->ageing - r.oldest, LEAST_TICKS) : LEAST_TICKS);
    spin_unlock(&f->lock);
}

static bool is_flushed(const struct fdb_entry *e, const void *arg)
{
    const struct round *r = arg;
    return r->flushed(e, r->arg);
}

static void flush_one(struct hnode *n, void *arg)
{
    struct fdb_entry *e = container_of(n, struct fdb_entry, node);
    if (is_flushed(e, arg))
        take_out_if(arg, e);
}

void fdb_flush(struct fdb *f, fdb_which *which, const void *arg)
{
    struct round r = {.f = f, .which = is_flushed, .flushed = which, .arg = arg};
    u64 at = 0;
    do {
        rcu_enter();
        at = htab_walk(&f->tab, at, flush_one, &r);
        rcu_exit();
    } while (at);
}

/* ---- by words ---- */

void fdb_set_ageing(struct fdb *f, u64 ns)
{
    enter(f);
    f->ageing_ns = ns;
    store_relaxed(&f->ageing, ns ? (u32)(ns >> FDB_TICK) + 1 : 0);
    if (f->learnt)
        look_in(f, 1);
    leave(f);
}

static void become(struct fdb *f, struct fdb_entry *e, struct bridge_port *port, enum fdb_kind kind, u8 flags)
{
    f->learnt -= e->kind == FDB_LEARNT;
    e->flags = flags;
    store_relaxed(&e->kind, (u8)kind);
    store_release(&e->port, port);
    e->seen = e->used = fdb_tick(clock_ns());
    if (kind == FDB_LEARNT && !f->learnt++)
        look_in(f, max(f->ageing, 1u));
}

int fdb_set(struct fdb *f, const struct macaddr *mac, struct bridge_port *port, enum fdb_kind kind, u8 flags,
            enum fdb_how how)
{
    int err = 0;
    enter(f);
    struct fdb_entry *e = fdb_find(f, mac);
    if (e && how == FDB_ADD)
        err = -EEXIST;
    else if (e)
        become(f, e, port, kind, flags);
    else
        err = put_in(f, mac, port, kind, flags, fdb_tick(clock_ns()));
    leave(f);
    return err;
}

int fdb_del(struct fdb *f, const struct macaddr *mac, struct bridge_port *port)
{
    enter(f);
    struct fdb_entry *e = fdb_find(f, mac);
    bool there = e && e->port == port;
    if (there)
        take_out(f, e);
    leave(f);
    return there ? 0 : -ENOENT;
}

struct walk {
    void (*fn)(struct fdb_entry *e, void *arg);
    void *arg;
};

static void walk_one(struct hnode *n, void *arg)
{
    const struct walk *w = arg;
    w->fn(container_of(n, struct fdb_entry, node), w->arg);
}

void fdb_walk(struct fdb *f, void (*fn)(struct fdb_entry *e, void *arg), void *arg)
{
    struct walk w = {fn, arg};
    u64 at = 0;
    do {
        rcu_enter();
        at = htab_walk(&f->tab, at, walk_one, &w);
        rcu_exit();
    } while (at);
}

/* ---- coming and going ---- */

int fdb_init(struct fdb *f)
{
    if (htab_init(&f->tab, ROOM))
        return -ENOMEM;
    rand_bytes(&f->key, sizeof(f->key));
    f->most = FDB_MOST;
    timer_init(&f->forget, forget);
    fdb_set_ageing(f, FDB_AGEING);
    return 0;
}

static bool every(const struct fdb_entry *e, const void *arg)
{
    return true;
}

void fdb_exit(struct fdb *f)
{
    if (!f->tab.table)
        return;
    fdb_flush(f, every, NULL);
    timer_cancel_wait(&f->forget);
    htab_free(&f->tab);
    f->tab.table = NULL;
}
