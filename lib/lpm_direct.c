/* The tables in front of a longest-prefix match table (contract: lib/lpm.h; the levels behind them: lib/lpm.c).
 *
 *     direct   16 bits of the key -> value, or the node at depth 16              from LPM_DIRECT_AT prefixes on
 *     wide     20 bits -> value, or a block -> 4 bits -> value, or the node at depth 24
 *                                                                  from LPM_WIDE_AT on, keys of 32 bits only
 *
 * From then on these are the places of the nodes at depth 8, and with the wide table at depth 16: entries are values,
 * what is above included but for the prefix of length 0, or the nodes below, which inherit the same. Such a node is but
 * a list of prefixes, and a change is a few stores of single words, which is all that a reader looks at. What the
 * nodes have of their own places is as it was when they were made: a reader who began before the table was there may
 * stand in them until his grace period ends, and meets the routes of its beginning.
 *
 * A block, once there, stays until the table is freed. Where a prefix longer than 20 bits is, there is one; it is put
 * there before the prefix comes (lpm_wide_room), so that nothing needs memory when a change shows. A full IPv4 table is
 * answered by two lines of memory.
 */
#include "lib/byteorder.h"
#include "lib/lpm_node.h"

#define DIRECTS 65536u
#define WIDES   (1u << 20)
#define ROWS    16u /* of the wide table, for each of the direct */

/* `all`: of what is above this node too. */
static void settle(const struct lpm *l, const struct lpm_node *n, bool all)
{
    u32 best[LPM_PLACES], *entry;

    if (!n->children)
        return;
    lpm_paint(n->prefix, n->prefixes, best);
    for (struct lpm_run at = {.node = n}; (entry = lpm_next_run(&at));) {
        u32 v = best[at.place & 255];
        if (!(*entry & LPM_NODE))
            continue;
        if (!v && all)
            v = n->inherited;
        struct lpm_node *child = lpm_node(l, *entry);
        if (child->inherited != v)
            store_relaxed(&child->inherited, v);
    }
}

void lpm_settle(const struct lpm *l, const struct lpm_node *n)
{
    settle(l, n, false);
}

static u32 *wide_place(const u32 *wide, const struct lpm *l, u32 top, unsigned at)
{
    const u32 *row = &wide[top * ROWS + at / 16];
    return *row & LPM_NODE ? &lpm_block(l, *row)->entry[at % 16] : (u32 *)row;
}

u32 *lpm_place(const struct lpm *l, const struct lpm_node *n, const u8 *key, unsigned depth, u8 at)
{
    if (!lpm_fronted(l, depth))
        return lpm_entry_at(n, at);
    return depth == 8 ? &l->direct[key[0] << 8 | at] : wide_place(l->wide, l, load_be16(key), at);
}

/* ---- what places hold ---- */

/* Of the node's prefixes up to this length the longest that covers the place, or what is above. */
static u32 covering(const struct lpm_node *n, unsigned at, unsigned length)
{
    for (; length; length--) {
        u32 id = 1u << length | at >> (8 - length);
        unsigned i = lpm_list_position(n, id);
        if (lpm_list_has(n, i, id))
            return n->prefix[i].value;
    }
    return n->inherited;
}

u32 lpm_front_value(const struct lpm_node *n, u8 at)
{
    return covering(n, at, 8);
}

/* The prefix of this length that begins at `first`, there or not: what its places hold, of nodes below apart. */
static void values_within(const struct lpm_node *n, unsigned first, unsigned length, u32 *to)
{
    unsigned last = first | 0xff >> length;
    u32 base = covering(n, first, length);

    for (unsigned at = first; at <= last; at++)
        to[at - first] = base;
    while (++length <= 8) { /* longer ones over it */
        unsigned shift = 8 - length;
        u32 end = 1u << length | last >> shift;
        unsigned i = lpm_list_position(n, 1u << length | first >> shift);
        for (; i < n->prefixes && n->prefix[i].id <= end; i++) {
            unsigned from = (n->prefix[i].id << shift & 255) - first;
            for (unsigned at = from; at < from + (1u << shift); at++)
                to[at] = n->prefix[i].value;
        }
    }
}

