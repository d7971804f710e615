/* IPv4's side of struct ip_family. */
#include "net/ip/arp.h"
#include "net/ip/family.h"
#include "net/ip/icmp.h"
#include "net/ip/source.h"
#include "net/wire/eth.h"
#include "net/wire/icmp.h"
#include "net/wire/ip4.h"

const struct ip_family ip_v4 = {
    .index = IP_V4,
    .af = 4,
    .name = "inet",
    .ethertype = ETH_IP4,
    .bits = 32,
    .at = 12,
    .header = IP4_HLEN,
    .icmp = IP_ICMP,
    .mtu_least = ETH_MTU_LEAST,
    .says = {[ICMP_ERR_NET] = {ICMP_UNREACH, 0},
             [ICMP_ERR_HOST] = {ICMP_UNREACH, 1},
             [ICMP_ERR_PROHIBIT] = {ICMP_UNREACH, 13},
             [ICMP_ERR_PROTOCOL] = {ICMP_UNREACH, 2},
             [ICMP_ERR_PORT] = {ICMP_UNREACH, 3},
             [ICMP_ERR_TOO_BIG] = {ICMP_UNREACH, 4},
             [ICMP_ERR_TTL] = {ICMP_TIME_EXCEEDED, 0},
             [ICMP_ERR_REASSEMBLY] = {ICMP_TIME_EXCEEDED, 1},
             [ICMP_ERR_PARAM] = {ICMP_PARAM, 0},
             [ICMP_ERR_OPTION] = {ICMP_PARAM, 0},
             [ICMP_ERR_CHAIN] = {ICMP_PARAM, 0},
             [ICMP_ERR_SOURCE] = {ICMP_UNREACH, 1},
             [ICMP_ERR_REDIRECT] = {ICMP_REDIRECT, 1}},
    .solicit = arp_solicit,
    .source = source4,
    .announce = arp_announce,
    .redirect = icmp_redirect,
};
