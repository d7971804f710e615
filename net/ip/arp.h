/* ARP (RFC 826, RFC 5227): asks and answers for IPv4. */
#ifndef NET_IP_ARP_H
#define NET_IP_ARP_H

#include "net/ip/ifaddr.h"
#include "net/ip/neigh.h"

void arp_solicit(struct neigh *n, bool to_it); /* struct ip_family: solicit */
void arp_announce(struct ifaddr *a);           /* struct ip_family: announce */

#endif
