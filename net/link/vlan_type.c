/* `ip link add link IF name NAME type vlan id N ...`: the words, and what is shown of a VLAN (contract: link_type.h).
 *
 * A header is always put in order (reorder_hdr): where Linux can be told to leave the tag among the bytes that programs
 * see, nobody here would know what to do with it. Registration of VLANs with a switch (GVRP, MVRP) is spoken by nobody.
 */
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/link_type.h"
#include "net/link/vlan.h"
#include "net/wire/eth.h"

/* ---- words ---- */

struct words {
    struct vlan_how how;
    bool any, has_id;
};
static_assert(sizeof(struct words) <= LINK_WORDS, "they fit a request");

static void read_id(struct ip_words *w, struct words *q)
{
    const char *word = ip_value(w);
    u32 id = 0;
    if (word && parse_u32(word, 0, 0xffff, &id, NULL))
        ip_invalid(w, word, "id is invalid");
    else if (id >= VLAN_IDS)
        ip_fail(w, IP_REFUSED, "Error: 8021q: Invalid VLAN id.");
    q->how.id = (u16)id;
    q->has_id = true;
}

static void read_protocol(struct ip_words *w, struct words *q)
{
    const char *word = ip_value(w);
    if (!word)
        return;
    if (str_eq(word, "802.1Q") || str_eq(word, "802.1q"))
        q->how.proto = ETH_VLAN;
    else if (str_eq(word, "802.1ad") || str_eq(word, "802.1AD"))
        q->how.proto = ETH_QINQ;
    else
        ip_invalid(w, word, "protocol is invalid");
}

static void read_reorder(struct ip_words *w)
{
    bool on = true;
    ip_on_off(w, "reorder_hdr", &on);
    if (!on)
        ip_invalid(w, "off", "a VLAN's header is always in order here");
}

static bool is_elsewhere(const char *word)
{
    return str_eq(word, "gvrp") || str_eq(word, "mvrp") || str_eq(word, "loose_binding") ||
           str_eq(word, "bridge_binding");
}

/* "FROM:TO"; false: it is none. */
static bool read_pair(const char *word, u32 *from, u32 *to)
{
    char text[24];
    const char *colon = strchr(word, ':');
    if (!colon || (size_t)(colon - word) >= sizeof(text))
        return false;
    str_copy_n(text, sizeof(text), word, (size_t)(colon - word));
    return !parse_u32(text, 0, UINT32_MAX, from, NULL) && !parse_u32(colon + 1, 0, UINT32_MAX, to, NULL);
}

static bool map_in(struct vlan_how *how, u32 from, u32 to)
{
    if (from >= ARRAY_LEN(how->ingress))
        return false;
    how->ingress[from] = to;
    return true;
}

static bool map_out(struct vlan_how *how, u32 from, u32 to)
{
    u32 i = 0;
    while (i < how->egress_n && how->egress[i].priority != from)
        i++;
    if (to > 7 || i == VLAN_EGRESS)
        return false;
    how->egress[i].priority = from;
    how->egress[i].tag = (u8)to;
    how->egress_n = max(how->egress_n, i + 1);
    return true;
}

static void read_map(struct ip_words *w, const char *keyword, struct vlan_how *how,
                     bool (*map)(struct vlan_how *how, u32 from, u32 to))
{
    const char *word = ip_value(w);
    char why[40] = "invalid ";
    u32 from, to;

    str_append(why, sizeof(why), keyword);
    do {
        if (word && (!read_pair(word, &from, &to) || !map(how, from, to)))
            ip_invalid(w, word, why);
    } while (!w->status && w->at < w->c->argc && strchr(w->c->argv[w->at], ':') && (word = ip_word(w)));
}

static void vlan_words(struct ip_words *w, void *own)
{
    struct words *q = own;
    q->how.proto = ETH_VLAN;
    for (const char *word; (word = ip_word(w)); q->any = true) {
        if (str_eq(word, "id"))
            read_id(w, q);
        else if (str_eq(word, "protocol"))
            read_protocol(w, q);
        else if (str_eq(word, "reorder_hdr"))
            read_reorder(w);
        else if (str_eq(word, "ingress-qos-map"))
            read_map(w, word, &q->how, map_in);
        else if (str_eq(word, "egress-qos-map"))
            read_map(w, word, &q->how, map_out);
        else if (is_elsewhere(word))
            ip_invalid(w, word, "no VLAN here has it");
        else
            ip_fail(w, IP_WRONG, "vlan: unknown command \"%s\"?", word);
    }
}

/* ---- act ---- */

static int type_add(struct net *net, const struct link_request *q, struct netdev **made, const char **why)
{
    const struct words *own = (const void *)q->own;
    char pattern[PORT_NAME];

    *why = !own->any ? "8021q: VLAN properties not specified" : !own->has_id ? "8021q: VLAN id not specified" : NULL;
    if (!*why && !q->on)
        *why = "8021q: link not specified";
    if (*why || q->mtu > (i64)q->on->mtu)
        return -EINVAL;
    return vlan_add(q->on, link_name(q, pattern), &own->how, q->type, made, why);
}

/* ---- print ---- */

static const char *proto_name(const struct vlan_how *how)
{
    return how->proto == ETH_QINQ ? "802.1ad" : "802.1Q";
}

