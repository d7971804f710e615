/* Any line as the words of `weir why`, asked of two devices that are joined, and of one that is not: nothing is sent,
 * no packet is left over, none is counted; and what the words build is a frame of the length that it says.
 * 1000 inputs in make test. */
#include "host/host.h"
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/updown.h"
#include "net/dev/why_packet.h"
#include "net/link/xconnect.h"
#include "net/net.h"
#include "net/skb/pool.h"

#define WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int dev_open(struct netdev *dev)
{
    netdev_carrier(dev, true);
    return 0;
}

static void dev_stop(struct netdev *dev)
{
}

static u32 dev_xmit(struct netdev *dev, unsigned queue, struct skbq *q, u32 *bytes)
{
    panic("a probe was sent");
}

static u32 dev_reap(struct netdev *dev, unsigned queue, u32 *bytes)
{
    return 0;
}

static const struct netdev_ops ops = {
    .driver = "fuzz", .open = dev_open, .stop = dev_stop, .xmit = dev_xmit, .reap = dev_reap};

static struct netdev *plug(struct net *net)
{
    struct netdev *dev = netdev_new(&ops, 0, 1, 1);
    if (!dev)
        panic("no memory");
    dev->mac = (struct macaddr){{2, 0, 0, 0, 0, 1}};
    dev->mtu_most = 9000;
    netdev_add(net, dev, "eth%u");
    dev_up(dev);
    return dev;
}

static void unplug(struct netdev *dev)
{
    dev_down(dev);
    netdev_del(dev);
}

static u64 drops(struct net *net)
{
    u64 sum = 0;
    for (int why = 0; why < DROP_REASONS; why++) {
        sum += drop_read(net, NULL, (enum drop_reason)why, 0);
        for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
            sum += drop_read(net, &dev->port, (enum drop_reason)why, 0);
    }
    return sum;
}

/* What the words build has the length that they say. */
static void build(char **words, int n)
{
    static u8 frame[WHY_FRAME];
    struct why_packet q;
    if (why_packet_parse(&q, words, n)) {
        if (!q.why[0])
            panic("refused without a reason");
        return;
    }
    u32 len = why_packet_build(&q, &(struct macaddr){{2, 0, 0, 0, 0, 1}}, frame);
    if (len < 14 || len > WHY_FRAME || (q.len && len != q.len))
        panic("%u bytes, not %u", len, q.len);
}

static void ask(struct net *net, struct out *out, const char *dev, char **words, int n)
{
    static char why[] = "why", in[] = "in";
    char name[8], *argv[WORDS + 4] = {why, in, name};
    struct cmd_ctx c = {.net = net, .out = out, .err = out, .argv = argv, .argc = n + 3};
    str_copy(name, sizeof(name), dev);
    memcpy(argv + 3, words, (size_t)n * sizeof(*words));
    cmd_run(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static char text[8192];
    char *words[WORDS];
    struct out null;
    if (n >= sizeof(text))
        return 0;
    str_copy_n(text, sizeof(text), (const char *)p, n);
    int count = (int)parse_words(text, words, WORDS);
    struct net *net = net_first = net_bring_up();
    out_null_init(&null);
    sysctl_set(net, "net.ipv6.conf.default.disable_ipv6", "1"); /* else a link that comes up sends of itself */
    conf_enter();
    struct netdev *a = plug(net), *b = plug(net), *c = plug(net);
    xconnect_join(a, b);
    conf_leave();
    build(words, count);
    ask(net, &null, "eth0", words, count);
    ask(net, &null, "eth2", words, count);
    host_run();
    if (drops(net) || skb_pool_used(skb_pool_of(net)))
        panic("a probe left something behind");
    conf_enter();
    xconnect_part(a);
    unplug(a);
    unplug(b);
    unplug(c);
    conf_leave();
    host_run();
    net_take_down(net);
    host_run();
    return 0;
}
