/* Numbers as they stand on the wire and in tables: types of their own, so that the compiler tells them from
 * the machine's, and loads and stores at any alignment.
 *
 * be16/be32/be64 are structs: assigning one to an integer does not compile. Wire headers are made of them.
 */
#ifndef LIB_BYTEORDER_H
#define LIB_BYTEORDER_H

#include "lib/base.h"

typedef struct PACKED {
    u16 raw;
} be16;
typedef struct PACKED {
    u32 raw;
} be32;
typedef struct PACKED {
    u64 raw;
} be64;

static inline u16 be16_get(be16 v)
{
    return __builtin_bswap16(v.raw);
}
static inline u32 be32_get(be32 v)
{
    return __builtin_bswap32(v.raw);
}
static inline u64 be64_get(be64 v)
{
    return __builtin_bswap64(v.raw);
}
static inline be16 be16_of(u16 v)
{
    return (be16){__builtin_bswap16(v)};
}
static inline be32 be32_of(u32 v)
{
    return (be32){__builtin_bswap32(v)};
}
static inline be64 be64_of(u64 v)
{
    return (be64){__builtin_bswap64(v)};
}

static inline u16 load_be16(const void *p)
{
    return be16_get(*(const be16 *)p);
}
static inline u32 load_be32(const void *p)
{
    return be32_get(*(const be32 *)p);
}
static inline u64 load_be64(const void *p)
{
    return be64_get(*(const be64 *)p);
}
static inline void store_be16(void *p, u16 v)
{
    *(be16 *)p = be16_of(v);
}
static inline void store_be32(void *p, u32 v)
{
    *(be32 *)p = be32_of(v);
}
static inline void store_be64(void *p, u64 v)
{
    *(be64 *)p = be64_of(v);
}

/* Little-endian (the machine's own order), at any alignment. be16.raw and kin are packed, so these are plain moves. */
static inline u16 load_le16(const void *p)
{
    return ((const be16 *)p)->raw;
}
static inline u32 load_le32(const void *p)
{
    return ((const be32 *)p)->raw;
}
static inline u64 load_le64(const void *p)
{
    return ((const be64 *)p)->raw;
}
static inline void store_le16(void *p, u16 v)
{
    ((be16 *)p)->raw = v;
}
static inline void store_le32(void *p, u32 v)
{
    ((be32 *)p)->raw = v;
}
static inline void store_le64(void *p, u64 v)
{
    ((be64 *)p)->raw = v;
}

#endif
