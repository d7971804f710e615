/* The Internet checksum (RFC 1071): one's complement sums of bytes, folding, joining, and mending in place.
 *
 *     u32 s = csum_bytes(p, n);                          a sum: 32 bits, not folded, in the order of memory
 *     s = csum_add(s, csum_bytes(q, m));                 when n is even; else csum_add_at(s, ..., n)
 *     hdr->check = csum_fold(s);                         folded and complemented, as it stands on the wire
 *     hdr->check = csum_replace16(hdr->check, old, new); after a field changed (RFC 1624)
 *
 * Sums are taken over 16-bit words as the machine loads them; that one's complement addition does not care about byte
 * order (RFC 1071 2.B) makes the result right when it is stored as it is. A sum over data that holds its own right
 * checksum folds to 0. Odd lengths count as if a zero byte followed. Any alignment.
 */
#ifndef LIB_CSUM_H
#define LIB_CSUM_H

#include "lib/base.h"
#include "lib/byteorder.h"

u32 csum_bytes(const void *p, size_t n);

/* One's complement: the carry comes back in at the bottom. 0 comes out for 0 + 0 alone. */
static inline u32 csum_add(u32 a, u32 b)
{
    u32 s = a + b;
    return s + (s < a);
}

static inline u32 csum_sub(u32 a, u32 b)
{
    return csum_add(a, ~b);
}

/* Joins the sum of a part that begins `offset` bytes into the whole: at an odd offset its bytes stand crosswise. */
static inline u32 csum_add_at(u32 sum, u32 part, size_t offset)
{
    return csum_add(sum, offset & 1 ? part << 8 | part >> 24 : part);
}

static inline u32 csum_sub_at(u32 sum, u32 part, size_t offset)
{
    return csum_sub(sum, offset & 1 ? part << 8 | part >> 24 : part);
}

/* To 16 bits, not complemented: what `partial` checksums carry in the field. */
static inline be16 csum_fold_plain(u32 sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (be16){(u16)(sum + (sum >> 16))};
}

static inline be16 csum_fold(u32 sum)
{
    return (be16){(u16)~csum_fold_plain(sum).raw};
}

/* A number of the machine's order as a summand, for pseudo-headers: protocol and length. */
static inline u32 csum_of_u16(u16 v)
{
    return be16_of(v).raw;
}

static inline u32 csum_of_u32(u32 v)
{
    return be32_of(v).raw;
}

/* The new value of a checksum field after `old` became `new` at an even offset (RFC 1624, equation 3: never turns a
 * right sum's 0xffff into 0). UDP's "no checksum" 0 is the caller's to notice. */
static inline be16 csum_replace16(be16 check, be16 old, be16 new)
{
    return csum_fold((u32)(u16)~check.raw + (u16)~old.raw + new.raw);
}

static inline be16 csum_replace32(be16 check, be32 old, be32 new)
{
    return csum_fold(csum_add(csum_add((u16)~check.raw, ~old.raw), new.raw));
}

/* The same for n bytes that stood at an even offset and were `old`; for addresses. */
be16 csum_replace_bytes(be16 check, const void *old, const void *new, size_t n);

#endif
