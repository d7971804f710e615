/* Group membership as it stands on the wire: IGMP (RFC 1112, RFC 2236, RFC 3376) and MLD (RFC 2710, RFC 3810). No
 * state. */
#ifndef NET_WIRE_IGMP_H
#define NET_WIRE_IGMP_H

#include "lib/byteorder.h"
#include "lib/ipaddr.h"

enum igmp_type {
    IGMP_QUERY = 0x11,
    IGMP1_REPORT = 0x12,
    IGMP2_REPORT = 0x16,
    IGMP2_LEAVE = 0x17,
    IGMP3_REPORT = 0x22,
};

enum mld_type {
    MLD_QUERY = 130,
    MLD1_REPORT = 131,
    MLD1_DONE = 132,
    MLD2_REPORT = 143,
};

struct igmp_hdr {  /* all of versions 1 and 2, and the beginning of a query of version 3 */
    u8 type, code; /* code: of a query, how long an answer may take, in 0.1 s; 0: version 1 */
    be16 check;
    u8 group[4];
} PACKED;

struct igmp3_report { /* records follow */
    u8 type, unused;
    be16 check;
    be16 reserved, records;
} PACKED;

struct mld_hdr { /* all of version 1, and the beginning of a query of version 2 */
    u8 type, code;
    be16 check;
    be16 delay; /* ms */
    be16 reserved;
    struct ipaddr group;
} PACKED;

enum group_record { /* of both families; sources and the group follow */
                    GROUP_IS_EXCLUDE = 2,
                    GROUP_TO_INCLUDE = 3,
                    GROUP_TO_EXCLUDE = 4,
};

struct group_record_hdr {
    u8 type, aux;
    be16 sources;
} PACKED;

/* RFC 3376 4.1.1, RFC 3810 5.1.3: from 2^bits on a number of `bits` bits of mantissa and 3 of exponent. */
static inline u32 igmp_float(u32 code, u32 bits)
{
    if (code < 1u << (bits + 3))
        return code;
    u32 mantissa = code & ((1u << bits) - 1), exponent = code >> bits & 7;
    return (mantissa | 1u << bits) << (exponent + 3);
}

#endif
