/* Names of numbers in routes, rules and addresses, as iproute2 has them: tables, who made a route, scopes, types.
 *
 *     struct rt_names n = {.net = net};  char buf[RT_NAME];
 *     out_text(o, "table %s ", rt_table_name(&n, id, buf));      rt_table_id(&n, "internet", &id)
 *     rt_names_end(&n);
 *
 * Tables besides local, main and default have names by /etc/iproute2/rt_tables, where a boot image has that file: lines
 * of a number and a name. It is read when first asked for. Any task that may wait.
 */
#ifndef NET_IP_RT_NAMES_H
#define NET_IP_RT_NAMES_H

#include "lib/net.h"

#define RT_NAME 32

struct rt_names {
    struct net *net;
    bool tried;
    char *text; /* of the file; NULL: there is none */
};

const char *rt_table_name(struct rt_names *n, u32 id, char buf[RT_NAME]);
bool rt_table_id(struct rt_names *n, const char *word, u32 *id); /* false: neither a name nor a number */
void rt_names_end(struct rt_names *n);

const char *rt_proto_name(u8 proto, char buf[RT_NAME]);
bool rt_proto_of(const char *word, u8 *proto);
const char *rt_scope_name(u8 scope, char buf[RT_NAME]);
bool rt_scope_of(const char *word, u8 *scope);
const char *rt_type_name(u8 type, char buf[RT_NAME]); /* enum route_type */
bool rt_type_of(const char *word, u8 *type);          /* names alone */
const char *rt_ipproto_name(u8 proto, char buf[RT_NAME]);
bool rt_ipproto_of(const char *word, u8 *proto);

#endif
