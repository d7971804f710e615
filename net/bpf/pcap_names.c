/* The words of the filter language: keywords, services, protocols, and names for bytes and bits of headers.
 *
 * Keywords that the language has and Weir has not stand here too, so that they are refused by name and not taken for a
 * host. The tables are small and asked by persons: they are searched from end to end.
 */
#include "net/bpf/pcap_names.h"

#include "lib/string.h"

struct word {
    const char *text;
    u8 word;
};

static const struct word words[] = {
    {"ether", WORD_ETHER},
    {"link", WORD_ETHER},
    {"ip", WORD_IP},
    {"ip6", WORD_IP6},
    {"arp", WORD_ARP},
    {"rarp", WORD_RARP},
    {"tcp", WORD_TCP},
    {"udp", WORD_UDP},
    {"sctp", WORD_SCTP},
    {"icmp", WORD_ICMP},
    {"icmp6", WORD_ICMP6},
    {"igmp", WORD_IGMP},
    {"igrp", WORD_IGRP},
    {"pim", WORD_PIM},
    {"vrrp", WORD_VRRP},
    {"carp", WORD_VRRP},
    {"ah", WORD_AH},
    {"esp", WORD_ESP},
    {"stp", WORD_STP},
    {"decnet", WORD_DECNET},
    {"lat", WORD_LAT},
    {"iso", WORD_ISO},
    {"netbeui", WORD_NETBEUI},
    {"src", WORD_SRC},
    {"dst", WORD_DST},
    {"host", WORD_HOST},
    {"net", WORD_NET},
    {"mask", WORD_MASK},
    {"port", WORD_PORT},
    {"portrange", WORD_PORTRANGE},
    {"proto", WORD_PROTO},
    {"less", WORD_LESS},
    {"greater", WORD_GREATER},
    {"broadcast", WORD_BROADCAST},
    {"multicast", WORD_MULTICAST},
    {"and", WORD_AND},
    {"or", WORD_OR},
    {"not", WORD_NOT},
    {"len", WORD_LEN},
    {"length", WORD_LEN},
    {"vlan", WORD_VLAN},
    {"inbound", WORD_INBOUND},
    {"outbound", WORD_OUTBOUND},
    {"gateway", WORD_REFUSED},
    {"protochain", WORD_REFUSED},
    {"byte", WORD_REFUSED},
    {"mpls", WORD_REFUSED},
    {"pppoed", WORD_REFUSED},
    {"pppoes", WORD_REFUSED},
    {"geneve", WORD_REFUSED},
    {"wlan", WORD_REFUSED},
    {"fddi", WORD_REFUSED},
    {"tr", WORD_REFUSED},
    {"ppp", WORD_REFUSED},
    {"slip", WORD_REFUSED},
    {"type", WORD_REFUSED},
    {"subtype", WORD_REFUSED},
    {"direction", WORD_REFUSED},
    {"llc", WORD_REFUSED},
    {"ipx", WORD_REFUSED},
    {"atalk", WORD_REFUSED},
    {"aarp", WORD_REFUSED},
    {"sca", WORD_REFUSED},
    {"moprc", WORD_REFUSED},
    {"mopdl", WORD_REFUSED},
    {"clnp", WORD_REFUSED},
    {"isis", WORD_REFUSED},
    {"esis", WORD_REFUSED},
    {"ifname", WORD_REFUSED},
    {"on", WORD_REFUSED},
    {"ifindex", WORD_REFUSED},
};

static bool same(const char *text, const char *p, u32 n)
{
    return strlen(text) == n && !memcmp(text, p, n);
}

enum pcap_word pcap_word_of(const char *p, u32 n)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (same(words[i].text, p, n))
            return (enum pcap_word)words[i].word;
    return WORD_NONE;
}

const char *pcap_word_text(enum pcap_word w)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].word == w)
            return words[i].text;
    return "?";
}

struct number {
    const char *text;
    u16 value;
    u8 of;
};

static i32 find(const struct number *table, size_t count, const char *p, u32 n, u8 *of)
{
    for (size_t i = 0; i < count; i++)
        if (same(table[i].text, p, n)) {
            *of = table[i].of;
            return table[i].value;
        }
    return -1;
}

#define BOTH (NAME_TCP | NAME_UDP)

