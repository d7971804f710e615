/* Any frames into a bridge of three ports, with time between them and what is set while they pass: its table stays
 * within its bound, what it knows is behind ports that it has, and every packet is freed.
 *
 *     input: records of  how | source | destination | length | bytes ...
 *     how:   port 0-2, or 3: sent by the bridge itself; then what is done before
 *
 * 3000 inputs in make test.
 */
#include "host/host.h"
#include "lib/script.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/dev/rx.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"
#include "net/link/bridge.h"
#include "net/link/fdb.h"
#include "net/skb/pool.h"
#include "tests/unit/with_conf.h"

#define PORTS 3u
#define MOST  16u

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct netdev *port[PORTS];

static void port_tx(struct netdev *dev, struct skbq *q)
{
    skbq_free(q);
}

static int port_open(struct netdev *dev)
{
    netdev_carrier(dev, true);
    return 0;
}

static void port_stop(struct netdev *dev)
{
    netdev_carrier(dev, false);
}

static void type(struct net *net, const char *line)
{
    struct script_env env;
    struct out null;
    out_null_init(&null);
    script_env_init(&env, net, &null, &null, NULL);
    script_text(&env, line, strlen(line));
    script_env_free(&env);
}

static struct net *begin(void)
{
    static const struct netdev_ops ops = {.driver = "fuzz", .open = port_open, .stop = port_stop, .tx = port_tx};
    struct net *net = net_first = net_new();
    for (u8 i = 0; i < PORTS; i++) {
        port[i] = netdev_new(&ops, 0, 0, 0);
        port[i]->mac = (struct macaddr){{2, 0, 0, 0, 0, i}};
        if (WITH_CONF(netdev_add(net, port[i], "eth%u")) || WITH_CONF(dev_up(port[i])))
            panic("no device");
    }
    type(net,
         "ip link add br0 up type bridge fdb_max_learned 16; ip link set eth0 master br0; ip link set eth1 master br0;"
         "ip link set eth2 master br0");
    return net;
}

/* Stations are few, so that they meet. */
static void put_mac(u8 *to, u8 which)
{
    static const u8 special[8][6] = {
        {2}, {255, 255, 255, 255, 255, 255}, {1, 0, 0x5e}, {1, 0x80, 0xc2}, {0}, {2, 0, 0, 0, 0, 1}};
    const u8 station[6] = {2, 1, 0, 0, 0, which};
    memcpy(to, which < 8 ? special[which] : station, 6);
}

static void frame(struct net *net, const u8 *r, const u8 *bytes, u32 n)
{
    struct skb *s = skb_alloc(skb_pool_of(net));
    struct skbq q = {.n = 1, .p = {s}};
    u8 *to = skb_put(s, n + 12);

    put_mac(to, r[2]);
    put_mac(to + 6, r[1]);
    memcpy(to + 12, bytes, n);
    softirq_off();
    if ((r[0] & 3) == PORTS) {
        dev_tx(netdev_find(net, "br0"), &q);
    } else {
        s->dev = &port[r[0] & 3]->port;
        dev_rx(port[r[0] & 3], &q);
    }
    softirq_on();
}

static void before(struct net *net, u8 how)
{
    static const char *const lines[] = {
        "",
        "ip link set eth1 down",
        "ip link set eth1 up",
        "ip link set eth2 nomaster",
        "ip link set eth2 master br0",
        "bridge link set dev eth0 isolated on hairpin on; bridge link set dev eth1 isolated on",
        "bridge fdb replace 02:01:00:00:00:09 dev eth2 master static",
        "ip link set br0 promisc on"};
    type(net, lines[how >> 2 & 7]);
    if (how >> 5)
        host_clock_advance((how >> 5) * 60 * NS_PER_S);
    host_run();
}

static void check(struct fdb_entry *e, void *arg)
{
    bool there = !e->port;
    for (u32 i = 0; i < PORTS; i++)
        there |= e->port == bridge_port_of(port[i]);
    if (!there)
        panic("a station behind a port that has gone");
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct net *net = begin();
    for (const u8 *end = p + n; end - p > 4;) {
        u32 len = min((u32)p[3], (u32)(end - p - 4));
        before(net, p[0]);
        frame(net, p, p + 4, len);
        p += 4 + len;
    }
    struct fdb *f = bridge_fdb(netdev_find(net, "br0"));
    if (f->learnt > MOST)
        panic("%u learnt", f->learnt);
    fdb_walk(f, check, NULL);
    host_run();
    if (skb_pool_used(skb_pool_of(net)))
        panic("a packet that nobody freed");
    conf_enter();
    link_del_all(net);
    for (u32 i = 0; i < PORTS; i++) {
        dev_down(port[i]);
        netdev_del(port[i]);
    }
    conf_leave();
    host_run();
    net_free(net);
    return 0;
}
