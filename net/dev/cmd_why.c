/* weir why: what would become of a packet that came in, told by the stages that it would meet.
 *
 *     weir why in eth0 ip 10.1.0.2 10.2.0.2 tcp 40000 443 syn      the words of a packet: net/dev/why_packet.h
 *
 * Nothing is sent, counted, learnt or kept: the packet is a probe (net/skb/probe.h). What is told is what would become
 * of it now: a queue that is full at this moment says so. The device's ring, GRO and the choice of a CPU are not asked,
 * since none of them decides. Exit status: 0 it would be sent or delivered, 1 it would be dropped.
 */
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "net/dev/rx.h"
#include "net/dev/tcpdump/dump.h"
#include "net/dev/why_packet.h"
#include "net/skb/pool.h"
#include "net/skb/probe.h"

/* ---- words ---- */

struct request {
    const char *dev;
    bool json;
    struct why_packet packet;
};

static int read_words(struct cmd_ctx *c, struct request *q, bool *help)
{
    struct option_reader o;
    option_start(&o, c, "j");
    o.strict = true;
    while (option_next(&o) > 0)
        q->json = true;
    *help = o.help;
    if (o.bad)
        return option_refuse(&o);
    char **word = c->argv + o.at, **end = c->argv + c->argc;
    word += word < end && str_eq(*word, "in");
    if (word == end)
        return cmd_usage(c, "by which device does it come in?");
    q->dev = *word++;
    return why_packet_parse(&q->packet, word, (int)(end - word)) ? cmd_usage(c, "%s", q->packet.why) : 0;
}

/* ---- act ---- */

struct asked {
    struct skb_probe probe;
    u32 len;
    u8 frame[WHY_FRAME];
};

/* The packet as a driver would hand it up; NULL: no memory. Softirqs off. */
static struct skb *make(struct netdev *dev, const struct request *q, struct asked *a)
{
    struct skb *s = skb_alloc(skb_pool_of(dev_net(dev)));
    if (!s)
        return NULL;
    s->dev = &dev->port;
    s->stamp = clock_ns();
    s->mark = q->packet.mark;
    probe_begin(s, &a->probe);
    if (!skb_append(s, a->frame, a->len))
        return s;
    skb_free(s);
    return NULL;
}

static int ask(struct netdev *dev, const struct request *q, struct asked *a)
{
    softirq_off();
    struct skb *s = make(dev, q, a);
    if (s && dev->flags & DEV_UP) {
        struct skbq burst = {.n = 1, .p = {s}};
        dev_rx(dev, &burst);
    } else if (s) {
        skb_drop(s, DROP_DEV_DOWN);
    }
    softirq_on();
    return s ? 0 : -ENOMEM;
}

/* ---- print ---- */

static void print_packet(struct out *o, const struct asked *a)
{
    static const struct dump_form form = {.time = 1};
    struct dump *d = o->json ? NULL : mem_alloc(sizeof(*d));
    struct dump_packet p = {.bytes = a->frame, .kept = a->len, .len = a->len};
    if (!d)
        return;
    dump_init(d, o, &form);
    dump_packet(d, &p);
    dump_exit(d);
    mem_free(d);
}

static void print_notes(struct out *o, const struct skb_probe *p)
{
    out_array(o, "stages");
    for (u32 i = 0; i < p->notes; i++) {
        out_object(o, NULL);
        out_str(o, "stage", "  %-11s", p->note[i].stage);
        out_str(o, "note", " %s\n", p->note[i].text);
        out_end(o);
    }
    out_end(o);
    if (p->lost)
        out_text(o, "  and %u more notes, for which there was no room\n", p->lost);
}

static void print_end(struct out *o, const struct probe_end *e)
{
    static const char *const fates[] = {"dropped", "sent", "delivered"};
    out_object(o, NULL);
    out_str(o, "fate", "%s", fates[e->fate]);
    if (e->fate == PROBE_DROPPED) {
        out_str(o, "reason", ": %s", drop_name(e->why));
        out_str(o, "meaning", " (%s)", drop_meaning(e->why));
    }
    out_str(o, "ifname", e->fate == PROBE_SENT ? " by %s" : NULL, e->port);
    if (e->packets > 1)
        out_text(o, ", as %u packets of %u bytes together", e->packets, e->bytes);
    out_u64(o, "packets", NULL, e->packets);
    out_u64(o, "bytes", NULL, e->bytes);
    out_text(o, "\n");
    out_end(o);
}

/* The exit status. */
static int print(struct out *o, const struct asked *a)
{
    int status = a->probe.ends == 0;
    out_object(o, NULL);
    print_packet(o, a);
    print_notes(o, &a->probe);
    out_array(o, "ends");
    for (u32 i = 0; i < a->probe.ends; i++) {
        print_end(o, &a->probe.end[i]);
        status |= a->probe.end[i].fate == PROBE_DROPPED;
    }
    out_end(o);
    if (!a->probe.ends)
        out_text(o, "nobody says what would become of it\n");
    out_end(o);
    return status;
}

static int answer(struct cmd_ctx *c, const struct request *q, struct asked *a)
{
    struct netdev *dev = netdev_hold(c->net, q->dev);
    if (!dev)
        return cmd_error(c, "\"%s\": there is no such device", q->dev);
    a->len = why_packet_build(&q->packet, &dev->mac, a->frame);
    int err = ask(dev, q, a);
    netdev_put(dev);
    if (err)
        return cmd_error(c, "no memory for the packet");
    c->out->json = q->json;
    return print(c->out, a);
}

static int cmd_why(struct cmd_ctx *c)
{
    struct request q = {0};
    bool help;
    int status = read_words(c, &q, &help);
    if (status || help)
        return status;
    struct asked *a = mem_zalloc(sizeof(*a));
    status = a ? answer(c, &q, a) : cmd_error(c, "no memory");
    mem_free(a);
    return status;
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const words[] = {"ether", "vlan", "arp",  "ip",  "ip6", "tcp",
                                        "udp",   "icmp", "mark", "len", "hex"};
    int at = c->argc - c->words;
    if (at == 1)
        offer(arg, "in");
    conf_enter();
    for (const struct netdev *dev = NULL; at <= 2 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    conf_leave();
    for (size_t i = 0; at > 2 && i < ARRAY_LEN(words); i++)
        offer(arg, words[i]);
}

#define WHY(id, name_)                                                                                             \
    CMD(id, .name = name_, .help = "what would become of a packet, and why", .group = "network",                   \
        .usage = "[-j] [in] IF [ether SRC DST] [vlan N] ip|ip6 SRC DST [tcp|udp SPORT DPORT] ...", .run = cmd_why, \
        .complete = complete)
WHY(weir_why, "weir why");
WHY(why, "why");