static void begin_map(const struct ip_words *w, const char *json, const char *text)
{
    out_array(w->c->out, json);
    out_text(w->c->out, "%s      %s { ", w->newline, text);
}

static void show_pair(struct out *o, u32 from, u32 to)
{
    out_object(o, NULL);
    out_u64(o, "from", "%llu:", from);
    out_u64(o, "to", "%llu ", to);
    out_end(o);
}

static void end_map(struct out *o)
{
    out_text(o, "} ");
    out_end(o);
}

static bool maps_in(const struct vlan_how *how)
{
    u32 any = 0;
    for (u32 i = 0; i < ARRAY_LEN(how->ingress); i++)
        any |= how->ingress[i];
    return any;
}

static void type_show(const struct ip_words *w, const struct netdev *dev)
{
    const struct vlan_how *how = vlan_how(dev);
    struct out *o = w->c->out;

    out_str(o, "protocol", "protocol %s ", proto_name(how));
    out_u64(o, "id", "id %llu ", how->id);
    out_array(o, "flags");
    out_str(o, NULL, "<%s> ", "REORDER_HDR");
    out_end(o);
    if (maps_in(how)) {
        begin_map(w, "ingress_qos", "ingress-qos-map");
        for (u32 i = 0; i < ARRAY_LEN(how->ingress); i++)
            if (how->ingress[i])
                show_pair(o, i, how->ingress[i]);
        end_map(o);
    }
    if (how->egress_n) {
        begin_map(w, "egress_qos", "egress-qos-map");
        for (u32 i = 0; i < how->egress_n; i++)
            show_pair(o, how->egress[i].priority, how->egress[i].tag);
        end_map(o);
    }
}

static void type_dump(struct out *o, struct net *net, const struct netdev *dev)
{
    const struct vlan_how *how = vlan_how(dev);

    out_text(o, "link ");
    out_word(o, vlan_lower(dev)->port.name);
    out_text(o, " name ");
    out_word(o, dev->port.name);
    out_text(o, " type vlan");
    if (how->proto != ETH_VLAN)
        out_text(o, " protocol %s", proto_name(how));
    out_text(o, " id %u", how->id);
    if (maps_in(how))
        out_text(o, " ingress-qos-map");
    for (u32 i = 0; i < ARRAY_LEN(how->ingress); i++)
        if (how->ingress[i])
            out_text(o, " %u:%u", i, how->ingress[i]);
    if (how->egress_n)
        out_text(o, " egress-qos-map");
    for (u32 i = 0; i < how->egress_n; i++)
        out_text(o, " %u:%u", how->egress[i].priority, how->egress[i].tag);
}

LINK_TYPE(vlan, .name = "vlan",
          .usage = "id N [protocol 802.1Q|802.1ad] [ingress-qos-map FROM:TO ...] [egress-qos-map FROM:TO ...]",
          .words = vlan_words, .add = type_add, .del = vlan_del, .show = type_show, .dump = type_dump);

/* ---- /proc/net/vlan ---- */

static int config_show(struct file_req *r)
{
    out_text(r->out, "VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n");
    for (struct netdev *dev = NULL; (dev = netdev_walk(r->net, dev));)
        if (vlan_is(dev))
            out_text(r->out, "%-15s| %d  | %s\n", dev->port.name, vlan_how(dev)->id, vlan_lower(dev)->port.name);
    return 0;
}
FILE_VIEW(vlan_config, .path = "/proc/net/vlan/config", .show = config_show);

static void list(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(r->net, dev));)
        if (vlan_is(dev))
            offer(arg, dev->port.name);
}

static void show_counts(struct out *o, struct netdev *dev)
{
    typedef unsigned long long ull;
    static const char line[] = "%30s %12llu\n";
    struct dev_total t;

    netdev_total(dev, &t);
    out_text(o, line, "total frames received", (ull)t.s.rx_packets);
    out_text(o, line, "total bytes received", (ull)t.s.rx_bytes);
    out_text(o, line, "Broadcast/Multicast Rcvd", (ull)t.s.multicast);
    out_text(o, "\n");
    out_text(o, line, "total frames transmitted", (ull)t.s.tx_packets);
    out_text(o, line, "total bytes transmitted", (ull)t.s.tx_bytes);
}

#define PRIV_FLAGS 1u /* Linux: IFF_802_1Q_VLAN; its others say nothing of a device here */

static int one_show(struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    if (!dev || !vlan_is(dev)) {
        if (dev)
            netdev_put(dev);
        return -ENOENT;
    }
    const struct vlan_how *how = vlan_how(dev);
    const u32 *in = how->ingress;
    out_text(r->out, "%s  VID: %d\t REORDER_HDR: 1  dev->priv_flags: %x\n", dev->port.name, how->id, PRIV_FLAGS);
    show_counts(r->out, dev);
    out_text(r->out, "Device: %s\nINGRESS priority mappings: 0:%u  1:%u  2:%u  3:%u  4:%u  5:%u  6:%u 7:%u\n",
             vlan_lower(dev)->port.name, in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7]);
    out_text(r->out, " EGRESS priority mappings: ");
    for (u32 i = 0; i < how->egress_n; i++)
        out_text(r->out, "%u:%u ", how->egress[i].priority, how->egress[i].tag);
    out_text(r->out, "\n");
    netdev_put(dev);
    return 0;
}
FILE_VIEW(vlan_one, .path = "/proc/net/vlan/*", .show = one_show, .list = list);
