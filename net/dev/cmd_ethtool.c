/* ethtool: what a network device can do, what it does, and what it has counted.
 *
 *     ethtool IF                  link, speed              ethtool -k IF      features: on, off, [fixed]
 *     ethtool -i IF               driver                   ethtool -K IF gro on tso off ...
 *     ethtool -S IF               counters                 ethtool -c IF      how often it interrupts
 *     ethtool -P IF               permanent address        ethtool -C IF adaptive-rx off rx-usecs 50
 *     ethtool -g IF               rings                    ethtool -G IF rx 1024 tx 256
 *     ethtool -l IF               queues                   ethtool -L IF combined 2
 *     ethtool -a IF               pause frames             ethtool -A IF autoneg off rx on tx off
 *     ethtool -x IF               by which queues          ethtool -X IF equal 2 | weight 3 1 | default | hkey KEY
 *     ethtool -n IF rx-flow-hash tcp4   by what of it      ethtool -N IF rx-flow-hash tcp4 sdfn
 *
 * --json before the option for -k, -a, -c, -g, -l and -S.
 */
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/ethtool.h"

#define ASKED        0  /* with no device; it says so in its own words */
#define NO_DEVICE_AT 24 /* where in its message netlink says that the device's name is wrong */

static const struct op {
    const char *letter, *name, *other;
    int (*run)(struct ethtool *e);
    int no_device;   /* status, or ASKED, and */
    const char *why; /* words, when there is no such device; NULL: netlink's */
    bool json, sets;
} ops[] = {
    {"", "", "", ethtool_settings, 75, NULL, false, false},
    {"-i", "--driver", "", ethtool_driver, 71, "Cannot get driver information", false, false},
    {"-S", "--statistics", "", ethtool_stats, 96, "Cannot get stats strings information", true, false},
    {"-P", "--show-permaddr", "", ethtool_permaddr, 1, "netlink error", false, false},
    {"-a", "--show-pause", "", ethtool_pause, 1, NULL, true, false},
    {"-A", "--pause", "", ethtool_set_pause, 76, NULL, false, true},
    {"-x", "--show-rxfh", "--show-rxfh-indir", ethtool_rxfh, 1, "Cannot get RX ring count", false, false},
    {"-X", "--rxfh", "--set-rxfh-indir", ethtool_set_rxfh, 1, "Cannot get RX ring count", false, true},
    {"-n", "--show-nfc", "--show-ntuple", ethtool_nfc, ASKED, NULL, false, false},
    {"-u", "--show-nfc", "--show-ntuple", ethtool_nfc, ASKED, NULL, false, false},
    {"-N", "--config-nfc", "--config-ntuple", ethtool_set_nfc, ASKED, NULL, false, true},
    {"-U", "--config-nfc", "--config-ntuple", ethtool_set_nfc, ASKED, NULL, false, true},
    {"-k", "--show-features", "--show-offload", ethtool_features, 1, NULL, true, false},
    {"-K", "--features", "--offload", ethtool_set_features, 92, NULL, false, true},
    {"-c", "--show-coalesce", "", ethtool_coalesce, 1, NULL, true, false},
    {"-C", "--coalesce", "", ethtool_set_coalesce, 1, NULL, false, true},
    {"-g", "--show-ring", "", ethtool_rings, 1, NULL, true, false},
    {"-G", "--set-ring", "", ethtool_set_rings, 81, NULL, false, true},
    {"-l", "--show-channels", "", ethtool_channels, 1, NULL, true, false},
    {"-L", "--set-channels", "", ethtool_set_channels, 1, NULL, false, true},
};

/* ---- what is said ---- */

int ethtool_error(struct ethtool *e, int status, const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    status = cmd_fail_v(e->c, status, f, ap);
    va_end(ap);
    return status;
}

/* The nth number of a message stands behind the header and the device's name. */
int ethtool_netlink(struct ethtool *e, int status, const char *why, unsigned nth, int err)
{
    if (why)
        ethtool_error(e, status, "netlink error: %s (offset %u)", why,
                      28 + (unsigned)round_up(strlen(e->dev->port.name) + 1, 4) + 8 * nth);
    return ethtool_error(e, status, "netlink error: %s", errno_text(err));
}

static int no_device(struct ethtool *e, const struct op *op)
{
    if (op->why)
        return ethtool_error(e, op->no_device, "%s: %s", op->why, errno_text(ENODEV));
    ethtool_error(e, 1, "netlink error: no device matches name (offset %u)", NO_DEVICE_AT);
    ethtool_error(e, 1, "netlink error: %s", errno_text(ENODEV));
    if (op == ops)
        ethtool_error(e, 1, "No data available");
    return op->no_device;
}

