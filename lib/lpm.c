/* Building and changing a longest-prefix match table (contract: lib/lpm.h; how keys are looked up: lib/lpm_find.c).
 *
 *     root --10--> node --1--> node --*--> ...          a level for each byte of the key, nodes only where prefixes are
 *
 * The node at depth d (bits) holds the prefixes of d + 1 to d + 8 bits that lead to it: as a list, which is the truth,
 * and painted on its 256 places, the longer over the shorter, which is what is looked up. A place holds the value of
 * the longest prefix of this node that covers it, or the next node, which then keeps that value as `inherited`. So a
 * prefix concerns one node and the heads of its children, and no node repeats what stands above it.
 *
 * Where few long prefixes are behind a place (of long keys), a bucket holds them all: lib/lpm_bucket.c.
 *
 * A node never changes under readers: a new one is built and published by one store into its parent's place; the old is
 * freed when its readers are gone. Only `inherited` and places that lead to nodes are stored into, a word at a time.
 * Where a table in front (lib/lpm_direct.c) has a node's places, readers do not look at the node: a change edits its
 * list and stores the places that are others now, and builds nothing.
 * A change takes all the memory that it needs before it shows anything.
 */
#include "lib/lpm.h"
#include "lib/byteorder.h"
#include "lib/lpm_node.h"
#include "lib/string.h"

#define LPM_FEW (LPM_BUCKET_MOST + 1)

/* A node with these prefixes and with the children of `old`, which may be NULL; but at place `at`, unless it is -1,
 * there is `child`, or none where that is 0. */
static struct lpm_node *build(struct lpm *l, const struct lpm_node *old, struct lpm_prefix *prefix, u16 prefixes,
                              int at, u32 child)
{
    struct lpm_node *n = lpm_node_alloc(l);
    u32 place[LPM_PLACES], *was;

    if (!n)
        return NULL;
    n->prefix = prefix;
    n->prefixes = n->room = prefixes;
    lpm_paint(prefix, prefixes, place);
    for (struct lpm_run run = {.node = old}; old && old->children && (was = lpm_next_run(&run));)
        if ((*was & LPM_NODE) && (int)run.place != at) {
            place[run.place & 255] = *was;
            n->children++;
        }
    if (at >= 0 && child) {
        place[at] = child;
        n->children++;
    }
    if (old)
        n->inherited = old->inherited;
    if (lpm_fold(l, n, place))
        return n;
    n->before[3] = LPM_IS_SPARSE; /* it has no entries */
    lpm_node_free(l, n);
    return NULL;
}

/* ---- changes ---- */

/* The way down to where a prefix belongs. node[n] is NULL where the way ends before. */
struct way {
    unsigned n; /* the last: at depth 8 * n */
    u32 *slot[LPM_KEY_MOST];
    struct lpm_node *node[LPM_KEY_MOST];
};

static void go_down(const struct lpm *l, const u8 *key, unsigned bits, struct way *w)
{
    u32 *slot = (u32 *)&l->root;

    for (w->n = 0;; w->n++) {
        w->slot[w->n] = slot;
        struct lpm_node *n = w->node[w->n] = *slot ? lpm_node(l, *slot) : NULL;
        if (!n || lpm_is_bucket(n) || bits <= 8 * w->n + 8)
            return;
        slot = lpm_place(l, n, key, 8 * w->n, key[w->n]);
        if (!(*slot & LPM_NODE))
            return;
    }
}

/* Is the last node of the way the one that the prefix belongs into? */
static bool arrived(const struct way *w, unsigned bits)
{
    return w->node[w->n] && !lpm_is_bucket(w->node[w->n]) && bits <= 8 * w->n + 8;
}

static void publish(const struct lpm *l, const struct way *w, unsigned at, const struct lpm_node *n)
{
    lpm_settle(l, n);
    store_release(w->slot[at], lpm_entry_of(n));
}

/* Bits of `a` and `b` behind their length do not matter. */
static bool same_prefix(const struct lpm_route *a, const struct lpm_route *b)
{
    unsigned whole = a->bits / 8, rest = a->bits % 8;
    return a->bits == b->bits && memcmp(a->key, b->key, whole) == 0 &&
           (!rest || (a->key[whole] ^ b->key[whole]) >> (8 - rest) == 0);
}