/* ---- a change shows ---- */

/* What stands behind the first 16 bits, where the prefix of this length begins with the byte `first`. A row without a
 * block is of one value, before and after. */
static void renew_wide(const struct lpm *l, u32 top, unsigned first, unsigned length)
{
    u32 e = l->direct[top], value[LPM_PLACES];
    const struct lpm_node *n = e & LPM_NODE ? lpm_node(l, e) : NULL;
    unsigned last = first | 0xff >> length;

    if (n)
        values_within(n, first, length, value);
    for (unsigned at = first; at <= last; at++) {
        u32 *place = wide_place(l->wide, l, top, at), v = n ? value[at - first] : e;
        lpm_front_put(l, place, v);
        if (!(l->wide[top * ROWS + at / 16] & LPM_NODE))
            at |= 15;
    }
}

/* The same behind the first byte. Where a place has what it had, so has all behind it. */
static void renew_direct(const struct lpm *l, u32 block, unsigned first, unsigned length)
{
    u32 e = l->root ? *lpm_entry_at(lpm_node(l, l->root), (u8)block) : 0, value[LPM_PLACES];
    const struct lpm_node *n = e & LPM_NODE ? lpm_node(l, e) : NULL;
    unsigned last = first | 0xff >> length;

    if (n)
        values_within(n, first, length, value);
    for (unsigned at = first; at <= last; at++) {
        u32 top = block << 8 | at, v = n ? value[at - first] : e;
        u32 *place = l->direct[top] & LPM_NODE ? &lpm_node(l, l->direct[top])->inherited : &l->direct[top];
        if (*place == v)
            continue;
        store_release(place, v);
        if (l->wide)
            renew_wide(l, top, 0, 0);
    }
}

void lpm_front_renew(const struct lpm *l, const u8 *key, unsigned bits)
{
    unsigned byte = (bits - 1) / 8, length = bits - 8 * byte, first = key[byte] & ~(0xffu >> length);

    if (!l->direct || byte > 2 || (byte == 2 && !l->wide))
        return;
    if (byte == 2)
        renew_wide(l, load_be16(key), first, length);
    else if (byte == 1)
        renew_direct(l, key[0], first, length);
    else
        for (unsigned block = first; block <= (first | 0xff >> length); block++)
            renew_direct(l, block, 0, 0);
}

void lpm_front_enter(const struct lpm *l, const struct lpm_node *n, const u8 *key, unsigned bits, unsigned depth)
{
    for (; l->direct && depth <= 16 && !lpm_is_bucket(n) && !n->prefixes; depth += 8) {
        u32 child = *lpm_entry_at(n, key[depth / 8]);
        n = lpm_node(l, child);
        if (!lpm_fronted(l, depth))
            continue;
        u32 *place = lpm_place(l, n, key, depth, key[depth / 8]);
        lpm_node(l, child)->inherited = *place;
        store_release(place, child);
    }
    if (depth <= 16 && !lpm_is_bucket(n))
        lpm_front_renew(l, key, bits);
}

static bool add_block(struct lpm *l, u32 *row)
{
    struct lpm_block *b = (struct lpm_block *)lpm_node_alloc(l);

    if (!b)
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(b->entry); i++)
        b->entry[i] = *row;
    store_release(row, lpm_entry_of((const struct lpm_node *)b) & (LPM_NODE | LPM_INDEX));
    return true;
}

bool lpm_wide_room(struct lpm *l, const u8 *key, unsigned bits)
{
    if (!l->wide || bits <= 20)
        return true;
    u32 *row = &l->wide[load_be32(key) >> 12];
    return *row & LPM_NODE || add_block(l, row);
}

