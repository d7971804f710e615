/* Two machines at the ends of a wire, everything by virtual time:
 *
 *     here  eth0 10.1.0.1/24, 2001:db8::1/64  ----delay----  eth0 10.1.0.2/24, 2001:db8::2/64  there
 *
 * Both have lo up. What goes over the wire is kept, so that a test can look at it.
 */
#ifndef UNIT_NET_SOCK_SOCK_RIG_H
#define UNIT_NET_SOCK_SOCK_RIG_H

#include "lib/check.h"
#include "net/dev/netdev.h"
#include "net/sock/sock.h"

#define RIG_SEEN 256u

struct rig_frame {
    u32 n;
    u8 p[200]; /* as much of it */
};

struct sock_rig {
    struct net *net[2];
    struct netdev *dev[2];
    u64 delay;     /* ns, each way */
    bool cut;      /* the wire is */
    u32 frames[2]; /* that the end sent */
    struct rig_frame seen[2][RIG_SEEN];
};
extern struct sock_rig sock_rig;

void sock_rig_start(bool addresses);
void sock_rig_end(void);
void sock_rig_addr(unsigned end, const char *prefix);
void sock_rig_route(unsigned end, const char *prefix, const char *via);
/* An ICMP message of n bytes arrives here, as if there had sent it; its checksum is filled in. */
void sock_rig_icmp(const char *from, const char *to, u8 hops, u8 *msg, u32 n);
struct ipaddr sock_rig_ip(const char *text);

#endif
