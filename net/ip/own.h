/* The addresses that a device has of itself. A net without a loopback device joins devices, and is no host: there are
 * none. */
#ifndef NET_IP_OWN_H
#define NET_IP_OWN_H

#include "net/ip/ip_dev.h"

void own_up(struct netdev *dev); /* it has come up; task, under conf_lock: net/ip/watch.c */

#endif
