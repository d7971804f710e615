/* Longest-prefix match: from a key of 32 or 128 bits to the value of the longest prefix that covers it. One structure
 * is both: the exact list of prefixes, and what packets are looked up in.
 *
 *     lpm_init(&l, 32);
 *     lpm_insert(&l, (u8[]){10, 1, 0, 0}, 16, 7);          10.1.0.0/16 -> 7
 *     lpm_find_burst(&l, keys, 4, 32, values);              32 keys, 4 bytes apart
 *
 * Keys are bytes as they stand on the wire. A value is 1 .. LPM_VALUE_MAX, an index into the owner's next hops; 0 says
 * that no prefix covers the key. Bits of a prefix behind its length do not matter.
 *
 * Readers stand between rcu_enter and rcu_exit, or in softirq context, and take no lock; for each key they see the
 * table as it is before or after a change. Writers, lpm_get and lpm_next are under a lock of the owner's. Inserting
 * costs about the same however many prefixes there are; short prefixes (shorter than 16 bits) touch more. What has no
 * memory fails with -ENOMEM and changes nothing.
 */
#ifndef LIB_LPM_H
#define LIB_LPM_H

#include "lib/base.h"
#include "lib/lpm_node.h"

#define LPM_VALUE_MAX 0x3fffffffu
#define LPM_BURST     64

int lpm_init(struct lpm *l, unsigned key_bits); /* 32 or 128; 0 or -ENOMEM */
void lpm_free(struct lpm *l);                   /* task; no readers */

/* ---- writers ---- */
int lpm_insert(struct lpm *l, const u8 *key, unsigned bits,
               u32 value);                                      /* a new one, or a new value; 0, -EINVAL, -ENOMEM */
int lpm_remove(struct lpm *l, const u8 *key, unsigned bits);    /* 0, -ENOENT, -EINVAL, -ENOMEM */
u32 lpm_get(const struct lpm *l, const u8 *key, unsigned bits); /* of exactly this prefix; 0: there is none */

struct lpm_route {
    u8 key[LPM_KEY_MOST];
    u32 bits, value;
};
/* Replaces *r by the next prefix in the order of addresses, of equal ones the shorter first; r->bits of ~0 begins.
 * False after the last. *r itself need not be in the table any more. */
bool lpm_next(const struct lpm *l, struct lpm_route *r);

/* ---- readers ---- */
u32 lpm_find(const struct lpm *l, const u8 *key);
/* n up to LPM_BURST keys, `stride` bytes apart. */
void lpm_find_burst(const struct lpm *l, const void *keys, size_t stride, unsigned n, u32 *value);
void lpm_use_popcnt(void); /* at bring-up, where the processor has that instruction: bursts are faster */

#endif