static int bad_words(struct ethtool *e)
{
    return ethtool_error(e, 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h");
}

/* ---- words ---- */

static int read_param(struct ethtool *e, const struct ethtool_param *p, const char *value)
{
    i64 v = 0;

    if (p->is_switch)
        v = str_eq(value, "on");
    if (p->is_switch ? !v && !str_eq(value, "off") : parse_i64(value, 0, UINT32_MAX, &v, NULL))
        return ethtool_error(e, 1, "ethtool (%s): invalid value '%s' for parameter '%s'", e->option, value, p->name);
    if (p->to)
        *p->to = v;
    return 0;
}

int ethtool_params(struct ethtool *e, const struct ethtool_param *p, unsigned n, int refused)
{
    for (int i = 0; i < e->words; i += 2) {
        unsigned at = 0;
        while (at < n && !str_eq(e->word[i], p[at].name))
            at++;
        if (at == n)
            return ethtool_error(e, 1, "ethtool (%s): unknown parameter '%s'", e->option, e->word[i]);
        if (i + 1 == e->words)
            return ethtool_error(e, 1, "ethtool (%s): too few arguments for parameter '%s' (expected 1 but got 0)",
                                 e->option, e->word[i]);
        int status = read_param(e, &p[at], e->word[i + 1]);
        if (status)
            return status;
        if (!p[at].to)
            return ethtool_netlink(e, refused, p[at].refusal, (unsigned)i / 2, -EINVAL);
    }
    return 0;
}

static const struct op *find_op(const char *word)
{
    for (unsigned i = 1; i < ARRAY_LEN(ops); i++)
        if (str_eq(word, ops[i].letter) || str_eq(word, ops[i].name) || (*word && str_eq(word, ops[i].other)))
            return &ops[i];
    return NULL;
}

static int help(struct ethtool *e)
{
    out_text(e->c->out, "Usage: ethtool %s\n", e->c->cmd->usage);
    return 0;
}

/* ---- act ---- */

static int run(struct ethtool *e, const struct op *op, const char *name)
{
    int status;

    e->dev = netdev_hold(e->c->net, name);
    if (!e->dev)
        return op->no_device == ASKED ? op->run(e) : no_device(e, op);
    if (op->sets) {
        conf_enter();
        status =
            e->dev->gone && op->no_device != ASKED ? ethtool_netlink(e, op->no_device, NULL, 0, -ENODEV) : op->run(e);
        conf_leave();
    } else {
        status = op->run(e);
    }
    netdev_put(e->dev);
    return status;
}

static int cmd_ethtool(struct cmd_ctx *c)
{
    struct ethtool e = {.c = c};
    const struct op *op = &ops[0];
    int at = 1;
    bool json = at < c->argc && str_eq(c->argv[at], "--json");

    at += json;
    if (at < c->argc && (str_eq(c->argv[at], "-h") || str_eq(c->argv[at], "--help")))
        return help(&e);
    if (at < c->argc && c->argv[at][0] == '-') {
        op = find_op(c->argv[at++]);
        if (op)
            e.option = op->letter;
    }
    if (!op || at >= c->argc || (json && !op->json))
        return bad_words(&e);
    e.word = c->argv + at + 1;
    e.words = c->argc - at - 1;
    if (e.words && !op->sets && op->run != ethtool_nfc)
        return bad_words(&e);
    c->out->json = json;
    c->out->pretty = json;
    return run(&e, op, c->argv[at]);
}

static void dump(struct cmd_ctx *c)
{
    for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));) {
        ethtool_dump_features(c->out, dev);
        ethtool_dump_params(c->out, dev);
        ethtool_dump_rss(c->out, dev);
        ethtool_dump_hash(c->out, dev);
    }
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    if (c->argc - c->words <= 2)
        for (const struct netdev *dev = NULL; (dev = netdev_next(c->net, dev));)
            offer(arg, dev->port.name);
    else if (str_eq(c->argv[1], "-K"))
        ethtool_offer_features(offer, arg);
}

CMD(ethtool, .name = "ethtool", .group = "network", .help = "what a network device can do, does and counts",
    .usage = "[--json] [-i|-S|-P|-k|-c|-g|-l|-a|-x] IF | -n IF [rx-flow-hash FLOW | rule N] | -K IF FEATURE on|off ..."
             " | -A IF [autoneg on|off] [rx on|off] [tx on|off] | -C IF [adaptive-rx on|off] [rx-usecs N]"
             " | -G IF [rx N] [tx N] | -L IF combined N"
             " | -X IF [start N] [equal N | weight W ... | default] [hkey KEY]"
             " | -N IF rx-flow-hash FLOW sd|sdfn|r",
    .dump_rank = 11, .run = cmd_ethtool, .dump = dump, .complete = complete);
