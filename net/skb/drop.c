/* Drops: names and meanings, counts, and the last headers (contract: drop.h).
 *
 * A count is a word of this CPU's own in the block of the interface. The last headers lie in a ring of each CPU; their
 * number is written last, and a reader who finds that it has moved on by a whole ring throws away what he copied.
 */
#include "net/skb/drop.h"

#include "lib/stats.h"
#include "lib/string.h"
#include "net/skb/pool.h"
#include "net/skb/probe.h"

static const struct {
    const char *name, *meaning;
} reasons[DROP_REASONS] = {
    [DROP_NOT] = {"NOT", "it was not dropped"},
    [DROP_NO_MEMORY] = {"NO_MEMORY", "there was no buffer left for it"},
    [DROP_RX_ERROR] = {"RX_ERROR", "the device says that it came in damaged"},
    [DROP_RX_TRUNCATED] = {"RX_TRUNCATED", "the device gave only a part of it"},
    [DROP_DEV_DOWN] = {"DEV_DOWN", "the interface that it came in by is down"},
    [DROP_BACKLOG_FULL] = {"BACKLOG_FULL", "the CPU that it was steered to has net.core.netdev_max_backlog waiting"},
    [DROP_FLOW_LIMIT] = {"FLOW_LIMIT", "its flow had more than half of a backlog that was half full"},
    [DROP_XDP] = {"XDP", "an XDP program said drop"},
    [DROP_XDP_ABORTED] = {"XDP_ABORTED", "an XDP program failed"},
    [DROP_NO_HANDLER] = {"NO_HANDLER", "nobody here speaks the protocol of its Ethernet type"},
    [DROP_OTHER_HOST] = {"OTHER_HOST", "its Ethernet address is another station's"},
    [DROP_VLAN_UNKNOWN] = {"VLAN_UNKNOWN", "the interface has no such VLAN"},
    [DROP_BRIDGE_SOURCE] = {"BRIDGE_SOURCE", "it came from an address that no station can have"},
    [DROP_BRIDGE_PORT_OFF] = {"BRIDGE_PORT_OFF",
                              "the bridge's port by which it came, or would leave, does not forward"},
    [DROP_BRIDGE_SAME_PORT] = {"BRIDGE_SAME_PORT", "its station is behind the port by which it came"},
    [DROP_BRIDGE_ISOLATED] = {"BRIDGE_ISOLATED", "the port by which it came and its station's are both isolated"},
    [DROP_BRIDGE_NO_PORT] = {"BRIDGE_NO_PORT", "the bridge has no port that it could leave by"},
    [DROP_ETH_SHORT] = {"ETH_SHORT", "shorter than an Ethernet header"},
    [DROP_VLAN_SHORT] = {"VLAN_SHORT", "ends within a VLAN tag"},
    [DROP_ARP_HEADER] = {"ARP_HEADER", "not ARP for IPv4 over Ethernet, or cut off"},
    [DROP_IP_HEADER] = {"IP_HEADER", "no IP header of this version, or cut off"},
    [DROP_IP_LENGTH] = {"IP_LENGTH", "longer by its IP header than it is"},
    [DROP_IP_CSUM] = {"IP_CSUM", "the checksum of its IPv4 header is wrong"},
    [DROP_IP6_EXT] = {"IP6_EXT", "its IPv6 extension headers are cut off, too many, or too long"},
    [DROP_L4_HEADER] = {"L4_HEADER", "its TCP, UDP or ICMP header is cut off or cannot be one"},
    [DROP_L4_CSUM] = {"L4_CSUM", "the checksum of its TCP, UDP or ICMP part is wrong"},
    [DROP_V4MAPPED] = {"V4MAPPED", "an IPv6 packet with an IPv4-mapped address"},
    [DROP_FRAG_RANGE] = {"FRAG_RANGE", "a fragment that reaches beyond 65535 bytes"},
    [DROP_IP_MARTIAN_SOURCE] = {"IP_MARTIAN_SOURCE", "its source address cannot be where it came from"},
    [DROP_IP_MARTIAN_DEST] = {"IP_MARTIAN_DEST", "its destination address is none that can come over a link"},
    [DROP_IP_RPFILTER] = {"IP_RPFILTER", "its answer would not go where it came from, and rp_filter says it must"},
    [DROP_IP_NOT_FORWARDING] = {"IP_NOT_FORWARDING", "it is for somebody else, and forwarding is off where it came in"},
    [DROP_IP_NO_ROUTE] = {"IP_NO_ROUTE", "there is no route to its destination"},
    [DROP_IP_BLACKHOLE] = {"IP_BLACKHOLE", "a route or rule of type blackhole took it"},
    [DROP_IP_UNREACHABLE] = {"IP_UNREACHABLE", "a route or rule of type unreachable took it"},
    [DROP_IP_PROHIBIT] = {"IP_PROHIBIT", "a route or rule of type prohibit took it"},
    [DROP_IP_NOT_JOINED] = {"IP_NOT_JOINED", "it is for a group that nobody here has joined"},
    [DROP_IP_TTL] = {"IP_TTL", "it has used up its hops"},
    [DROP_IP_TOO_BIG] = {"IP_TOO_BIG", "longer than the MTU of its way on, and not to be fragmented"},
    [DROP_IP_OPTIONS] = {"IP_OPTIONS", "its IP options are broken, or such as are refused"},
    [DROP_IP_NO_PROTO] = {"IP_NO_PROTO", "nobody here takes its protocol"},
    [DROP_FRAG_TIME] = {"FRAG_TIME", "a fragment whose datagram was not complete in time"},
    [DROP_FRAG_OVERLAP] = {"FRAG_OVERLAP", "a fragment whose datagram has others that overlap"},
    [DROP_FRAG_TWICE] = {"FRAG_TWICE", "a fragment that came before"},
    [DROP_FRAG_ECN] = {"FRAG_ECN", "a datagram whose fragments do not agree on ECN"},
    [DROP_FRAG_MANY] = {"FRAG_MANY", "a fragment of a datagram that is cut into too many"},
    [DROP_FRAG_MEMORY] =
        {"FRAG_MEMORY",
         "a fragment of those who had most when ipfrag_high_thresh, or an eighth of the pool, was reached"},
    [DROP_ICMP_TYPE] = {"ICMP_TYPE", "an ICMP message that nobody here has a use for"},
    [DROP_ICMP_RATE] = {"ICMP_RATE", "an ICMP message of a kind of which more come than are heeded"},
    [DROP_NEIGH_FULL] = {"NEIGH_FULL", "no room in the table of neighbours: too many that live, or that are asked for"},
    [DROP_NEIGH_QUEUE] = {"NEIGH_QUEUE", "too much waits already for its neighbour's address"},
    [DROP_NEIGH_FAILED] = {"NEIGH_FAILED", "its neighbour does not answer"},
    [DROP_NEIGH_GONE] = {"NEIGH_GONE", "its neighbour was removed while it waited"},
    [DROP_ARP_IGNORED] = {"ARP_IGNORED", "an ARP message that asks nothing of us and tells nothing new"},
    [DROP_IGMP] = {"IGMP", "an IGMP message that is no query, or a broken one"},
    [DROP_TEND_FULL] = {"TEND_FULL",
                        "an advertisement that came while too many others of its interface waited for the task"},
    [DROP_NO_SOCKET] = {"NO_SOCKET", "no socket here has its port"},
    [DROP_SOCKET_FULL] = {"SOCKET_FULL", "the queue of its socket was full"},
    [DROP_TX_DOWN] = {"TX_DOWN", "the interface that it was to leave by is down"},
    [DROP_TX_NO_CARRIER] = {"TX_NO_CARRIER", "the interface that it was to leave by has no link"},
    [DROP_TX_TOO_LONG] = {"TX_TOO_LONG", "longer than the interface that it was to leave by takes"},
    [DROP_TX_RESET] = {"TX_RESET", "it lay in a transmit ring that was reset"},
    [DROP_TX_RING] = {"TX_RING", "the transmit ring was full, and there is no queue before it"},
    [DROP_QDISC_FULL] = {"QDISC_FULL", "the queue of the interface was full"},
    [DROP_GSO] = {"GSO", "it could not be cut into frames"},
    [DROP_HARD_HEADER] = {"HARD_HEADER", "no room for the header of the link"},
    [DROP_LOOP] = {"LOOP", "it went through stacked interfaces too often"},
};

