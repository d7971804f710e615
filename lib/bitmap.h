/* Sets of small numbers: arrays of u64, bit i in word i / 64. The caller knows the size and passes it.
 *
 *     u64 used[BITMAP_WORDS(100)] = {0};
 *     bitmap_set(used, 7);
 *     BITMAP_FOREACH(used, 100, i) ...          i counts up over the members; clearing bit i inside is allowed
 *     unsigned slot = bitmap_next_zero(used, 100, 0);      100 when there is none
 *
 * Not atomic: the owner's lock guards it. Bits behind `size` in the last word are never looked at, nor changed.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/base.h"

#define BITMAP_WORDS(size) (((size) + 63) / 64)

static inline bool bitmap_test(const u64 *map, unsigned i)
{
    return map[i / 64] >> i % 64 & 1;
}

static inline void bitmap_set(u64 *map, unsigned i)
{
    map[i / 64] |= 1ull << i % 64;
}

static inline void bitmap_clear(u64 *map, unsigned i)
{
    map[i / 64] &= ~(1ull << i % 64);
}

static inline void bitmap_put(u64 *map, unsigned i, bool on)
{
    map[i / 64] = (map[i / 64] & ~(1ull << i % 64)) | (u64)on << i % 64;
}

/* The first member, or (flip = ~0) the first that is none, at `from` or above; `size` when there is none. */
static inline unsigned bitmap_scan(const u64 *map, unsigned size, unsigned from, u64 flip)
{
    u64 mask = ~0ull << from % 64;

    for (unsigned w = from / 64; w < BITMAP_WORDS(size); w++, mask = ~0ull) {
        u64 hits = (map[w] ^ flip) & mask;
        if (hits) {
            unsigned i = w * 64 + (unsigned)__builtin_ctzll(hits);
            return i < size ? i : size;
        }
    }
    return size;
}

static inline unsigned bitmap_next(const u64 *map, unsigned size, unsigned from)
{
    return bitmap_scan(map, size, from, 0);
}

static inline unsigned bitmap_next_zero(const u64 *map, unsigned size, unsigned from)
{
    return bitmap_scan(map, size, from, ~0ull);
}

#define BITMAP_FOREACH(map, size, i) \
    for (unsigned i = bitmap_next((map), (size), 0); i < (size); i = bitmap_next((map), (size), i + 1))

/* Sets or clears the `count` bits from `from` on. */
static inline void bitmap_put_range(u64 *map, unsigned from, unsigned count, bool on)
{
    while (count) {
        unsigned bits = min(64 - from % 64, count);
        u64 mask = (bits == 64 ? ~0ull : (1ull << bits) - 1) << from % 64;
        map[from / 64] = on ? map[from / 64] | mask : map[from / 64] & ~mask;
        from += bits;
        count -= bits;
    }
}

/* The first of `count` adjacent bits that are all clear, at a multiple of `align` (a power of two); `size` when there
 * is no such place. */
static inline unsigned bitmap_find_room(const u64 *map, unsigned size, unsigned count, unsigned align)
{
    unsigned at = 0;

    while (at < size && count <= size - at) {
        unsigned taken = bitmap_next(map, size, at);
        if (taken >= at + count)
            return at;
        at = (unsigned)round_up(bitmap_next_zero(map, size, taken), align);
    }
    return size;
}

/* Bits set in a word, without the popcnt instruction, which the oldest machines lack. */
static inline unsigned bits_count(u64 w)
{
    w -= w >> 1 & 0x5555555555555555;
    w = (w & 0x3333333333333333) + (w >> 2 & 0x3333333333333333);
    w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (unsigned)(w * 0x0101010101010101 >> 56);
}

static inline unsigned bitmap_count(const u64 *map, unsigned size)
{
    unsigned n = 0, w = 0;

    for (; w < size / 64; w++)
        n += bits_count(map[w]);
    if (size % 64)
        n += bits_count(map[w] & ((1ull << size % 64) - 1));
    return n;
}

#endif
