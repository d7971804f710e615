/* Internal to net/sock/sock.
 *
 * Numbers of endpoints, and who has which: the table that packets are looked up in.
 */
#ifndef NET_SOCK_SOCK_PORT_H
#define NET_SOCK_SOCK_PORT_H

#include "net/sock/sock.h"

int port_take(struct sock *k); /* by k->how; a number of its own choice where none is given. Task. */
void port_leave(struct sock *k);

#endif
