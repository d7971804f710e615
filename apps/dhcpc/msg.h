/* DHCP messages (RFC 2131, RFC 2132), made and read by a client.
 *
 *     n = dhcp_build(buf, sizeof(buf), &want);
 *     if (dhcp_read(buf, n, &want, &m)) ...          an answer to it: what it says, checked; strangers' bytes
 */
#ifndef APPS_DHCPC_MSG_H
#define APPS_DHCPC_MSG_H

#include "lib/ipaddr.h"

#define DHCP_SERVER_PORT 67u
#define DHCP_CLIENT_PORT 68u
#define DHCP_LONGEST     1472u /* that a server may send */
#define DHCP_SHORTEST    300u  /* old relays want so much (RFC 1542 2.1) */

enum dhcp_type { /* option 53 */
                 DHCP_DISCOVER = 1,
                 DHCP_OFFER,
                 DHCP_REQUEST,
                 DHCP_DECLINE,
                 DHCP_ACK,
                 DHCP_NAK,
                 DHCP_RELEASE,
};

#define DHCP_FEW      4u   /* addresses of a kind */
#define DHCP_ROUTES   16u  /* classless ones */
#define DHCP_NAME     128u /* of the domain */
#define DHCP_SEARCH   256u
#define DHCP_FOREVER  0xffffffffu
#define DHCP_LEASE_IF 3600u /* s, where a server does not say */

struct dhcp_route {
    struct ipprefix to;
    struct ipaddr via; /* 0.0.0.0: on the link */
};

struct dhcp_lease { /* what a server says, in words that can be typed: everything was looked at */
    struct ipaddr addr, server;
    u8 bits;
    u32 seconds, renew, rebind; /* DHCP_FOREVER: no end */
    u16 mtu;                    /* 0: not said */
    u8 routers, dns, ntp, routes;
    struct ipaddr router[DHCP_FEW], dns_at[DHCP_FEW], ntp_at[DHCP_FEW];
    struct dhcp_route route[DHCP_ROUTES];
    char domain[DHCP_NAME], search[DHCP_SEARCH]; /* "": none */
};

struct dhcp_want { /* a message of ours */
    enum dhcp_type type;
    u32 xid;
    u16 secs; /* since the client began */
    struct macaddr mac;
    struct ipaddr ciaddr;    /* ours, once it is; any: none */
    struct ipaddr requested; /* any: whichever */
    struct ipaddr server;    /* whose offer is taken; any: none is named */
    bool broadcast;          /* the answer cannot come to our address yet */
    const char *why;         /* of a decline; NULL: nothing to say */
};

struct dhcp_msg {
    enum dhcp_type type;
    struct dhcp_lease lease; /* of a NAK: the server alone */
    char why[64];            /* a NAK's words */
};

u32 dhcp_build(u8 *to, u32 size, const struct dhcp_want *w); /* size at least DHCP_LONGEST */
bool dhcp_read(const u8 *p, u32 n, const struct dhcp_want *w, struct dhcp_msg *m);

#endif
