/* Buckets of a longest-prefix match table (contract: lib/lpm_node.h): where few long prefixes lie behind a place, one
 * cache line holds them all, whatever their lengths, instead of a chain of nodes with one child each.
 *
 *     key[3]   the 64 bits of the key from the bucket's depth on, 0 behind the prefix
 *     value[3], shift[3]   64 less the bits from the bucket's depth to the prefix's end
 *
 * Shorter prefixes come first, so the last that matches is the longest. Where there are fewer than 3, the first is
 * there several times: readers count nothing.
 */
#include "lib/byteorder.h"
#include "lib/lpm.h"
#include "lib/string.h"

bool lpm_bucket_fits(const struct lpm *l, const struct lpm_route *r, unsigned count, unsigned depth)
{
    bool fits = count <= LPM_BUCKET_MOST && depth >= 16 && depth + 64 <= l->bits;

    for (unsigned i = 0; i < count; i++)
        fits = fits && r[i].bits - depth <= 64;
    return fits;
}

void lpm_bucket_fill(struct lpm_node *n, const struct lpm_route *r, unsigned count, unsigned depth)
{
    for (unsigned to = LPM_BUCKET_MOST, from = count; to--;) {
        from -= from > 0;
        unsigned shift = 64 - (r[from].bits - depth);
        n->shift[to] = (u8)shift;
        n->key[to] = load_be64(r[from].key + depth / 8) & ~0ull << shift;
        n->value[to] = r[from].value;
    }
    n->prefixes = (u16)count;
    n->before[3] = LPM_IS_BUCKET;
}

unsigned lpm_bucket_read(const struct lpm_node *n, const u8 *key, unsigned depth, struct lpm_route *r)
{
    for (unsigned i = 0; i < n->prefixes; i++) {
        unsigned from = LPM_BUCKET_MOST - n->prefixes + i;
        r[i] = (struct lpm_route){.bits = depth + 64 - n->shift[from], .value = n->value[from]};
        memcpy(r[i].key, key, depth / 8);
        store_be64(r[i].key + depth / 8, n->key[from]);
    }
    return n->prefixes;
}

u32 lpm_bucket_get(const struct lpm_node *n, const u8 *key, unsigned bits, unsigned depth)
{
    u64 window = load_be64(key + depth / 8);

    for (unsigned i = 0; i < LPM_BUCKET_MOST; i++)
        if (depth + 64 - n->shift[i] == bits && (window ^ n->key[i]) >> n->shift[i] == 0)
            return n->value[i];
    return 0;
}
