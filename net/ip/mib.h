/* The counters of Linux's MIBs in its order, for who prints them: /proc/net/snmp and kin, nstat, netstat.
 *
 *     struct mib_at at = {0};
 *     while (mib_next(&at, MIB_SNMP))         at.group "Ip", at.field "InReceives", or of snmp6 "Ip6", "InReceives"
 *         v = mib_value(net, &at);
 *
 * Which of them are counted is said where they are counted (COUNTER); the others are 0.
 */
#ifndef NET_IP_MIB_H
#define NET_IP_MIB_H

#include "lib/net.h"

enum mib_file { MIB_SNMP, MIB_NETSTAT, MIB_SNMP6, MIB_DEV_SNMP6, MIB_FILES };

#define MIB_NAME 48

struct mib_at {
    u32 nth;        /* of the groups; one more than it is once begun */
    const char *at; /* in the list of its fields */
    char group[16], field[MIB_NAME];
    bool first, last; /* of its group */
};

bool mib_next(struct mib_at *at, enum mib_file file);
i64 mib_value(struct net *net, const struct mib_at *at); /* -1: Tcp.MaxConn alone */
bool mib_is_setting(const struct mib_at *at);            /* no counter: nstat leaves it out */

#endif