/* Frees nodes that no reader has, and their lists. `key`: of the way there; NULL: they have never been in the table. */
static void drop_tree(struct lpm *l, u32 entry, u8 *key, unsigned depth)
{
    struct lpm_node *n = lpm_node(l, entry);

    for (unsigned at = 0; n->children && at < LPM_PLACES; at++) {
        u32 e = key ? *lpm_place(l, n, key, depth, (u8)at) : *lpm_entry_at(n, (u8)at);
        if (key)
            key[depth / 8] = (u8)at;
        if (e & LPM_NODE)
            drop_tree(l, e, key, depth + 8);
    }
    lpm_list_free(l, n->prefix, n->room);
    lpm_node_free(l, n);
}

/* Some prefixes that lead to a new node, in the order of their lengths, and what they come to below it. */
struct few {
    const struct lpm_route *r;
    unsigned count, own; /* of all; the first of them are the node's own */
    u8 at[LPM_FEW];
    u32 child[LPM_FEW];
    unsigned children;
};

static u32 make_tree(struct lpm *l, const struct lpm_route *r, unsigned count, unsigned depth);

static bool make_children(struct lpm *l, struct few *f, unsigned depth)
{
    for (unsigned i = f->own; i < f->count; i++) {
        struct lpm_route sub[LPM_FEW];
        unsigned n = 0;
        u8 at = f->r[i].key[depth / 8];
        if (memchr(f->at, at, f->children))
            continue;
        for (unsigned k = i; k < f->count; k++)
            if (f->r[k].key[depth / 8] == at)
                sub[n++] = f->r[k];
        f->at[f->children] = at;
        f->child[f->children] = make_tree(l, sub, n, depth + 8);
        if (!f->child[f->children])
            return false;
        f->children++;
    }
    return true;
}

static bool fill_node(struct lpm *l, struct lpm_node *n, const struct few *f, unsigned depth)
{
    u32 place[LPM_PLACES];

    for (unsigned i = 0; i < f->own; i++) {
        struct lpm_prefix p = {lpm_id(f->r[i].key, f->r[i].bits, depth), f->r[i].value};
        lpm_list_put(n, lpm_list_position(n, p.id), p);
    }
    lpm_paint(n->prefix, n->prefixes, place);
    for (unsigned i = 0; i < f->children; i++)
        place[f->at[i]] = f->child[i];
    if (!lpm_fold(l, n, place))
        return false;
    n->children = (u16)f->children;
    lpm_settle(l, n);
    return true;
}

static u32 make_node(struct lpm *l, struct lpm_node *n, const struct lpm_route *r, unsigned count, unsigned depth)
{
    struct few f = {.r = r, .count = count};

    n->before[3] = LPM_IS_SPARSE; /* it has no entries yet */
    while (f.own < count && r[f.own].bits <= depth + 8)
        f.own++;
    if (f.own && !(n->prefix = lpm_list_alloc(l, f.own)))
        return 0;
    n->room = (u16)f.own;
    if (make_children(l, &f, depth)) {
        n->before[3] = 0;
        if (fill_node(l, n, &f, depth))
            return lpm_entry_of(n);
        n->before[3] = LPM_IS_SPARSE;
    }
    for (unsigned i = 0; i < f.children; i++)
        drop_tree(l, f.child[i], NULL, depth + 8);
    lpm_list_free(l, n->prefix, f.own);
    return 0;
}

/* A new bucket, or nodes, with these 1 to LPM_FEW prefixes. 0: no memory. */
static u32 make_tree(struct lpm *l, const struct lpm_route *r, unsigned count, unsigned depth)
{
    struct lpm_node *n = lpm_node_alloc(l);

    if (!n)
        return 0;
    if (lpm_bucket_fits(l, r, count, depth)) {
        lpm_bucket_fill(n, r, count, depth);
        return lpm_entry_of(n);
    }
    u32 entry = make_node(l, n, r, count, depth);
    if (!entry)
        lpm_node_free(l, n);
    return entry;
}

/* In the place of the bucket at the end of the way comes what holds these. */
static int replace_bucket(struct lpm *l, const struct lpm_route *r, unsigned count, const struct way *w)
{
    struct lpm_node *old = w->node[w->n];
    u32 entry = make_tree(l, r, count, 8 * w->n);

    if (!entry)
        return -ENOMEM;
    lpm_node(l, entry)->inherited = old->inherited;
    publish(l, w, w->n, lpm_node(l, entry));
    lpm_retire(old);
    return 0;
}

