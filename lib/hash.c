/* SipHash (Aumasson, Bernstein 2012) and the unkeyed byte hash (contract: lib/hash.h).
 *
 * SipHash-2-4 is the careful one, 1-3 the one for tables. Both read at any alignment and never past p + n.
 *
 * hash_bytes folds 16 bytes at a time by a 64x64->128 multiplication, whose halves are xored. It is fast and mixes
 * well, and anyone can make collisions for it: never for a stranger's keys.
 */
#include "lib/hash.h"

u64 siphash13(const struct hash_key *key, const void *p, size_t n)
{
    return siphash13_fixed(key, p, n);
}

u64 siphash24(const struct hash_key *key, const void *p, size_t n)
{
    struct siphash s;
    const u8 *at = p;

    siphash_start(&s, key);
    for (size_t words = n / 8 + 1; words; words--, at += 8) {
        u64 w = words > 1 ? load_le64(at) : siphash_tail(at, n);
        s.d ^= w;
        siphash_round(&s);
        siphash_round(&s);
        s.a ^= w;
    }
    s.c ^= 0xff;
    siphash_round(&s);
    siphash_round(&s);
    siphash_round(&s);
    siphash_round(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}

static u64 fold_product(u64 a, u64 b)
{
    unsigned __int128 v = (unsigned __int128)a * b;
    return (u64)v ^ (u64)(v >> 64);
}

u64 hash_bytes(const void *p, size_t n, u64 seed)
{
    const u8 *s = p;
    u64 h = seed ^ (u64)n * 0x9e3779b97f4a7c15;

    for (; n >= 16; s += 16, n -= 16)
        h = fold_product(load_le64(s) ^ 0xa0761d6478bd642f, load_le64(s + 8) ^ h);
    if (n >= 8) {
        h = fold_product(load_le64(s) ^ 0xe7037ed1a0b428db, h ^ 0x8ebc6af09c88c6e3);
        s += 8;
    }
    return hash_u64(fold_product(siphash_tail(s, n & 7) ^ 0x589965cc75374cc3, h ^ 0x1d8e4e27c47d124f));
}
