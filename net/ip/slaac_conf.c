/* The switches of net/ip/slaac.h, by Linux's names. */
#include "lib/sysctl.h"
#include "net/ip/slaac.h"
#include "net/ip/slaac_part.h"

#define CONF(field) SYSCTL_PER(struct ip_conf, slaac.field), .place = ip_conf6_place, .list = ip_conf_list

SYSCTL(accept_ra, .name = "net.ipv6.conf.*.accept_ra", CONF(accept_ra), .def = 1, .high = 2, .changed = slaac_again,
       .help = "1: heed router advertisements where this machine does not forward; 2: also where it does");
SYSCTL(accept_ra_defrtr, .name = "net.ipv6.conf.*.accept_ra_defrtr", CONF(defrtr), .def = 1, .high = 1,
       .help = "1: routers that advertise themselves are default ones");
SYSCTL(accept_ra_pinfo, .name = "net.ipv6.conf.*.accept_ra_pinfo", CONF(pinfo), .def = 1, .high = 1,
       .help = "1: heed advertised prefixes");
SYSCTL(accept_ra_mtu, .name = "net.ipv6.conf.*.accept_ra_mtu", CONF(take_mtu), .def = 1, .high = 1,
       .help = "1: heed the advertised MTU");
SYSCTL(accept_ra_min_hop_limit, .name = "net.ipv6.conf.*.accept_ra_min_hop_limit", CONF(min_hop_limit), .def = 1,
       .high = 255, .help = "the least advertised hop limit that is heeded");
SYSCTL(accept_ra_rt_info_min_plen, .name = "net.ipv6.conf.*.accept_ra_rt_info_min_plen", CONF(route_min_bits),
       .high = 128, .help = "the shortest prefix of an advertised route that is heeded");
SYSCTL(accept_ra_rt_info_max_plen, .name = "net.ipv6.conf.*.accept_ra_rt_info_max_plen", CONF(route_max_bits),
       .high = 128, .help = "the longest prefix of an advertised route that is heeded");
SYSCTL(autoconf, .name = "net.ipv6.conf.*.autoconf", CONF(autoconf), .def = 1, .high = 1,
       .help = "1: make addresses of advertised prefixes");
SYSCTL(addr_gen_mode, .name = "net.ipv6.conf.*.addr_gen_mode", CONF(addr_gen_mode), .high = 1,
       .help = "addresses made by this machine: 0 by the MAC address (EUI-64), 1 none");
SYSCTL(max_addresses, .name = "net.ipv6.conf.*.max_addresses", CONF(max_addresses), .def = 16, .high = 1024,
       .help = "addresses made of advertised prefixes, at most; 0: any number");
SYSCTL(use_tempaddr, .name = "net.ipv6.conf.*.use_tempaddr", CONF(use_tempaddr), .low = -1, .high = 2,
       .changed = slaac_again, .help = "1: make temporary addresses, too; 2: and rather use those");
SYSCTL(temp_valid_lft, .name = "net.ipv6.conf.*.temp_valid_lft", CONF(temp_valid), .def = 7 * 24 * 60 * 60,
       .help = "seconds for which a temporary address is valid at most");
SYSCTL(temp_prefered_lft, .name = "net.ipv6.conf.*.temp_prefered_lft", CONF(temp_preferred), .def = 24 * 60 * 60,
       .help = "seconds for which a temporary address is preferred at most");
SYSCTL(router_solicitations, .name = "net.ipv6.conf.*.router_solicitations", CONF(solicitations), .def = -1, .low = -1,
       .high = 1000, .changed = slaac_again, .help = "how often routers are asked for; -1: until one answers");
SYSCTL(router_solicitation_interval, .name = "net.ipv6.conf.*.router_solicitation_interval", CONF(interval), .def = 4,
       .low = 1, .high = 3600, .help = "seconds between the first two times that routers are asked for");
SYSCTL(router_solicitation_max_interval, .name = "net.ipv6.conf.*.router_solicitation_max_interval", CONF(max_interval),
       .def = 3600, .low = 1, .high = 86400, .help = "seconds between two times at most");
SYSCTL(router_solicitation_delay, .name = "net.ipv6.conf.*.router_solicitation_delay", CONF(delay), .def = 1,
       .high = 3600, .help = "seconds before routers are asked for first, at most");
SYSCTL(ra_mtu, .name = "net.ipv6.conf.*.mtu", CONF(mtu), .access = SYSCTL_RO,
       .help = "MTU of IPv6 as a router advertised it; 0: the interface's");
