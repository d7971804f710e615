/* An address of either family in 16 bytes, IPv4 as ::ffff:a.b.c.d (contract 11).
 *
 * This is the ground that text (lib/fmt, lib/parse) stands on; net/ip/addr.h adds scopes and kinds. Bytes are in
 * network order, so comparing the bytes compares the addresses, and a trie can take them as they are.
 */
#ifndef LIB_IPADDR_H
#define LIB_IPADDR_H

#include "lib/base.h"
#include "lib/byteorder.h"

struct ipaddr {
    u8 b[16];
};

/* An address and how many of its leading bits count, in its own family: 0..32 for IPv4, 0..128 for IPv6. */
struct ipprefix {
    struct ipaddr addr;
    u8 bits;
};

struct macaddr {
    u8 b[6];
};

static inline bool ipaddr_is4(const struct ipaddr *a)
{
    return load_le64(a->b) == 0 && load_le32(a->b + 8) == 0xffff0000u;
}

static inline struct ipaddr ipaddr_of4(u8 a, u8 b, u8 c, u8 d)
{
    return (struct ipaddr){{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
}

static inline unsigned ipaddr_bits(const struct ipaddr *a)
{
    return ipaddr_is4(a) ? 32 : 128;
}

#endif
