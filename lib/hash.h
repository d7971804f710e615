/* Hashes. SipHash wherever a stranger chooses what is hashed, a fast unkeyed mix for what is ours.
 *
 *     struct hash_key key;  rand_bytes(&key, sizeof(key));         once, at the table's birth
 *     u64 h = siphash13(&key, &tuple, sizeof(tuple));               tables: flows, neighbours, fragments
 *     u64 mac = siphash24(&key, &msg, n);                           what is shown to strangers: cookies, ISNs, ports
 *
 * siphash13_fixed is the same value with n known to the compiler: rounds unrolled, no loop, no branch; for flow keys
 * of 16, 36 or 40 bytes. All 64 bits of every result are good: take the low ones for a bucket, others for a tag.
 * No hash here is a digest: who knows the key can make collisions.
 */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include "lib/base.h"
#include "lib/byteorder.h"

struct hash_key {
    u64 k[2]; /* 16 secret bytes, the first 8 little-endian in k[0] */
};

u64 siphash24(const struct hash_key *key, const void *p, size_t n);
u64 siphash13(const struct hash_key *key, const void *p, size_t n);

/* Not keyed: for keys that no stranger chooses. `seed` tells apart tables with the same keys. */
u64 hash_bytes(const void *p, size_t n, u64 seed);

static inline u64 rotl64(u64 v, unsigned by) /* by 1..63 */
{
    return v << by | v >> (64 - by);
}

/* Every bit of v moves about half of the result's; a bijection, so different words never collide in 64 bits. */
static inline u64 hash_u64(u64 v)
{
    v = (v ^ v >> 32) * 0x9fb21c651e98df25;
    v = (v ^ v >> 35) * 0xd6e8feb86659fd93;
    return v ^ v >> 32;
}

static inline u64 hash_pair(u64 a, u64 b)
{
    return hash_u64(a ^ rotl64(hash_u64(b), 29));
}

/* The state of SipHash, and its steps: for siphash13_fixed and lib/hash.c. */
struct siphash {
    u64 a, b, c, d;
};

static inline void siphash_round(struct siphash *s)
{
    s->a += s->b, s->c += s->d;
    s->b = rotl64(s->b, 13) ^ s->a, s->d = rotl64(s->d, 16) ^ s->c;
    s->a = rotl64(s->a, 32);
    s->c += s->b, s->a += s->d;
    s->b = rotl64(s->b, 17) ^ s->c, s->d = rotl64(s->d, 21) ^ s->a;
    s->c = rotl64(s->c, 32);
}

static inline void siphash_start(struct siphash *s, const struct hash_key *key)
{
    s->a = key->k[0] ^ 0x736f6d6570736575;
    s->b = key->k[1] ^ 0x646f72616e646f6d;
    s->c = key->k[0] ^ 0x6c7967656e657261;
    s->d = key->k[1] ^ 0x7465646279746573;
}

/* The last word: n % 8 bytes at p and, on top, n modulo 256. Reads nothing beyond p + n % 8. */
static inline u64 siphash_tail(const u8 *p, size_t n)
{
    u64 w = (u64)(u8)n << 56;
    unsigned at = 0;

    if (n & 4) {
        w |= load_le32(p);
        at = 4;
    }
    if (n & 2) {
        w |= (u64)load_le16(p + at) << 8 * at;
        at += 2;
    }
    if (n & 1)
        w |= (u64)p[at] << 8 * at;
    return w;
}

static inline __attribute__((always_inline)) u64 siphash13_fixed(const struct hash_key *key, const void *p, size_t n)
{
    struct siphash s;
    const u8 *at = p;

    siphash_start(&s, key);
    for (size_t words = n / 8; words; words--, at += 8) {
        u64 w = load_le64(at);
        s.d ^= w;
        siphash_round(&s);
        s.a ^= w;
    }
    u64 w = siphash_tail(at, n);
    s.d ^= w;
    siphash_round(&s);
    s.a ^= w;
    s.c ^= 0xff;
    siphash_round(&s);
    siphash_round(&s);
    siphash_round(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}

#endif