struct drop_ring {
    u64 next; /* how many ever */
    struct drop_record record[DROP_KEPT];
};

struct drop_net {
    struct skb_port none; /* of packets without an interface, and of interfaces that are gone */
    struct drop_ring *ring[CPU_MAX];
};

NET_SLOT_USE(drop_net);

static struct drop_net *drops_of(struct net *net)
{
    return NET_GET(net, struct drop_net, drop_net);
}

const char *drop_name(enum drop_reason why)
{
    return (unsigned)why < DROP_REASONS ? reasons[why].name : "?";
}

const char *drop_meaning(enum drop_reason why)
{
    return (unsigned)why < DROP_REASONS ? reasons[why].meaning : "?";
}

/* ---- counting ---- */

static struct drop_counts *counts(struct net *net, const struct skb_port *port, unsigned cpu)
{
    return (port ? port : &drops_of(net)->none)->drops[cpu];
}

void drop_count(struct net *net, const struct skb_port *port, enum drop_reason why, u32 n)
{
    stats_add(&counts(net, port, cpu_id())->reason[why], n);
}

u64 drop_read(struct net *net, const struct skb_port *port, enum drop_reason why, unsigned cpu)
{
    return load_relaxed(&counts(net, port, cpu)->reason[why]);
}

static void keep(struct drop_net *d, const struct skb *s, enum drop_reason why)
{
    struct drop_ring *ring = d->ring[cpu_id()];
    struct drop_record *r = &ring->record[ring->next % DROP_KEPT];

    r->at = clock_ns();
    r->why = (u16)why;
    r->len = s->len;
    r->kept = (u16)min(s->len, DROP_HEADER);
    memcpy(r->port, s->dev ? s->dev->name : d->none.name, sizeof(r->port));
    skb_read(s, 0, r->bytes, r->kept);
    store_release(&ring->next, ring->next + 1);
}

