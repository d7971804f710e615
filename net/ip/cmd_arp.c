/* arp, and /proc/net/arp: neighbours of IPv4 as net-tools shows them; to change them there is `ip neigh`.
 *
 *     arp [-n] [-a] [-i IF] [A]
 *
 * Names of stations are not to be had, so -n makes no difference. What is shown is a copy that was made under
 * conf_lock.
 */
#include "lib/cmd.h"
#include "lib/conf.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/neigh_show.h"

struct copies {
    u32 n, room;
    struct neigh_shown *at;
};

static void copy_one(struct neigh *n, void *arg)
{
    struct copies *c = arg;
    if (c->n < c->room && n->state != NUD_NOARP)
        neigh_copy(&c->at[c->n++], n);
}

static bool copy(struct net *net, struct copies *c)
{
    conf_enter();
    *c = (struct copies){.room = neigh_count(net, IP_V4) + 16};
    c->at = mem_alloc(c->room * sizeof(c->at[0]));
    if (c->at)
        neigh_walk(net, IP_V4, copy_one, c);
    conf_leave();
    return c->at;
}

static bool is_known(const struct neigh_shown *s)
{
    return s->state & NUD_KNOWN;
}

static int arp_show(struct file_req *r)
{
    static const struct macaddr none;
    struct copies c;
    out_text(r->out, "IP address       HW type     Flags       HW address            Mask     Device\n");
    if (!r->net)
        return 0;
    if (!copy(r->net, &c))
        return -ENOMEM;
    for (u32 i = 0; i < c.n; i++) {
        const struct neigh_shown *s = &c.at[i];
        u32 flags = is_known(s) ? s->state == NUD_PERMANENT ? 0x6 : 0x2 : 0;
        out_text(r->out, "%-16pI 0x%-10x0x%-10x%-17pM     *        %s\n", &s->addr, 1, flags,
                 is_known(s) ? &s->mac : &none, s->dev);
    }
    mem_free(c.at);
    return 0;
}

FILE_VIEW(net_arp, .path = "/proc/net/arp", .show = arp_show);

struct request {
    bool all;
    const char *dev;
    bool has_addr;
    struct ipaddr addr;
};

static void show_all_form(struct out *o, const struct neigh_shown *s)
{
    if (is_known(s))
        out_text(o, "? (%pI) at %pM [ether]%s on %s\n", &s->addr, &s->mac, s->state == NUD_PERMANENT ? " PERM" : "",
                 s->dev);
    else
        out_text(o, "? (%pI) at <incomplete> on %s\n", &s->addr, s->dev);
}

static void show_line(struct out *o, const struct neigh_shown *s)
{
    if (is_known(s))
        out_text(o, "%-24pI %-7s %-19pM %-5s %-15s %s\n", &s->addr, "ether", &s->mac,
                 s->state == NUD_PERMANENT ? "CM" : "C", "", s->dev);
    else
        out_text(o, "%-24pI %-7s %-19s %-5s %-15s %s\n", &s->addr, "", "(incomplete)", "", "", s->dev);
}

static int show(struct cmd_ctx *c, const struct request *q)
{
    struct copies all;
    u32 n = 0;
    if (!copy(c->net, &all))
        return cmd_error(c, "no memory");
    for (u32 i = 0; i < all.n; i++) {
        const struct neigh_shown *s = &all.at[i];
        if ((q->dev && !str_eq(q->dev, s->dev)) || (q->has_addr && !addr_eq(&q->addr, &s->addr)))
            continue;
        if (!n++ && !q->all)
            out_text(c->out, "%-24s %-7s %-19s %-5s %-15s %s\n", "Address", "HWtype", "HWaddress", "Flags", "Mask",
                     "Iface");
        if (q->all)
            show_all_form(c->out, s);
        else
            show_line(c->out, s);
    }
    mem_free(all.at);
    if (q->has_addr && !n)
        out_text(c->out, "%pI (%pI) -- no entry\n", &q->addr, &q->addr);
    return 0;
}

static int cmd_arp(struct cmd_ctx *c)
{
    struct request q = {0};
    for (int i = 1; i < c->argc; i++) {
        const char *word = c->argv[i];
        if (str_eq(word, "-n") || str_eq(word, "-e"))
            continue; /* there are no names to be had */
        if (str_eq(word, "-a") || str_eq(word, "-an"))
            q.all = true;
        else if (str_eq(word, "-i") && i + 1 < c->argc)
            q.dev = c->argv[++i];
        else if (str_eq(word, "-s") || str_eq(word, "-d"))
            return cmd_error(c, "\"%s\": to change neighbours there is `ip neigh`", word);
        else if (word[0] == '-' || parse_addr(word, &q.addr, NULL) || !ipaddr_is4(&q.addr))
            return cmd_usage(c, "\"%s\" is not known here", word);
        else
            q.has_addr = true;
    }
    return show(c, &q);
}

CMD(arp, .name = "arp", .group = "network", .help = "neighbours of IPv4, as net-tools shows them",
    .usage = "[-n] [-a] [-i IF] [A]", .run = cmd_arp);
