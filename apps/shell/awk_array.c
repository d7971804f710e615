/* awk's arrays: a chained hash table whose elements are also a list.
 *
 * The table doubles when there are as many elements as buckets. Where it cannot, for want of memory, the chains grow
 * longer and everything still works.
 */
#include "apps/shell/awk_array.h"
#include "lib/string.h"

static void rehash(struct awk_memory *m, struct awk_array *a)
{
    u32 buckets = a->buckets ? a->buckets * 2 : 16;
    struct awk_element **more = awk_get(m, buckets * sizeof(*more));
    if (!more)
        return;
    memset(more, 0, buckets * sizeof(*more));
    for (struct awk_element *e = a->first; e; e = e->next) {
        e->chain = more[e->hash & (buckets - 1)];
        more[e->hash & (buckets - 1)] = e;
    }
    awk_put(m, a->bucket);
    a->bucket = more;
    a->buckets = buckets;
}

struct awk_element *awk_array_find(struct awk_memory *m, struct awk_array *a, const struct hash_key *secret,
                                   const char *key, u32 n, bool make)
{
    u64 hash = siphash13(secret, key, n);
    struct awk_element *e = a->buckets ? a->bucket[hash & (a->buckets - 1)] : NULL;
    while (e && (e->hash != hash || e->n != n || memcmp(e->key, key, n) != 0))
        e = e->chain;
    if (e || !make)
        return e;
    if (a->count >= a->buckets)
        rehash(m, a);
    e = a->buckets ? awk_get(m, sizeof(*e) + n) : NULL;
    if (!e)
        return NULL;
    struct awk_element **bucket = &a->bucket[hash & (a->buckets - 1)];
    *e = (struct awk_element){.chain = *bucket, .before = a->last, .hash = hash, .n = n};
    memcpy(e->key, key, n);
    *bucket = e;
    *(a->last ? &a->last->next : &a->first) = e;
    a->last = e;
    a->count++;
    return e;
}

static void free_element(struct awk_memory *m, struct awk_element *e)
{
    awk_cell_clear(m, &e->cell);
    awk_put(m, e);
}

void awk_array_remove(struct awk_memory *m, struct awk_array *a, const struct hash_key *secret, const char *key, u32 n)
{
    struct awk_element *e = awk_array_find(m, a, secret, key, n, false);
    if (!e)
        return;
    struct awk_element **at = &a->bucket[e->hash & (a->buckets - 1)];
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    *(e->before ? &e->before->next : &a->first) = e->next;
    *(e->next ? &e->next->before : &a->last) = e->before;
    a->count--;
    free_element(m, e);
}

void awk_array_clear(struct awk_memory *m, struct awk_array *a)
{
    for (struct awk_element *e = a->first, *next; e; e = next) {
        next = e->next;
        free_element(m, e);
    }
    awk_put(m, a->bucket);
    *a = (struct awk_array){0};
}
