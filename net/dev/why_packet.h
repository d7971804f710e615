/* Internal to net/dev. The packet that `why` asks about: from words to the bytes of a frame.
 *
 *     ether SRC DST        from and to which stations; else from some, to the device's own or the group's
 *     vlan N               a tag; a second one stands within the first
 *     type N               Ethernet type of a frame that holds nothing more
 *     arp who-has IP tell IP
 *     ip SRC DST           ip6 SRC DST          then: ttl N, tos N
 *     tcp SPORT DPORT [syn ack fin rst psh urg ece cwr]     no flag: syn
 *     udp SPORT DPORT      icmp echo|reply|TYPE [CODE]      proto N
 *     mark N               as if something had marked it
 *     len N                bytes of the frame in all
 *     hex BYTES...         the frame itself, instead of all that
 */
#ifndef NET_DEV_WHY_PACKET_H
#define NET_DEV_WHY_PACKET_H

#include "lib/ipaddr.h"

#define WHY_FRAME 65549u /* the longest: 65535 bytes of IP behind an Ethernet header */
#define WHY_TAGS  2u

struct why_packet {
    struct macaddr src, dst;
    bool has_src, has_dst, has_type, has_icmp, arp;
    u16 tag[WHY_TAGS];
    u32 tags;
    u16 type; /* Ethernet's, of what is behind the tags */
    struct ipaddr from, to;
    u8 ttl, tos;
    u8 proto; /* enum ip_proto, when `has_proto` */
    bool has_proto;
    u16 sport, dport;
    u8 flags; /* TCP's */
    u8 icmp_type, icmp_code;
    u32 mark, len; /* len 0: as short as it can be */
    char **hex;
    u32 hexes;
    char why[96]; /* what is wrong with the words */
};

/* 0; -EINVAL with `why`. The words stay with the caller, who keeps them for hex. */
int why_packet_parse(struct why_packet *q, char **words, int n);
/* The frame, as long as it is; `own` is the device's address. `frame` has WHY_FRAME bytes. */
u32 why_packet_build(const struct why_packet *q, const struct macaddr *own, u8 *frame);

#endif
