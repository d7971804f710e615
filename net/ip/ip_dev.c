/* What IP knows of devices (contract: ip_dev.h), and the switches net.ipv{4,6}.conf.* that belong to no one part.
 *
 * Each device has its own block of both families from the moment it is in the table, a copy of `default`; `all` is read
 * beside it by whoever heeds it. Readers on the packet path take the numbers as they are: each change is one store.
 * Writing `all` of forwarding writes every device's, as on Linux, and net.ipv4.ip_forward is that of IPv4.
 */
#include "net/ip/ip_dev.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/tend.h"

static void defaults(struct net *net);

NET_SLOT(ip_net, struct ip_net, NULL, NULL);
NET_SETUP(ip_net, defaults);

static void defaults(struct net *net)
{
    struct ip_net *in = ip_net(net);
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        in->neigh[f] = (struct neigh_conf){.base_reachable = 30 * NS_PER_S,
                                           .delay_first_probe = 5 * NS_PER_S,
                                           .retrans = NS_PER_S,
                                           .gc_stale = 60 * NS_PER_S,
                                           .locktime = f == IP_V4 ? NS_PER_S : 0,
                                           .ucast_solicit = 3,
                                           .mcast_solicit = 3,
                                           .unres_qlen_bytes = 212992};
    in->all[IP_V4] = in->first[IP_V4] = (struct ip_conf){
        .accept_redirects = 1, .send_redirects = 1, .secure_redirects = 1, .shared_media = 1, .hop_limit = 64};
    in->all[IP_V6] = in->first[IP_V6] = (struct ip_conf){.accept_redirects = 1,
                                                         .hop_limit = 64,
                                                         .accept_dad = 1,
                                                         .dad_transmits = 1,
                                                         .optimistic_dad = 1,
                                                         .slaac = {.accept_ra = 1,
                                                                   .defrtr = 1,
                                                                   .pinfo = 1,
                                                                   .take_mtu = 1,
                                                                   .min_hop_limit = 1,
                                                                   .autoconf = 1,
                                                                   .max_addresses = 16,
                                                                   .temp_valid = 7 * 24 * 60 * 60,
                                                                   .temp_preferred = 24 * 60 * 60,
                                                                   .solicitations = -1,
                                                                   .interval = 4,
                                                                   .max_interval = 3600,
                                                                   .delay = 1}};
}

/* ---- with the devices ---- */

int ip_dev_begin(struct netdev *dev)
{
    struct ip_dev *id = mem_zalloc(sizeof(*id));
    const struct ip_net *in = ip_net(dev_net(dev));
    if (!id)
        return -ENOMEM;
    id->dev = dev;
    for (enum ip_index f = 0; f < IP_FAMILIES; f++) {
        id->conf[f] = in->first[f];
        id->neigh[f] = in->neigh[f];
    }
    dev->ip = id;
    if (dev->type == DEV_TYPE_LOOPBACK)
        store_release(&ip_net(dev_net(dev))->lo, dev);
    return 0;
}

void ip_dev_end(struct netdev *dev)
{
    if (ip_net(dev_net(dev))->lo == dev)
        store_release(&ip_net(dev_net(dev))->lo, NULL);
    mem_free(dev->ip);
    dev->ip = NULL;
}

/* ---- switches ---- */

static struct ip_conf *conf_place(struct net *net, const char *star, enum ip_index f)
{
    if (!net)
        return NULL;
    if (str_eq(star, "all"))
        return &ip_net(net)->all[f];
    if (str_eq(star, "default"))
        return &ip_net(net)->first[f];
    struct netdev *dev = netdev_find(net, star);
    return dev && dev->ip ? &dev->ip->conf[f] : NULL;
}

void *ip_conf4_place(struct net *net, const char *star)
{
    return conf_place(net, star, IP_V4);
}

void *ip_conf6_place(struct net *net, const char *star)
{
    return conf_place(net, star, IP_V6);
}

static void list_devices(struct net *net, void (*offer)(void *arg, const char *name), void *arg)
{
    for (struct netdev *dev = NULL; net && (dev = netdev_next(net, dev));)
        offer(arg, dev->port.name);
}

