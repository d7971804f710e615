/* A network card whose wire is a program's: what is sent is told to it, what arrives it says.
 *
 *     struct netdev *p = port_new(net, "eth0", &mac, sent, arg);    there, down; ip link set eth0 up
 *     port_rx(p, frame, n);                                         it arrives, and what follows from it is done
 *     port_del(p);
 *
 * As a card with one queue and no offloads: frames are cut, summed up and whole when they are sent, and are looked at
 * one by one as they come. Under virtual time alone; the main task's.
 */
#ifndef HOST_PORT_H
#define HOST_PORT_H

#include "net/dev/netdev.h"

#define PORT_FRAME 65549u /* bytes of the longest frame: 65535 behind the Ethernet header */

typedef void port_sent(void *arg, const void *frame, size_t n); /* under the queue's lock: comes back to nothing here */

/* NULL: *err is -EEXIST, -EINVAL (no name for a device), -ENOMEM. */
struct netdev *port_new(struct net *net, const char *name, const struct macaddr *mac, port_sent *sent, void *arg,
                        int *err);
void port_del(struct netdev *dev);
int port_rx(struct netdev *dev, const void *frame, size_t n); /* -ENETDOWN, -EMSGSIZE, -ENOBUFS */

#endif
