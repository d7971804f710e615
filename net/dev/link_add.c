/* `ip link add`, and the table of types of devices (contract: link_type.h).
 *
 * The words are read to the end before anything is done; those behind "type T" are the type's own. A setting that is
 * refused takes the device back out: a line is done or not done. What iproute2 knows and nobody here chooses for a new
 * device is refused by name.
 */
#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/link_type.h"
#include "net/dev/master.h"
#include "net/dev/updown.h"
#include "net/wire/eth.h"

/* ---- the table ---- */

const struct link_type *link_type_find(const char *name)
{
    SET_FOREACH(link_type, const struct link_type, t)
        if (str_eq(t->name, name))
            return t;
    return NULL;
}

const char *link_name(const struct link_request *q, char pattern[PORT_NAME])
{
    if (q->name)
        return q->name;
    fmt(pattern, PORT_NAME, "%s%%u", q->type->name);
    return pattern;
}

void link_del(struct netdev *dev)
{
    conf_assert();
    dev->kind->del(dev);
}

void link_del_all(struct net *net)
{
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        if (dev->kind) {
            link_del(dev);
            dev = NULL; /* others may have gone with it */
        }
}

/* ---- words ---- */

static void read_number(struct ip_words *w, const char *keyword, i64 *to)
{
    if (*to >= 0 && w->at < w->c->argc)
        ip_duplicate(w, keyword, w->c->argv[w->at]);
    else
        ip_i64(w, keyword, 0, UINT32_MAX, to);
}

static void read_name(struct ip_words *w, struct link_request *q, const char *word)
{
    bool keyword = str_eq(word, "name") || str_eq(word, "dev");
    if (keyword)
        word = ip_value(w);
    if (word && q->name)
        ip_fail(w, IP_WRONG, "Error: either \"dev\" is duplicate, or \"%s\" is a garbage.", word);
    else if (word && !dev_name_ok(word))
        ip_invalid(w, word, "\"name\" not a valid ifname");
    q->name = word;
}

/* Words of iproute2 that say nothing of a device here. */
static bool is_elsewhere(const char *word)
{
    static const char *const words[] = {
        "broadcast",    "brd",          "index",       "numtxqueues", "numrxqueues", "gso_max_size",
        "gso_max_segs", "gro_max_size", "netns",       "link-netns",  "group",       "alias",
        "vf",           "link-netnsid", "addrgenmode", "arp",         "carrier",
    };
    return ip_among(word, words, ARRAY_LEN(words));
}

static void read_type(struct ip_words *w, struct link_request *q)
{
    const char *word = ip_value(w);
    if (!word)
        return;
    q->type = link_type_find(word);
    if (!q->type) {
        ip_fail(w, IP_REFUSED, "Error: Unknown device type.");
        return;
    }
    if (q->type->words)
        q->type->words(w, q->own);
    else if ((word = ip_word(w)))
        ip_fail(w, IP_WRONG, "Garbage instead of arguments \"%s ...\". Try \"ip link help\".", word);
}

static void read_words(struct ip_words *w, struct link_request *q)
{
    for (const char *word; !q->type && (word = ip_word(w));) {
        if (str_eq(word, "type")) {
            read_type(w, q);
        } else if (str_eq(word, "link")) {
            q->lower = ip_value(w);
        } else if (str_eq(word, "mtu")) {
            read_number(w, "mtu", &q->mtu);
        } else if (str_eq(word, "txqueuelen") || str_eq(word, "txqlen") || str_eq(word, "qlen")) {
            read_number(w, "txqueuelen", &q->qlen);
        } else if (str_eq(word, "address")) {
            ip_lladdr(w, &q->mac);
            if (!w->status && !mac_is_station(&q->mac))
                ip_answer(w, -EADDRNOTAVAIL);
        } else if (str_eq(word, "up") || str_eq(word, "down")) {
            q->up = word[0] == 'u';
        } else if (str_eq(word, "master")) {
            q->master = ip_value(w);
        } else if (is_elsewhere(word)) {
            ip_invalid(w, word, "it is not chosen when a device is added here");
        } else {
            read_name(w, q, word);
        }
    }
    if (!w->status && !q->type)
        ip_fail(w, 1, "Not enough information: \"type\" argument is required");
}

/* ---- act ---- */

/* The words of the new one's settings; it is there, and down. */
static int set(struct ip_words *w, const struct link_request *q, struct netdev *dev, struct netdev *master)
{
    const char *why = NULL;
    int err = mac_is_zero(&q->mac) ? 0 : dev_set_mac(dev, &q->mac);
    if (!err && q->mtu >= 0)
        err = dev_set_mtu(dev, (u32)q->mtu);
    if (!err && q->qlen >= 0)
        dev_set_tx_queue_len(dev, (u32)q->qlen);
    if (!err && master)
        err = master_choose(dev, master, &why);
    if (!err && q->up)
        err = dev_up(dev);
    return why ? ip_fail(w, IP_REFUSED, "Error: %s.", why) : ip_answer(w, err);
}

static int add(struct ip_words *w, struct link_request *q)
{
    struct net *net = w->c->net;
    struct netdev *made = NULL;
    const char *why = NULL;

    struct netdev *master = q->master ? netdev_find(net, q->master) : NULL;
    if (q->lower && !(q->on = netdev_find(net, q->lower)))
        return ip_fail(w, 1, "Cannot find device \"%s\"", q->lower);
    if (q->master && !master)
        return ip_invalid(w, q->master, "Device does not exist\n");
    int err = q->name && netdev_find(net, q->name) ? -EEXIST : q->type->add(net, q, &made, &why);
    if (err)
        return why ? ip_fail(w, IP_REFUSED, "Error: %s.", why) : ip_answer(w, err);
    int status = set(w, q, made, master);
    if (status)
        link_del(made);
    return status;
}

int link_add(struct ip_words *w)
{
    struct link_request q = {.mtu = -1, .qlen = -1};

    read_words(w, &q);
    if (w->status)
        return w->status;
    conf_enter();
    int status = add(w, &q);
    conf_leave();
    return status;
}

/* ---- dump ---- */

/* Its tunables behind it, before `ip link set` brings it up: they are not there before it is. */
void link_add_dump(struct out *o, struct net *net, const struct netdev *dev)
{
    const struct link_type *t = dev->kind;

    if (!t)
        return;
    if (!t->made_with || !t->made_with(dev)) {
        out_text(o, "ip link add ");
        if (t->dump) {
            t->dump(o, net, dev);
        } else {
            out_text(o, "name ");
            out_word(o, dev->port.name);
            out_text(o, " type %s", t->name);
        }
        out_text(o, "\n");
    }
    sysctl_dump_late(net, dev->port.name, o);
}

static bool is_made(struct net *net, const char *name)
{
    for (const struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        if (str_eq(dev->port.name, name))
            return dev->kind;
    return false;
}
SYSCTL_LATE(link, is_made);