void skb_drop(struct skb *s, enum drop_reason why)
{
    if (unlikely(s->flags & SKB_PROBE)) {
        probe_dropped(s, why, s->dev ? s->dev->name : "-");
    } else {
        struct net *net = skb_buf_pool(s->buf)->net;
        drop_count(net, s->dev, why, 1);
        keep(drops_of(net), s, why);
    }
    skb_free(s);
}

void skbq_drop(struct skbq *q, enum drop_reason why)
{
    for (u32 i = 0; i < q->n; i++)
        skb_drop(q->p[i], why);
    q->n = 0;
}

bool drop_last(struct net *net, unsigned cpu, u32 n, struct drop_record *r)
{
    const struct drop_ring *ring = drops_of(net)->ring[cpu];
    u64 next = load_acquire(&ring->next);

    if (n >= DROP_KEPT - 1 || n >= next)
        return false;
    *r = ring->record[(next - 1 - n) % DROP_KEPT];
    compiler_fence();
    return load_acquire(&ring->next) - next + n < DROP_KEPT - 1;
}

/* ---- with a device, and with the net ---- */

int skb_port_start(struct skb_port *port, struct net *net)
{
    port->net = net;
    for (unsigned i = 0; i < cpu_count(); i++)
        if (!(port->drops[i] = mem_zalloc(sizeof(struct drop_counts)))) {
            skb_port_end(port);
            return -ENOMEM;
        }
    return 0;
}

void skb_port_end(struct skb_port *port)
{
    struct skb_port *none = &drops_of(port->net)->none;
    for (unsigned i = 0; i < CPU_MAX; i++) {
        for (unsigned why = 0; port != none && port->drops[i] && why < DROP_REASONS; why++)
            atomic_add_relaxed(&none->drops[i]->reason[why], port->drops[i]->reason[why]);
        mem_free(port->drops[i]);
        port->drops[i] = NULL;
    }
}

static void net_end(struct net *net, void *slot)
{
    struct drop_net *d = slot;
    skb_port_end(&d->none);
    for (unsigned i = 0; i < CPU_MAX; i++)
        mem_free(d->ring[i]);
}

static int net_start(struct net *net, void *slot)
{
    struct drop_net *d = slot;
    int err = skb_port_start(&d->none, net);
    str_copy(d->none.name, sizeof(d->none.name), "-");
    for (unsigned i = 0; i < cpu_count() && !err; i++)
        err = (d->ring[i] = mem_zalloc(sizeof(struct drop_ring))) ? 0 : -ENOMEM;
    if (err)
        net_end(net, slot);
    return err;
}

NET_SLOT(drop_net, struct drop_net, net_start, net_end);