static int insert_bucket(struct lpm *l, const struct way *w, const struct lpm_route *new)
{
    const struct lpm_node *old = w->node[w->n];
    struct lpm_route r[LPM_FEW];
    unsigned count = lpm_bucket_read(old, new->key, 8 * w->n, r), at = count;
    bool known = lpm_bucket_get(old, new->key, new->bits, 8 * w->n);

    while (at && (r[at - 1].bits > new->bits || (known && !same_prefix(&r[at - 1], new)))) {
        if (!known)
            r[at] = r[at - 1];
        at--;
    }
    r[known ? at - 1 : at] = *new;
    int err = replace_bucket(l, r, count + !known, w);
    l->count += !err && !known;
    return err;
}

/* The same where the places lie in front: readers look at those alone, so nothing is built. */
static int insert_behind(struct lpm *l, struct lpm_node *n, const u8 *key, unsigned bits, unsigned depth, u32 value)
{
    u32 id = lpm_id(key, bits, depth);
    unsigned at = lpm_list_position(n, id);

    if (lpm_list_has(n, at, id)) {
        n->prefix[at].value = value;
    } else {
        if (n->prefixes == n->room && !lpm_list_grow(l, n))
            return -ENOMEM;
        lpm_list_put(n, at, (struct lpm_prefix){id, value});
        l->count++;
    }
    if (bits == 24) /* most of a full table */
        lpm_front_put(l, lpm_place(l, n, key, depth, key[2]), value);
    else
        lpm_front_renew(l, key, bits);
    return 0;
}

static int insert_into(struct lpm *l, const struct way *w, const u8 *key, unsigned bits, u32 value)
{
    struct lpm_node *old = w->node[w->n];
    if (lpm_fronted(l, 8 * w->n))
        return insert_behind(l, old, key, bits, 8 * w->n, value);
    u32 id = lpm_id(key, bits, 8 * w->n);
    unsigned at = lpm_list_position(old, id), known = lpm_list_has(old, at, id), prefixes = old->prefixes + 1u - known;
    struct lpm_prefix *list = lpm_list_alloc(l, prefixes);

    if (!list)
        return -ENOMEM;
    memcpy(list, old->prefix, at * sizeof(*list));
    list[at] = (struct lpm_prefix){id, value};
    memcpy(list + at + 1, old->prefix + at + known, (prefixes - at - 1) * sizeof(*list));
    struct lpm_node *n = build(l, old, list, (u16)prefixes, -1, 0);
    if (!n) {
        lpm_list_free(l, list, prefixes);
        return -ENOMEM;
    }
    lpm_list_free(l, old->prefix, old->room);
    l->count += !known;
    publish(l, w, w->n, n);
    if (!w->n)
        lpm_front_renew(l, key, bits);
    lpm_retire(old);
    return 0;
}

static int insert_below(struct lpm *l, const struct way *w, const struct lpm_route *r)
{
    struct lpm_node *old = w->node[w->n];
    unsigned depth = old ? 8 * w->n + 8 : 0;
    bool behind = old && lpm_fronted(l, 8 * w->n);
    u32 chain = make_tree(l, r, 1, depth);

    if (!chain)
        return -ENOMEM;
    struct lpm_node *n = lpm_node(l, chain);
    if (behind) {
        u32 *slot = lpm_place(l, old, r->key, 8 * w->n, r->key[w->n]);
        n->inherited = *slot;
        old->children++;
        store_release(slot, chain);
    } else if (old) {
        struct lpm_node *up = build(l, old, old->prefix, old->prefixes, r->key[w->n], chain);
        if (!up) {
            drop_tree(l, chain, NULL, depth);
            return -ENOMEM;
        }
        up->room = old->room;
        publish(l, w, w->n, up);
        lpm_retire(old);
    } else {
        publish(l, w, 0, n);
    }
    l->count++;
    lpm_front_enter(l, n, r->key, r->bits, depth);
    return 0;
}

static void set_whole(struct lpm *l, u32 value)
{
    l->count += !!value - !!l->whole;
    store_relaxed(&l->whole, value);
}

int lpm_insert(struct lpm *l, const u8 *key, unsigned bits, u32 value)
{
    struct way w;
    int err;

    if (bits > l->bits || !value || value > LPM_VALUE_MAX)
        return -EINVAL;
    if (!bits) {
        set_whole(l, value);
        return 0;
    }
    if (!lpm_wide_room(l, key, bits))
        return -ENOMEM;
    go_down(l, key, bits, &w);
    if (arrived(&w, bits)) {
        err = insert_into(l, &w, key, bits, value);
    } else {
        struct lpm_route r = {.bits = bits, .value = value};
        memcpy(r.key, key, l->bits / 8);
        err = w.node[w.n] && lpm_is_bucket(w.node[w.n]) ? insert_bucket(l, &w, &r) : insert_below(l, &w, &r);
    }
    if (!err)
        lpm_front_grow(l);
    return err;
}

