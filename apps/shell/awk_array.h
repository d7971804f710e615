/* awk's arrays: text to value, walked in the order in which the elements came. */
#ifndef APPS_SHELL_AWK_ARRAY_H
#define APPS_SHELL_AWK_ARRAY_H

#include "apps/shell/awk_value.h"
#include "lib/base.h"
#include "lib/hash.h"

struct awk_element {
    struct awk_element *chain;         /* of the same bucket */
    struct awk_element *next, *before; /* in the order of arrival */
    u64 hash;
    struct awk_cell cell;
    u32 n;
    char key[];
};

struct awk_array {
    struct awk_element **bucket;
    u32 buckets, count; /* a power of two, or 0 */
    struct awk_element *first, *last;
};

/* NULL: there is none (make: no memory). Keys come from strangers, so the hash is keyed. */
struct awk_element *awk_array_find(struct awk_memory *m, struct awk_array *a, const struct hash_key *secret,
                                   const char *key, u32 n, bool make);
void awk_array_remove(struct awk_memory *m, struct awk_array *a, const struct hash_key *secret, const char *key, u32 n);
void awk_array_clear(struct awk_memory *m, struct awk_array *a);

#endif
