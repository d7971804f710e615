/* ip route show cache and ip route flush cache: what is known of ways beside the tables (net/ip/exception.h). */
#ifndef NET_IP_ROUTE_CACHE_H
#define NET_IP_ROUTE_CACHE_H

#include "net/ip/route_show.h"

/* Those that packets go by now, and that are meant. */
int route_cache_show(struct ip_words *w, struct rt_names *names, enum ip_index family, u32 hide,
                     bool (*is_meant)(const void *arg, const struct ipprefix *p, const struct route *r),
                     const void *arg);
int route_cache_flush(struct ip_words *w, enum ip_index family);

#endif