void ip_conf_list(struct net *net, void (*offer)(void *arg, const char *name), void *arg)
{
    offer(arg, "all");
    offer(arg, "default");
    list_devices(net, offer, arg);
}

/* `all` is a switch for every device; of IPv4 it is ip_forward. */
static void forwarding_all(struct net *net, enum ip_index f)
{
    struct ip_net *in = ip_net(net);
    in->first[f].forwarding = in->all[f].forwarding;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        if (dev->ip)
            store_relaxed(&dev->ip->conf[f].forwarding, in->all[f].forwarding);
}

static void forwarding4(struct net *net, const char *star)
{
    if (!*star || str_eq(star, "all"))
        forwarding_all(net, IP_V4);
}

static void forwarding6(struct net *net, const char *star)
{
    if (str_eq(star, "all"))
        forwarding_all(net, IP_V6);
    tend_soon(net); /* a router advertises and has a group, a host does not */
}

#define CONF4(field) SYSCTL_PER(struct ip_conf, field), .place = ip_conf4_place, .list = ip_conf_list
#define CONF6(field) SYSCTL_PER(struct ip_conf, field), .place = ip_conf6_place, .list = ip_conf_list

SYSCTL(ip_forward, .name = "net.ipv4.ip_forward", SYSCTL_NET(ip_net, struct ip_net, all[IP_V4].forwarding), .high = 1,
       .alias = true, .changed = forwarding4, .help = "forward IPv4 packets between interfaces");
SYSCTL(ip_ttl, .name = "net.ipv4.ip_default_ttl", SYSCTL_NET(ip_net, struct ip_net, ttl), .low = 1, .high = 255,
       .def = 64, .help = "hops that packets of this machine may take");
SYSCTL(forwarding4, .name = "net.ipv4.conf.*.forwarding", CONF4(forwarding), .high = 1, .changed = forwarding4,
       .help = "forward what comes in here");
SYSCTL(rp_filter, .name = "net.ipv4.conf.*.rp_filter", CONF4(rp_filter), .high = 2,
       .help = "1: what comes in must come from where its answer would go; 2: from where there is a route at all");
SYSCTL(accept_local, .name = "net.ipv4.conf.*.accept_local", CONF4(accept_local), .high = 1,
       .help = "take packets with a source address of this machine");
SYSCTL(route_localnet, .name = "net.ipv4.conf.*.route_localnet", CONF4(route_localnet), .high = 1,
       .help = "127.0.0.0/8 is an address as any other");
SYSCTL(send_redirects, .name = "net.ipv4.conf.*.send_redirects", CONF4(send_redirects), .high = 1, .def = 1,
       .help = "tell senders of a nearer gateway, where this or all says so");
SYSCTL(accept_redirects, .name = "net.ipv4.conf.*.accept_redirects", CONF4(accept_redirects), .high = 1, .def = 1,
       .help = "heed a gateway that tells of a nearer one, where this or all says so; who forwards never does");
SYSCTL(secure_redirects, .name = "net.ipv4.conf.*.secure_redirects", CONF4(secure_redirects), .high = 1, .def = 1,
       .help = "without shared_media: heed it only where the nearer one is a gateway of some route");
SYSCTL(shared_media, .name = "net.ipv4.conf.*.shared_media", CONF4(shared_media), .high = 1, .def = 1,
       .help = "several nets are on this link: a gateway for one of them may be in another");
SYSCTL(accept_redirects6, .name = "net.ipv6.conf.*.accept_redirects", CONF6(accept_redirects), .high = 1, .def = 1,
       .help = "heed a router that tells of a nearer one; who forwards never does");
SYSCTL(log_martians, .name = "net.ipv4.conf.*.log_martians", CONF4(log_martians), .high = 1,
       .help = "log packets with addresses that cannot be");
SYSCTL(forwarding6, .name = "net.ipv6.conf.*.forwarding", CONF6(forwarding), .high = 1, .changed = forwarding6,
       .help = "forward IPv6 packets that come in here");
SYSCTL(hop_limit, .name = "net.ipv6.conf.*.hop_limit", CONF6(hop_limit), .low = 1, .high = 255, .def = 64,
       .help = "hops that packets of this machine may take");