/* Takes the child out that the key leads to, at the node of the way above it; *entry: what is in its place. */
static int remove_child(struct lpm *l, const struct way *w, unsigned above, const u8 *key, u32 *entry)
{
    struct lpm_node *old = w->node[above];

    if (lpm_fronted(l, 8 * above)) {
        old->children--;
        *entry = lpm_front_value(old, key[above]);
        store_release(w->slot[above + 1], *entry);
        return 0;
    }
    struct lpm_node *n = build(l, old, old->prefix, old->prefixes, key[above], 0);
    if (!n)
        return -ENOMEM;
    n->room = old->room;
    publish(l, w, above, n);
    lpm_retire(old);
    *entry = *lpm_entry_at(n, key[above]);
    return 0;
}

/* The last node of the way has no more to hold: it goes, and those above that only led to it. */
static int remove_nodes(struct lpm *l, const struct way *w, const u8 *key, unsigned bits)
{
    unsigned first = w->n;
    u32 entry = 0;

    while (first && !w->node[first - 1]->prefixes && w->node[first - 1]->children == 1)
        first--;
    if (!first)
        store_release(w->slot[0], 0);
    else if (remove_child(l, w, first - 1, key, &entry))
        return -ENOMEM;
    for (unsigned i = first + 1; i <= w->n; i++) /* who comes by the tables in front goes past those above */
        if (lpm_fronted(l, 8 * i - 8))
            store_release(w->slot[i], entry);
    lpm_front_renew(l, key, bits);
    lpm_list_free(l, w->node[w->n]->prefix, w->node[w->n]->room);
    for (unsigned i = first; i <= w->n; i++)
        lpm_retire(w->node[i]);
    return 0;
}

static int remove_from(struct lpm *l, const struct way *w, unsigned at, const u8 *key, unsigned bits)
{
    struct lpm_node *old = w->node[w->n];
    unsigned prefixes = old->prefixes - 1u;

    if (lpm_fronted(l, 8 * w->n)) {
        lpm_list_take(l, old, at);
        lpm_front_renew(l, key, bits);
        return 0;
    }
    struct lpm_prefix *list = prefixes ? lpm_list_alloc(l, prefixes) : NULL;
    if (prefixes && !list)
        return -ENOMEM;
    memcpy(list, old->prefix, at * sizeof(*list));
    memcpy(list + at, old->prefix + at + 1, (prefixes - at) * sizeof(*list));
    struct lpm_node *n = build(l, old, list, (u16)prefixes, -1, 0);
    if (!n) {
        lpm_list_free(l, list, prefixes);
        return -ENOMEM;
    }
    lpm_list_free(l, old->prefix, old->room);
    publish(l, w, w->n, n);
    if (!w->n)
        lpm_front_renew(l, key, bits);
    lpm_retire(old);
    return 0;
}

static int remove_from_bucket(struct lpm *l, const struct way *w, const u8 *key, unsigned bits)
{
    const struct lpm_node *old = w->node[w->n];
    struct lpm_route r[LPM_FEW], gone = {.bits = bits};
    unsigned count = lpm_bucket_read(old, key, 8 * w->n, r), at = 0;

    memcpy(gone.key, key, l->bits / 8);
    while (!same_prefix(&r[at], &gone))
        at++;
    memmove(&r[at], &r[at + 1], (count - at - 1) * sizeof(*r));
    return replace_bucket(l, r, count - 1, w);
}

int lpm_remove(struct lpm *l, const u8 *key, unsigned bits)
{
    struct way w;
    int err;

    if (bits > l->bits)
        return -EINVAL;
    if (!lpm_get(l, key, bits))
        return -ENOENT;
    if (!bits) {
        set_whole(l, 0);
        return 0;
    }
    go_down(l, key, bits, &w);
    const struct lpm_node *n = w.node[w.n];
    if (n->prefixes == 1 && !n->children)
        err = remove_nodes(l, &w, key, bits);
    else if (lpm_is_bucket(n))
        err = remove_from_bucket(l, &w, key, bits);
    else
        err = remove_from(l, &w, lpm_list_position(n, lpm_id(key, bits, 8 * w.n)), key, bits);
    l->count -= !err;
    return err;
}

