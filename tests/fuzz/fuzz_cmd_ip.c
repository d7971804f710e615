/* Any lines as the words of `ip address`, `ip route`, `ip rule`, `ip neigh`, `ip maddr`, `ip nexthop` and `ip -batch`:
 * nothing but words comes of it, and the dump of one machine makes the same of a fresh one. Each is two stacks' whole
 * lives: 300 inputs in make test.
 */
#include "host/host.h"
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/script.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/net.h"

#define WORDS 24

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

static const struct netdev_ops ops = {.driver = "fuzz",
                                      .open = dev_open,
                                      .stop = dev_stop,
                                      .xmit = dev_xmit,
                                      .reap = dev_reap,
                                      .set_mac = dev_mac,
                                      .set_queues = dev_queues};

static void plug(struct net *net)
{
    for (u8 i = 0; i < 2; i++) {
        struct netdev *dev = netdev_new(&ops, 0, 1, 1);
        if (!dev)
            panic("no memory");
        dev->mac = (struct macaddr){{2, 0, 0, 0, 0, i}};
        conf_enter();
        netdev_add(net, dev, "eth%u");
        dev_up(dev);
        conf_leave();
    }
    host_run();
}

static bool is_ours(const struct cmd *cmd)
{
    static const char *const names[] = {"ip address",  "ip route",  "ip rule",   "ip neighbour",
                                        "ip maddress", "ip ntable", "ip nexthop"};
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(cmd->name, names[i]))
            return true;
    return false;
}

static void line(struct net *net, char *text, struct out *out)
{
    char *words[WORDS];
    struct cmd_ctx c = {.net = net, .out = out, .err = out, .argv = words};
    c.argc = (int)parse_words(text, words, WORDS);
    const struct cmd *cmd = c.argc ? cmd_find(c.argc, words, &c.words) : NULL;
    if (cmd && is_ours(cmd))
        cmd_run(&c);
}

static void unplug(struct net *net, struct out *out)
{
    char flush[] = "ip route flush table all";
    struct netdev *dev = NULL;
    line(net, flush, out); /* those without a device, too */
    conf_enter();
    while ((dev = netdev_next(net, dev)))
        if (dev->type != DEV_TYPE_LOOPBACK) {
            dev_down(dev);
            netdev_del(dev);
            dev = NULL;
        }
    conf_leave();
    host_run();
    net_take_down(net);
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
    static char text[4096], first[65536], second[65536];
    struct net *one = net_bring_up(), *two = net_bring_up();
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
    dump(one, first, sizeof(first));
    net_first = two;
    script_env_init(&env, two, &null, &null, NULL);
    script_text(&env, first, strlen(first));
    script_env_free(&env);
    dump(two, second, sizeof(second));
    if (!str_eq(first, second))
        panic("dumped:\n%s\nand again:\n%s", first, second);
    unplug(one, &null);
    unplug(two, &null);
    return 0;
}
