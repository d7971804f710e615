/* Any lines as the words of `ip link`, `bridge`, `ethtool` and `drops`, and as what is written into /sys/class/net:
 * nothing but words comes of it, values stay within their bounds, and the dump of one machine makes the same of a fresh
 * one. 1000 inputs in make test. */
#include "host/host.h"
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/script.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/dev/rss.h"
#include "net/dev/tx.h"
#include "net/dev/updown.h"

#define WORDS 24
#define DEVS  4096u /* that want something of one, at most */

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int dev_open(struct netdev *dev)
{
    netdev_carrier(dev, true);
    return 0;
}

static void dev_stop(struct netdev *dev)
{
    netdev_carrier(dev, false);
}

static u32 dev_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    return 0;
}

static u32 dev_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    return 0;
}

static int dev_mac(struct netdev *dev, const struct macaddr *m)
{
    return 0;
}

static void dev_queues(struct netdev *dev, u16 n)
{
}

static int dev_rss(struct netdev *dev, const struct dev_rss *r)
{
    return r->table_n == 32 && !(r->hash & ~r->hash_able) ? 0 : -EINVAL;
}

static const struct netdev_ops ops = {.driver = "fuzz",
                                      .open = dev_open,
                                      .stop = dev_stop,
                                      .xmit = dev_xmit,
                                      .reap = dev_reap,
                                      .set_mac = dev_mac,
                                      .set_queues = dev_queues,
                                      .set_rss = dev_rss};

static void plug(struct net *net)
{
    for (u8 i = 0; i < 2; i++) {
        struct netdev *dev = netdev_new(&ops, sizeof(struct dev_rss), 4, 4);
        if (!dev)
            panic("no memory");
        dev->rss = dev->priv;
        *dev->rss = (struct dev_rss){.table_n = 32, .key_n = RSS_KEY, .hash_able = RSS_ALL, .hash = RSS_ALL};
        rss_fill(dev->rss, 4);
        dev->mac = (struct macaddr){{2, 0, 0, 0, 0, i}};
        dev->mtu_most = 9000;
        dev->hw_features = dev->features =
            DEV_F_SG | DEV_F_TX_CSUM | DEV_F_RX_CSUM | DEV_F_TSO4 | DEV_F_GSO | DEV_F_LRO;
        dev->rx_ring = dev->tx_ring = 256;
        dev->ring_least = 64;
        dev->ring_most = 1024;
        conf_enter();
        netdev_add(net, dev, "eth%u");
        conf_leave();
    }
}

static void unplug(struct net *net)
{
    conf_enter();
    link_del_all(net);
    for (struct netdev *dev; (dev = netdev_next(net, NULL));) {
        dev_down(dev);
        netdev_del(dev);
    }
    conf_leave();
    host_run();
    net_free(net);
}

static void check_bounds(struct net *net)
{
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));) {
        if (dev->mtu < dev->mtu_least || dev->mtu > dev->mtu_most || !dev_name_ok(dev->port.name))
            panic("%s: mtu %u", dev->port.name, dev->mtu);
        if (dev->kind) {
            if (dev->level > DEV_LEVELS || (dev->level && dev->iflink && dev->mtu > netdev_at(net, dev->iflink)->mtu))
                panic("%s: mtu %u, level %u", dev->port.name, dev->mtu, dev->level);
            continue;
        }
        if (dev->rx_ring < 64 || dev->rx_ring > 1024 || (dev->rx_ring & (dev->rx_ring - 1)))
            panic("a ring of %u", dev->rx_ring);
        for (u32 i = 0; i < dev->rss->table_n; i++)
            if (dev->rss->table[i] >= dev->rxqs)
                panic("a flow's queue is %u of %u", dev->rss->table[i], dev->rxqs);
        if (!dev->txqs || dev->txqs > 4 || dev->promisc > DEVS || dev->allmulti > DEVS)
            panic("%u queues, promiscuity %u", dev->txqs, dev->promisc);
        if ((dev->features & DEV_F_TSO4) && !(dev->features & DEV_F_SG))
            panic("features %x", dev->features);
    }
}

/* "ip ..." and so on is typed; "NAME text" is written into that file of eth0. */
static void line(struct net *net, char *text, struct out *out)
{
    char path[FILE_PATH_MAX], *words[WORDS];
    struct cmd_ctx c = {.net = net, .out = out, .err = out, .argv = words};
    const char *value = strchr(text, ' ');

    path[0] = 0;
    if (value && value - text < 60) {
        str_copy(path, sizeof(path), "/sys/class/net/eth0/");
        str_copy_n(path + strlen(path), 100, text, (size_t)(value - text));
        value++;
    }
    if (path[0] && !strstr(path, "..") && !file_write(net, path, value, strlen(value), false))
        return;
    c.argc = (int)parse_words(text, words, WORDS);
    const struct cmd *cmd = c.argc ? cmd_find(c.argc, words, &c.words) : NULL;
    if (cmd && (str_eq(cmd->name, "ip link") || str_eq(cmd->name, "ethtool") || str_eq(cmd->name, "drops") ||
                str_starts(cmd->name, "bridge ")))
        cmd_run(&c);
}

static void dump(struct net *net, char *to, size_t size)
{
    struct out_mem m;
    struct cmd_ctx c = {.net = net, .out = &m.out};
    out_mem_init(&m, to, size, false);
    net_first = net;
    cmd_dump(&c);
    file_dump(&m.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static char text[4096], first[16384], second[16384];
    struct net *one = net_new(), *two = net_new();
    struct script_env env;
    struct out null;

    out_null_init(&null);
    plug(one);
    plug(two);
    for (const u8 *end = p + n; p < end;) {
        const u8 *nl = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((nl ? nl : end) - p);
        if (len < sizeof(text)) {
            str_copy_n(text, sizeof(text), (const char *)p, len);
            net_first = one;
            line(one, text, &null);
        }
        p += len + 1;
    }
    check_bounds(one);
    dump(one, first, sizeof(first));
    net_first = two;
    script_env_init(&env, two, &null, &null, NULL);
    script_text(&env, first, strlen(first));
    script_env_free(&env);
    dump(two, second, sizeof(second));
    if (!str_eq(first, second))
        panic("dumped:\n%s\nand again:\n%s", first, second);
    unplug(one);
    unplug(two);
    return 0;
}
