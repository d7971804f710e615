/* Where names are asked for: /etc/resolv.conf, made of what each interface has learned.
 *
 *     resolv_put(net, "eth0.dhcp", "search example.org\nnameserver 10.1.0.1\n");      "": it says nothing any more
 *
 * What a person writes into the file stands instead of all that, until he writes an empty line into it.
 */
#ifndef NET_SOCK_RESOLV_H
#define NET_SOCK_RESOLV_H

#include "lib/net.h"

#define RESOLV_TEXT 1024u

int resolv_put(struct net *net, const char *owner, const char *text); /* task; -ENOSPC: too many owners, too long */

#endif