/* ---- the tables come ---- */

/* What a place of a node that is not fronted yet will hold; e where there is no node. */
static u32 place_in_front(const struct lpm_node *n, u32 e, unsigned at)
{
    if (!n)
        return e;
    e = *lpm_entry_at(n, (u8)at);
    return e ? e : n->inherited;
}

static void make_direct(struct lpm *l)
{
    u32 *direct = mem_alloc(DIRECTS * sizeof(u32));

    l->direct_at = 2 * l->count; /* where there is no memory; and meanwhile without */
    if (!direct)
        return;
    for (u32 top = 0; top < DIRECTS; top++) {
        u32 e = l->root ? *lpm_entry_at(lpm_node(l, l->root), (u8)(top >> 8)) : 0;
        const struct lpm_node *n = e & LPM_NODE ? lpm_node(l, e) : NULL;
        if (n && top % LPM_PLACES == 0)
            settle(l, n, true);
        direct[top] = place_in_front(n, e, top % LPM_PLACES);
    }
    lpm_count_bytes(l, DIRECTS * sizeof(u32));
    store_release(&l->direct, direct);
}

/* Blocks behind the first 16 bits, where there are longer prefixes; in a table that no reader has. */
static bool make_blocks(struct lpm *l, u32 *wide, u32 top)
{
    u32 e = l->direct[top];
    const struct lpm_node *n = e & LPM_NODE ? lpm_node(l, e) : NULL;

    for (unsigned i = 0; n && i < n->prefixes; i++) {
        unsigned length = log2_floor(n->prefix[i].id);
        u32 *row = &wide[top * ROWS + (n->prefix[i].id << (8 - length) & 255) / ROWS];
        if (length > 4 && !(*row & LPM_NODE) && !add_block(l, row))
            return false;
    }
    u32 *entry;
    for (struct lpm_run at = {.node = n}; n && n->children && (entry = lpm_next_run(&at));) {
        u32 *row = &wide[top * ROWS + (at.place & 255) / ROWS];
        if (*entry & LPM_NODE && !(*row & LPM_NODE) && !add_block(l, row))
            return false;
    }
    return true;
}

static void fill_wide(const struct lpm *l, u32 *wide, u32 top)
{
    u32 e = l->direct[top];
    const struct lpm_node *n = e & LPM_NODE ? lpm_node(l, e) : NULL;

    if (n)
        settle(l, n, true);
    for (unsigned at = 0; at < LPM_PLACES; at++) {
        *wide_place(wide, l, top, at) = place_in_front(n, e, at);
        if (!(wide[top * ROWS + at / 16] & LPM_NODE))
            at |= 15;
    }
}

static void free_wide(struct lpm *l, u32 *wide)
{
    for (u32 row = 0; row < WIDES; row++)
        if (wide[row] & LPM_NODE) {
            struct lpm_node *n = lpm_node(l, wide[row]);
            n->before[3] = LPM_IS_SPARSE; /* it has no entries */
            lpm_node_free(l, n);
        }
    mem_free(wide);
}

static void make_wide(struct lpm *l)
{
    u32 *wide = mem_zalloc(WIDES * sizeof(u32));

    l->wide_at = 2 * l->count; /* as above */
    if (!wide)
        return;
    for (u32 top = 0; top < DIRECTS; top++)
        if (!make_blocks(l, wide, top)) {
            free_wide(l, wide);
            return;
        }
    for (u32 top = 0; top < DIRECTS; top++)
        fill_wide(l, wide, top);
    lpm_count_bytes(l, WIDES * sizeof(u32));
    store_release(&l->wide, wide);
}

void lpm_front_grow(struct lpm *l)
{
    if (!l->direct && l->count >= l->direct_at)
        make_direct(l);
    else if (l->direct && !l->wide && l->bits == 32 && l->count >= l->wide_at)
        make_wide(l);
}
