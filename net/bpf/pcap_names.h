/* Internal to net/bpf. The words of the filter language, and what they stand for. */
#ifndef NET_BPF_PCAP_NAMES_H
#define NET_BPF_PCAP_NAMES_H

#include "lib/base.h"

enum pcap_word {
    WORD_NONE,
    /* ---- protocols: up to WORD_PROTOCOLS ---- */
    WORD_ETHER,
    WORD_IP,
    WORD_IP6,
    WORD_ARP,
    WORD_RARP,
    WORD_TCP,
    WORD_UDP,
    WORD_SCTP,
    WORD_ICMP,
    WORD_ICMP6,
    WORD_IGMP,
    WORD_IGRP,
    WORD_PIM,
    WORD_VRRP,
    WORD_AH,
    WORD_ESP,
    WORD_STP,
    WORD_DECNET,
    WORD_LAT,
    WORD_ISO,
    WORD_NETBEUI,
    WORD_PROTOCOLS,
    /* ---- all others ---- */
    WORD_SRC,
    WORD_DST,
    WORD_HOST,
    WORD_NET,
    WORD_MASK,
    WORD_PORT,
    WORD_PORTRANGE,
    WORD_PROTO,
    WORD_LESS,
    WORD_GREATER,
    WORD_BROADCAST,
    WORD_MULTICAST,
    WORD_AND,
    WORD_OR,
    WORD_NOT,
    WORD_LEN,
    WORD_VLAN,
    WORD_INBOUND,
    WORD_OUTBOUND,
    WORD_REFUSED, /* the language's, but not ours */
};

enum pcap_word pcap_word_of(const char *p, u32 n);
const char *pcap_word_text(enum pcap_word w);

#define NAME_TCP 1u
#define NAME_UDP 2u
/* The number of a service, and which of NAME_TCP, NAME_UDP have it; -1: no such name. */
i32 pcap_service(const char *p, u32 n, u8 *of);
i32 pcap_ip_proto(const char *p, u32 n);  /* "icmp" behind `ip proto` */
i32 pcap_ethertype(const char *p, u32 n); /* "arp" behind `ether proto` */
i32 pcap_constant(const char *p, u32 n);  /* "tcp-syn", "icmptype" ... */

#endif