/* As Debian's /etc/services has them. */
static const struct number services[] = {
    {"echo", 7, BOTH},
    {"discard", 9, BOTH},
    {"daytime", 13, BOTH},
    {"chargen", 19, BOTH},
    {"ftp-data", 20, NAME_TCP},
    {"ftp", 21, NAME_TCP},
    {"ssh", 22, NAME_TCP},
    {"telnet", 23, NAME_TCP},
    {"smtp", 25, NAME_TCP},
    {"time", 37, BOTH},
    {"whois", 43, NAME_TCP},
    {"tacacs", 49, BOTH},
    {"domain", 53, BOTH},
    {"bootps", 67, NAME_UDP},
    {"bootpc", 68, NAME_UDP},
    {"tftp", 69, NAME_UDP},
    {"finger", 79, NAME_TCP},
    {"http", 80, NAME_TCP},
    {"kerberos", 88, BOTH},
    {"pop3", 110, NAME_TCP},
    {"sunrpc", 111, BOTH},
    {"auth", 113, NAME_TCP},
    {"nntp", 119, NAME_TCP},
    {"ntp", 123, NAME_UDP},
    {"netbios-ns", 137, NAME_UDP},
    {"netbios-dgm", 138, NAME_UDP},
    {"netbios-ssn", 139, NAME_TCP},
    {"imap2", 143, NAME_TCP},
    {"snmp", 161, BOTH},
    {"snmp-trap", 162, BOTH},
    {"bgp", 179, NAME_TCP},
    {"ldap", 389, BOTH},
    {"https", 443, BOTH},
    {"microsoft-ds", 445, BOTH},
    {"isakmp", 500, NAME_UDP},
    {"syslog", 514, NAME_UDP},
    {"route", 520, NAME_UDP},
    {"dhcpv6-client", 546, NAME_UDP},
    {"dhcpv6-server", 547, NAME_UDP},
    {"ldaps", 636, BOTH},
    {"domain-s", 853, BOTH},
    {"imaps", 993, NAME_TCP},
    {"pop3s", 995, NAME_TCP},
    {"openvpn", 1194, BOTH},
    {"l2f", 1701, NAME_UDP},
    {"radius", 1812, BOTH},
    {"radius-acct", 1813, BOTH},
    {"nfs", 2049, BOTH},
    {"mysql", 3306, NAME_TCP},
    {"ipsec-nat-t", 4500, NAME_UDP},
    {"sip", 5060, BOTH},
    {"sip-tls", 5061, BOTH},
    {"mdns", 5353, NAME_UDP},
    {"postgresql", 5432, NAME_TCP},
    {"http-alt", 8080, BOTH},
};

i32 pcap_service(const char *p, u32 n, u8 *of)
{
    return find(services, ARRAY_LEN(services), p, n, of);
}

static const struct number ip_protos[] = {
    {"icmp", 1, 0},   {"igmp", 2, 0},       {"ipip", 4, 0},      {"ipencap", 4, 0}, {"tcp", 6, 0},   {"igp", 9, 0},
    {"udp", 17, 0},   {"ipv6", 41, 0},      {"rsvp", 46, 0},     {"gre", 47, 0},    {"esp", 50, 0},  {"ah", 51, 0},
    {"icmp6", 58, 0}, {"ipv6-icmp", 58, 0}, {"eigrp", 88, 0},    {"ospf", 89, 0},   {"pim", 103, 0}, {"vrrp", 112, 0},
    {"l2tp", 115, 0}, {"sctp", 132, 0},     {"udplite", 136, 0},
};

i32 pcap_ip_proto(const char *p, u32 n)
{
    u8 of;
    return find(ip_protos, ARRAY_LEN(ip_protos), p, n, &of);
}

static const struct number ethertypes[] = {
    {"ip", 0x0800, 0},   {"arp", 0x0806, 0},    {"rarp", 0x8035, 0},   {"vlan", 0x8100, 0},     {"ip6", 0x86dd, 0},
    {"mpls", 0x8847, 0}, {"pppoed", 0x8863, 0}, {"pppoes", 0x8864, 0}, {"loopback", 0x9000, 0}, {"lldp", 0x88cc, 0},
    {"iso", 0xfe, 0},    {"stp", 0x42, 0},      {"netbeui", 0xf0, 0},
};

i32 pcap_ethertype(const char *p, u32 n)
{
    u8 of;
    return find(ethertypes, ARRAY_LEN(ethertypes), p, n, &of);
}

static const struct number constants[] = {
    {"tcpflags", 13, 0},
    {"tcp-fin", 0x01, 0},
    {"tcp-syn", 0x02, 0},
    {"tcp-rst", 0x04, 0},
    {"tcp-push", 0x08, 0},
    {"tcp-ack", 0x10, 0},
    {"tcp-urg", 0x20, 0},
    {"tcp-ece", 0x40, 0},
    {"tcp-cwr", 0x80, 0},
    {"icmptype", 0, 0},
    {"icmpcode", 1, 0},
    {"icmp-echoreply", 0, 0},
    {"icmp-unreach", 3, 0},
    {"icmp-sourcequench", 4, 0},
    {"icmp-redirect", 5, 0},
    {"icmp-echo", 8, 0},
    {"icmp-routeradvert", 9, 0},
    {"icmp-routersolicit", 10, 0},
    {"icmp-timxceed", 11, 0},
    {"icmp-paramprob", 12, 0},
    {"icmp-tstamp", 13, 0},
    {"icmp-tstampreply", 14, 0},
    {"icmp-ireq", 15, 0},
    {"icmp-ireqreply", 16, 0},
    {"icmp-maskreq", 17, 0},
    {"icmp-maskreply", 18, 0},
    {"icmp6type", 0, 0},
    {"icmp6code", 1, 0},
    {"icmp6-destinationunreach", 1, 0},
    {"icmp6-packettoobig", 2, 0},
    {"icmp6-timeexceeded", 3, 0},
    {"icmp6-parameterproblem", 4, 0},
    {"icmp6-echo", 128, 0},
    {"icmp6-echoreply", 129, 0},
    {"icmp6-multicastlistenerquery", 130, 0},
    {"icmp6-multicastlistenerreportv1", 131, 0},
    {"icmp6-multicastlistenerdone", 132, 0},
    {"icmp6-routersolicit", 133, 0},
    {"icmp6-routeradvert", 134, 0},
    {"icmp6-neighborsolicit", 135, 0},
    {"icmp6-neighboradvert", 136, 0},
    {"icmp6-redirect", 137, 0},
    {"icmp6-routerrenum", 138, 0},
    {"icmp6-multicastlistenerreportv2", 143, 0},
};

i32 pcap_constant(const char *p, u32 n)
{
    u8 of;
    return find(constants, ARRAY_LEN(constants), p, n, &of);
}