u32 lpm_get(const struct lpm *l, const u8 *key, unsigned bits)
{
    struct way w;

    if (!bits || bits > l->bits)
        return bits ? 0 : l->whole;
    go_down(l, key, bits, &w);
    if (w.node[w.n] && lpm_is_bucket(w.node[w.n]))
        return lpm_bucket_get(w.node[w.n], key, bits, 8 * w.n);
    if (!arrived(&w, bits))
        return 0;
    u32 id = lpm_id(key, bits, 8 * w.n);
    unsigned at = lpm_list_position(w.node[w.n], id);
    return lpm_list_has(w.node[w.n], at, id) ? w.node[w.n]->prefix[at].value : 0;
}

/* ---- all of them, in order ---- */

static int by_address(const struct lpm_route *a, const struct lpm_route *b)
{
    int order = memcmp(a->key, b->key, LPM_KEY_MOST);
    return order ? order : (int)a->bits - (int)b->bits;
}

static bool next_in_bucket(const struct lpm_node *n, unsigned depth, bool from_start, struct lpm_route *r)
{
    struct lpm_route in[LPM_FEW];
    const struct lpm_route *next = NULL;
    unsigned count = lpm_bucket_read(n, r->key, depth, in);

    for (unsigned i = 0; i < count; i++)
        if ((from_start || by_address(&in[i], r) > 0) && (!next || by_address(&in[i], next) < 0))
            next = &in[i];
    if (next)
        *r = *next;
    return next;
}

/* The first prefix at or below n that comes after *r; r's bytes from this depth on are 0 and its bits ~0, where all of
 * them do (`from_start`). */
static bool next_in(const struct lpm *l, const struct lpm_node *n, unsigned depth, bool from_start, struct lpm_route *r)
{
    unsigned byte = depth / 8, first = from_start ? 0 : r->key[byte];

    if (lpm_is_bucket(n))
        return next_in_bucket(n, depth, from_start, r);
    for (unsigned at = first; at < LPM_PLACES; at++) {
        bool bound = !from_start && at == first; /* what stands here may lie before r */
        for (unsigned length = at ? 8 - (unsigned)__builtin_ctz(at) : 1; n->prefixes && length <= 8; length++) {
            u32 id = 1u << length | at >> (8 - length);
            unsigned where = lpm_list_position(n, id);
            if (!lpm_list_has(n, where, id))
                continue;
            if (bound && (depth + length <= r->bits || !mem_is_zero(r->key + byte + 1, LPM_KEY_MOST - byte - 1)))
                continue;
            memset(r->key + byte, 0, LPM_KEY_MOST - byte);
            r->key[byte] = (u8)at;
            r->bits = depth + length;
            r->value = n->prefix[where].value;
            return true;
        }
        u32 entry = *lpm_place(l, n, r->key, depth, (u8)at);
        if (!(entry & LPM_NODE))
            continue;
        if (!bound) {
            memset(r->key + byte, 0, LPM_KEY_MOST - byte);
            r->key[byte] = (u8)at;
        }
        if (next_in(l, lpm_node(l, entry), depth + 8, !bound, r))
            return true;
    }
    return false;
}

bool lpm_next(const struct lpm *l, struct lpm_route *r)
{
    bool begin = r->bits == ~0u;

    if (begin) {
        *r = (struct lpm_route){.value = l->whole};
        if (l->whole)
            return true;
    }
    return l->root && next_in(l, lpm_node(l, l->root), 0, false, r);
}

/* ---- birth and death ---- */

int lpm_init(struct lpm *l, unsigned key_bits)
{
    *l = (struct lpm){.bits = key_bits, .direct_at = LPM_DIRECT_AT, .wide_at = LPM_WIDE_AT, .cached = LPM_CACHED};
    l->chunk = mem_zalloc(LPM_CHUNKS * sizeof(*l->chunk));
    if (!l->chunk)
        return -ENOMEM;
    lpm_count_bytes(l, LPM_CHUNKS * sizeof(*l->chunk));
    if (lpm_add_chunk(l))
        return 0;
    mem_free(l->chunk);
    return -ENOMEM;
}

void lpm_free(struct lpm *l)
{
    u8 key[LPM_KEY_MOST];

    rcu_barrier(); /* nodes that were retired come back to this table */
    if (l->root)
        drop_tree(l, l->root, key, 0);
    for (u32 i = 0; i < l->chunks; i++)
        page_free(l->chunk[i], LPM_CHUNK_ORDER);
    mem_free(l->direct);
    mem_free(l->wide);
    mem_free(l->chunk);
    *l = (struct lpm){.bits = l->bits};
}
