/* Packets as lines of text, as tcpdump prints them (4.99).
 *
 *     struct dump d;
 *     dump_init(&d, c->out, &form);
 *     dump_packet(&d, &packet);         one packet's line or lines, written in whole when it returns
 *     dump_exit(&d);
 *
 *     dump.c: time, link header, bytes    dump_link.c: ARP, LLC, STP    dump_lldp.c    dump_ip.c: IPv4, IPv6
 *     dump_tcp.c    dump_udp.c    dump_dns.c    dump_icmp.c    dump_icmp6.c    dump_sctp.c
 *     dump_group.c: IGMP, MLDv2     dump_routing.c: OSPF, VRRP    dump_pim.c    dump_dhcp.c: DHCP, DHCPv6    dump_ntp.c
 *     dump_tunnel.c: GRE, VXLAN, MPLS, AH    dump_ppp.c: PPPoE, PPP    sll2.c: cooked
 *
 * What is printed comes from strangers: each printer gets a span, asks span_need for bytes, and says "[|name]" where
 * they end. Addresses and ports are always numbers, as there is nobody to ask for names; names of protocols that have a
 */
#ifndef NET_DEV_TCPDUMP_DUMP_H
#define NET_DEV_TCPDUMP_DUMP_H

#include "lib/byteorder.h"
#include "lib/ipaddr.h"
#include "lib/out.h"

struct dump_form {
    u8 verbose, time; /* how often -v, -t */
    u8 hex, text;     /* how often -x; -X */
    bool ascii;       /* -A */
    bool link, quiet; /* -e, -q */
    bool absolute;    /* -S */
};

#define DUMP_FLOWS                                                                                     \
    128u /* conversations whose sequence numbers are printed from their start on; more push out others \
          */
#define DUMP_LINE  1024u
#define DUMP_DEPTH 8u /* packets within packets */

struct dump_flow {
    struct ipaddr a, b;
    u16 aport, bport;
    bool used;
    u32 seq, ack;
};

struct dump {
    struct out line; /* first: collects */
    struct out *to;
    struct dump_form form;
    u64 first_ns, last_ns; /* of packets' times; 0: none yet */
    u32 depth;
    u32 n; /* bytes collected */
    char collected[DUMP_LINE];
    struct dump_flow *flows; /* NULL: no memory, all numbers are absolute */
};

/* Bytes that are there, and how many there were on the wire. */
struct span {
    const u8 *p;
    u32 n, len;
};

struct dump_packet {
    const u8 *bytes;
    u32 kept, len;
    u64 wall_ns;
    const char *cooked; /* it is of LINUX_SLL2 (sll2.h), of the device of this name; NULL: of Ethernet */
};

void dump_init(struct dump *d, struct out *to, const struct dump_form *form);
void dump_exit(struct dump *d);
void dump_packet(struct dump *d, const struct dump_packet *p);

static inline const u8 *span_need(const struct span *s, u32 off, u32 n)
{
    return off <= s->n && n <= s->n - off ? s->p + off : NULL;
}

/* What follows the first n bytes, which are there. */
static inline struct span span_behind(const struct span *s, u32 n)
{
    return (struct span){s->p + n, s->n - n, s->len > n ? s->len - n : 0};
}

/* At most so many bytes of it. */
static inline struct span span_first(const struct span *s, u32 len)
{
    return (struct span){s->p, s->n < len ? s->n : len, s->len < len ? s->len : len};
}

/* Who speaks to whom, for what is carried by IP. */
struct dump_ends {
    struct ipaddr src, dst;
    u8 proto, ttl;
    bool v6;
    bool fragment; /* more of it is elsewhere: no checksum is looked at */
    bool direct;   /* behind the IP header itself: the addresses are not printed yet */
};

void dump_text(struct dump *d, const char *f, ...) PRINTF(2, 3);
void dump_hex(struct dump *d, const u8 *p, u32 n, bool text);
void dump_string(struct dump *d, const u8 *p, u32 n); /* what is not printable as ^A, M-^A */
void dump_bits(struct dump *d, u32 v, const char *const *names, u32 count, const char *between);
void dump_ends(struct dump *d, const struct dump_ends *e); /* "10.0.0.1 > 10.0.0.2: " */
void dump_ends_ports(struct dump *d, const struct dump_ends *e, u16 sport, u16 dport);
u16 dump_checksum(const struct dump_ends *e, const u8 *p, u32 n); /* by how much it is off; 0: right */

/* What a checksum that is off by so much should have been. */
static inline u32 dump_right(u16 was, u16 off)
{
    u32 v = (u32)was + off;
    return (v & 0xffff) + (v >> 16);
}

/* Packets within packets. One that was entered is left. */
bool dump_enter(struct dump *d); /* false: too deep, which it says */
void dump_leave(struct dump *d);
void dump_inner(struct dump *d, u16 type, const struct span *s); /* by Ethernet type; enters and leaves */
u32 dump_frame(struct dump *d, const struct span *frame);        /* Ethernet; bytes of its header */
const char *dump_type_name(u16 type);                            /* of Ethernet's; NULL: nobody knows it */

bool dump_ether(struct dump *d, u16 type, const struct span *s); /* by type; false: nobody knows it */
u32 dump_llc(struct dump *d, const struct span *s);              /* bytes of its header */
void dump_arp(struct dump *d, const struct span *s);
void dump_lldp(struct dump *d, const struct span *s);
void dump_ip4(struct dump *d, struct span s);
void dump_ip6(struct dump *d, struct span s);
void dump_tcp(struct dump *d, const struct dump_ends *e, const struct span *s);
void dump_udp(struct dump *d, const struct dump_ends *e, const struct span *s);
void dump_dns(struct dump *d, const struct span *s);
void dump_icmp(struct dump *d, const struct span *s);
void dump_icmp6(struct dump *d, const struct dump_ends *e, const struct span *s);
void dump_sctp(struct dump *d, const struct dump_ends *e, const struct span *s);
void dump_igmp(struct dump *d, const struct span *s);
void dump_mld2_query(struct dump *d, const struct span *s); /* what follows "query" */
void dump_group_records(struct dump *d, const struct span *s, u32 count, bool v6);
void dump_ospf(struct dump *d, const struct span *s);
void dump_vrrp(struct dump *d, const struct dump_ends *e, const struct span *s);
void dump_pim(struct dump *d, const struct dump_ends *e, const struct span *s);
void dump_gre(struct dump *d, const struct span *s);
u32 dump_ah(struct dump *d, const struct span *s); /* bytes of it; 0: cut */
void dump_mpls(struct dump *d, const struct span *s);
void dump_vxlan(struct dump *d, const struct span *s);
void dump_pppoe(struct dump *d, const struct span *s);
void dump_ppp(struct dump *d, const struct span *s);
u32 dump_sll2(struct dump *d, const struct span *s, const char *ifname); /* cooked; bytes of the link's header */
void dump_ntp(struct dump *d, const struct span *s);
void dump_dhcp(struct dump *d, const struct span *s);
void dump_dhcp6(struct dump *d, const struct span *s);

#endif
