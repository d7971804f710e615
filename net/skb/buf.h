/* The packet as an object, and the buffer that it is made of: the ground of net/skb. What is done with them: skb.h.
 *
 *     struct skb_buf, 3136 bytes of one pool:
 *     | struct skb | headroom 256 | room 2048                          | frag[43]    |
 *                  ^              ^ data here when it was received     what follows the linear part
 *
 *     a packet:   buf -> [ linear bytes at data ]  frag[0] -> bytes of another buffer  frag[1] -> ...
 *                 len = linear + all fragments
 *
 * A struct skb is the one inside its own buffer, or a clone, which has the bytes of another's buffer and none of its
 * own. `refs` of a buffer counts whoever needs its bytes: the skb inside, clones, fragments of others. Fragments belong
 * to the buffer in whose array they stand and go with it. Bytes and fragments of a buffer that has more than one
 * reference are read-only: skb_own() first. Where a buffer that is a fragment has
 * fragments of its own (a large packet's, of which this one was cut), they live as long as it does.
 */
#ifndef NET_SKB_BUF_H
#define NET_SKB_BUF_H

#include "lib/byteorder.h"
#include "lib/plat.h"

#define SKB_HEADROOM  256u
#define SKB_ROOM      2048u /* behind the headroom: what a receive buffer takes */
#define SKB_FRAGS     43u   /* 64 KiB in buffers of 2 KiB are 33 */
#define SKB_LEN_MAX   0xffffffu
#define SKB_REFS_MOST 60000u

struct skb_buf;
struct skb_pool;
struct skb_port;
struct skb_probe;

struct skb_frag {
    struct skb_buf *buf;
    u32 off, len; /* from the start of the buffer */
};

enum skb_cksum {
    CKSUM_NONE,     /* nobody has looked */
    CKSUM_VERIFIED, /* right, says who can tell (Linux: unnecessary) */
    CKSUM_COMPLETE, /* `csum` is the sum of all bytes from l3 on */
    CKSUM_PARTIAL,  /* to be filled in: the field at csum_start + csum_offset holds the pseudo-header's sum */
};

enum skb_gso { /* what a packet larger than its frames is to be cut into */
               GSO_NONE,
               GSO_TCP4,
               GSO_TCP6,
               GSO_UDP, /* datagrams of gso_size each, of either family */
};

/* skb->flags */
#define SKB_HASHED    0x01u /* hash is that of the flow */
#define SKB_VLAN      0x02u /* vlan_tci, vlan_type: a tag that is not among the bytes */
#define SKB_GSO_ECN   0x04u /* the first segment alone has CWR */
#define SKB_GSO_FIXED 0x08u /* IPv4 ids do not count up */
#define SKB_DODGY     0x10u /* a guest's or host's word for offsets: look at them before use */
#define SKB_PROBE     0x20u /* `why` asks: changes nothing, counts nowhere, is never sent */
#define SKB_GROUP     0x80u /* its Ethernet address is a group's, or everybody's */
#define SKB_PARKED    0x40u /* holds references of its own (net/skb/park.h) */

struct skb {
    struct skb_buf *buf; /* whose bytes these are */
    u8 *data;            /* the first of them */
    u32 len;             /* in all, */
    u16 linear;          /* of them at data */
    u16 l2, l3, l4;
    u32 has;              /* SKB_IP4 ...: net/skb/parse.h; 0: not parsed */
    struct skb_port *dev; /* where it came in, or goes out */
    u32 hash;
    u32 mark, priority;
    u16 gso_size, gso_segs;
    u8 frags;    /* of buf; a clone's copy of it */
    u8 cksum;    /* enum skb_cksum */
    u8 gso;      /* enum skb_gso */
    u8 flags;    /* SKB_HASHED ... */
    u16 refs;    /* of the buffer around this skb */
    u8 l4_proto; /* enum ip_proto, when SKB_L4 */
    u8 spare;
    /* ---- second line ---- */
    union {
        u32 csum; /* CKSUM_COMPLETE */
        struct {
            u16 csum_start, csum_offset; /* CKSUM_PARTIAL: from the start of the buffer; from csum_start */
        };
    };
    u16 vlan_tci, vlan_type;
    u16 queue; /* that it came by, plus 1; 0: none */
    u16 type;  /* enum eth_type of what stands at l3, tags skipped */
    u16 inner_l3, inner_l4;
    u64 stamp;             /* ns: when it came; or before which it shall not leave */
    void *route;           /* of net/ip; valid within the round, or while parked */
    void *conn;            /* of net/filter; likewise */
    struct skb *next;      /* of whoever keeps it */
    struct skb_pool *pool; /* where this struct skb goes back to */
    u64 note;              /* of the stage that has it; means nothing to the next */
} CACHE_ALIGNED;
static_assert(sizeof(struct skb) == 2 * CACHE_LINE, "two cache lines");

struct skb_buf {
    struct skb skb;
    u8 room[SKB_HEADROOM + SKB_ROOM];
    struct skb_frag frag[SKB_FRAGS];
    struct skb_probe *probe; /* with SKB_PROBE */
    const char *taken_in;    /* debug builds: who took it, or has it back in the pool */
};
static_assert(sizeof(struct skb_buf) == 49 * CACHE_LINE, "odd: neighbours' headers do not meet in the same cache sets");

/* A large buffer: a struct skb for its references and its pool, and room. It is never more than a fragment: cards that
 * are given large frames whole have most of each in a few. Four in a block of 64 KiB; no longer than what a descriptor
 * of an 82540EM may be (16288 bytes). */
#define SKB_LARGE      16320u
#define SKB_LARGE_ROOM (SKB_LARGE - (u32)sizeof(struct skb))

#define SKB_START (sizeof(struct skb))                  /* offset of the first byte of room */
#define SKB_DATA  (SKB_START + SKB_HEADROOM)            /* where received bytes stand */
#define SKB_END   (SKB_START + SKB_HEADROOM + SKB_ROOM) /* behind the last */

#endif
