/* Sums for the Internet checksum (contract: lib/csum.h).
 *
 * 64-bit words are added with the carry taken back in (2^64 is 1 modulo 2^16 - 1, so the width of the accumulator is
 * free): one instruction for 8 bytes, in chains of add-with-carry that end in the carry itself. Two chains stand side
 * by side, since each addition waits for the one before it in its chain. General registers alone: the kernel has no
 * others. Nothing is read outside p .. p + n.
 */
#include "lib/csum.h"

static u64 add_carry(u64 a, u64 b)
{
    u64 s = a + b;
    return s + (s < a);
}

/* sum + the 64 bytes at p. */
static inline u64 add_64_bytes(u64 sum, const u8 *p)
{
    unsigned long long s = sum;
    unsigned char carry = 0;

    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p), &s);
    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p + 8), &s);
    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p + 16), &s);
    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p + 24), &s);
    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p + 32), &s);
    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p + 40), &s);
    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p + 48), &s);
    carry = __builtin_ia32_addcarryx_u64(carry, s, load_le64(p + 56), &s);
    __builtin_ia32_addcarryx_u64(carry, s, 0, &s); /* never carries: s + carry was not all ones */
    return s;
}

/* The last 0..7 bytes as a word, zeroes behind them. */
static u64 load_tail(const u8 *p, size_t n)
{
    u64 w = 0;
    unsigned at = 0;

    if (n & 4) {
        w = load_le32(p);
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

/* n a multiple of 64. Apart, since the stack protector guards a function with such additions, and short sums are many.
 */
static NOINLINE u64 add_bulk(const u8 *p, size_t n)
{
    u64 a = 0, b = 0;

    for (; n >= 128; p += 128, n -= 128) {
        a = add_64_bytes(a, p);
        b = add_64_bytes(b, p + 64);
    }
    if (n)
        a = add_64_bytes(a, p);
    return add_carry(a, b);
}

u32 csum_bytes(const void *p, size_t n)
{
    const u8 *s = p;
    u64 sum = 0;

    if (n >= 64) {
        size_t bulk = n & ~(size_t)63;
        sum = add_bulk(s, bulk);
        s += bulk;
        n -= bulk;
    }
    for (; n >= 8; s += 8, n -= 8)
        sum = add_carry(sum, load_le64(s));
    sum = add_carry(sum, load_tail(s, n));
    return csum_add((u32)sum, (u32)(sum >> 32));
}

be16 csum_replace_bytes(be16 check, const void *old, const void *new, size_t n)
{
    u32 sum = csum_sub((u16)~check.raw, csum_bytes(old, n));
    return csum_fold(csum_add(sum, csum_bytes(new, n)));
}
