/* The tables in front of a longest-prefix match table (contract: lib/lpm.h; the levels behind them: lib/lpm.c).
 *
 *     direct   16 bits of the key -> value, or the node at depth 16              from LPM_DIRECT_AT prefixes on
 *     wide     20 bits -> value, or a block -> 4 bits -> value, or the node at depth 24
 *                                                                  from LPM_WIDE_AT on, keys of 32 bits only
 *
 * Both repeat what the levels hold, so that a reader needs nothing of the levels above: nodes at depth 16, and with the
 * wide table at depth 24, then inherit everything above them but the prefix of length 0. A full IPv4 table is answered
 * by two lines of memory.
 *
 * A block, once there, stays until the table is freed: it changes by stores of single words, which is all that a reader
 * looks at. Where a prefix longer than 20 bits is, there is one; it is put there before the prefix comes
 * (lpm_wide_room), so that nothing needs memory when a change shows.
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

void lpm_settle(const struct lpm *l, const struct lpm_node *n, unsigned depth)
{
    settle(l, n, (depth == 8 && l->direct) || (depth == 16 && l->wide));
}

/* ---- direct ---- */

/* For the first 16 bits first .. last: from what the first two levels hold. */
static void fill_direct(const struct lpm *l, u32 *direct, u32 first, u32 last)
{
    u32 best[LPM_PLACES];

    for (u32 block = first >> 8; block <= last >> 8; block++) {
        u32 entry = l->root ? *lpm_entry_at(lpm_node(l, l->root), (u8)block) : 0;
        const struct lpm_node *n = entry & LPM_NODE ? lpm_node(l, entry) : NULL;
        if (n)
            lpm_paint(n->prefix, n->prefixes, best);
        for (u32 i = max(first, block << 8); i <= min(last, block << 8 | 255); i++) {
            u32 e = n ? *lpm_entry_at(n, (u8)i) : entry;
            if (n && e & LPM_NODE) {
                u32 v = best[(u8)i] ? best[(u8)i] : n->inherited;
                store_relaxed(&lpm_node(l, e)->inherited, v);
            } else if (n && !e) {
                e = n->inherited;
            }
            store_release(&direct[i], e);
        }
    }
}

static void make_direct(struct lpm *l)
{
    u32 *direct = mem_alloc(DIRECTS * sizeof(u32));

    if (!direct) {
        l->direct_at = 2 * l->count; /* and meanwhile without */
        return;
    }
    lpm_count_bytes(l, DIRECTS * sizeof(u32));
    fill_direct(l, direct, 0, DIRECTS - 1);
    store_release(&l->direct, direct);
}

static void renew_direct(struct lpm *l, const u8 *key, unsigned bits, unsigned depth, const u32 *slot)
{
    u32 first = load_be16(key);

    if (bits <= 16) {
        u32 others = bits < 16 ? 0xffffu >> bits : 0;
        fill_direct(l, l->direct, first & ~others, first | others);
    } else if (depth == 16) {
        store_release(&l->direct[first], *slot);
    } else if (depth < 16) {
        fill_direct(l, l->direct, first, first);
    }
}

/* ---- wide ---- */

/* Writes what stands behind the first 16 bits for the third bytes first .. last. A row without a block is of one value,
 * before and after. */
static void fill_wide(const struct lpm *l, u32 *wide, u32 top, u32 first, u32 last)
{
    u32 e = l->direct[top];
    const struct lpm_node *n = e & LPM_NODE ? lpm_node(l, e) : NULL;

    for (u32 at = first; at <= last; at++) {
        u32 *row = &wide[top * ROWS + at / 16];
        if (n) {
            e = *lpm_entry_at(n, (u8)at);
            e = e ? e : n->inherited;
        }
        if (*row & LPM_NODE) {
            store_release(&lpm_block(l, *row)->entry[at % 16], e);
        } else {
            store_release(row, e);
            at |= 15;
        }
    }
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

/* The children first: who comes by the wide table needs of them everything above. */
static void make_rows(const struct lpm *l, u32 *wide, u32 top)
{
    if (l->direct[top] & LPM_NODE)
        settle(l, lpm_node(l, l->direct[top]), true);
    fill_wide(l, wide, top, 0, LPM_PLACES - 1);
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

    l->wide_at = 2 * l->count; /* where there is no memory; and meanwhile without */
    if (!wide)
        return;
    for (u32 top = 0; top < DIRECTS; top++)
        if (!make_blocks(l, wide, top)) {
            free_wide(l, wide);
            return;
        }
    for (u32 top = 0; top < DIRECTS; top++)
        make_rows(l, wide, top);
    lpm_count_bytes(l, WIDES * sizeof(u32));
    store_release(&l->wide, wide);
}

static void renew_wide(const struct lpm *l, const u8 *key, unsigned bits, unsigned depth)
{
    u32 top = load_be16(key);

    if (bits <= 16) {
        u32 others = bits < 16 ? 0xffffu >> bits : 0;
        for (u32 first = top & ~others, i = first; i <= (first | others); i++)
            make_rows(l, l->wide, i);
        return;
    }
    if (depth < 16 && l->direct[top] & LPM_NODE)
        settle(l, lpm_node(l, l->direct[top]), true);
    u32 others = bits < 24 ? 0xff >> (bits - 16) : 0;
    if (depth <= 24)
        fill_wide(l, l->wide, top, key[2] & ~others, key[2] | others);
}

void lpm_direct_renew(struct lpm *l, const u8 *key, unsigned bits, unsigned depth, const u32 *slot)
{
    if (l->direct)
        renew_direct(l, key, bits, depth, slot);
    else if (l->count >= l->direct_at)
        make_direct(l);
    if (l->wide)
        renew_wide(l, key, bits, depth);
    else if (l->direct && l->bits == 32 && l->count >= l->wide_at)
        make_wide(l);
}
