/* The loopback device: what is sent by it comes in by it, on the same CPU, through that CPU's backlog. */
#ifndef NET_DEV_LOOPBACK_H
#define NET_DEV_LOOPBACK_H

#include "net/dev/netdev.h"

/* Both under conf_lock. "lo", number 1, down: one for each net, made before its other devices. -ENOMEM, -EEXIST. */
int loopback_add(struct net *net);
void loopback_del(struct net *net); /* brings it down; nothing if there is none */

#endif
