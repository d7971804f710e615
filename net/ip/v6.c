/* IPv6's side of struct ip_family. */
#include "net/ip/family.h"
#include "net/ip/ndp.h"
#include "net/ip/source.h"
#include "net/wire/eth.h"
#include "net/wire/icmp.h"
#include "net/wire/ip6.h"
#include "net/wire/ndp.h"

const struct ip_family ip_v6 = {
    .index = IP_V6,
    .af = 6,
    .name = "inet6",
    .ethertype = ETH_IP6,
    .bits = 128,
    .at = 0,
    .header = IP6_HLEN,
    .icmp = IP_ICMP6,
    .mtu_least = IP6_MTU_LEAST,
    .says = {[ICMP_ERR_NET] = {ICMP6_UNREACH, 0},
             [ICMP_ERR_HOST] = {ICMP6_UNREACH, 3},
             [ICMP_ERR_PROHIBIT] = {ICMP6_UNREACH, 1},
             [ICMP_ERR_PROTOCOL] = {ICMP6_PARAM, 1},
             [ICMP_ERR_PORT] = {ICMP6_UNREACH, 4},
             [ICMP_ERR_TOO_BIG] = {ICMP6_TOO_BIG, 0},
             [ICMP_ERR_TTL] = {ICMP6_TIME_EXCEEDED, 0},
             [ICMP_ERR_REASSEMBLY] = {ICMP6_TIME_EXCEEDED, 1},
             [ICMP_ERR_PARAM] = {ICMP6_PARAM, 0},
             [ICMP_ERR_OPTION] = {ICMP6_PARAM, 2},
             [ICMP_ERR_CHAIN] = {ICMP6_PARAM, 3},
             [ICMP_ERR_SOURCE] = {ICMP6_UNREACH, 2},
             [ICMP_ERR_REDIRECT] = {NDP_REDIRECT, 0}},
    .solicit = ndp_solicit,
    .source = source6,
    .announce = ndp_announce,
    .probe = ndp_probe,
    .redirect = ndp_redirect,
};
