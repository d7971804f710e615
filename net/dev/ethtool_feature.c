/* ethtool -k and -K: what a device does by itself.
 *
 * The table is Linux's list in the order of its numbers: whoever reads -k finds each name that he knows, and what no
 * device here has is off [fixed]. -K tells, as Linux does, of what came out otherwise than it was asked for: what could
 * not be changed, and what went with something else.
 */
#include "lib/string.h"
#include "net/dev/ethtool.h"
#include "net/dev/updown.h"

enum group { ALONE, RX, TX, SG, TSO, GSO, GRO, LRO, RXVLAN, TXVLAN, NTUPLE, RXHASH, GROUPS };

static const struct {
    const char *shown, *word; /* in -k; in -K, which takes the other as well */
} groups[GROUPS] = {
    [RX] = {"rx-checksumming", "rx"},
    [TX] = {"tx-checksumming", "tx"},
    [SG] = {"scatter-gather", "sg"},
    [TSO] = {"tcp-segmentation-offload", "tso"},
    [GSO] = {"generic-segmentation-offload", "gso"},
    [GRO] = {"generic-receive-offload", "gro"},
    [LRO] = {"large-receive-offload", "lro"},
    [RXVLAN] = {"rx-vlan-offload", "rxvlan"},
    [TXVLAN] = {"tx-vlan-offload", "txvlan"},
    [NTUPLE] = {"ntuple-filters", "ntuple"},
    [RXHASH] = {"receive-hashing", "rxhash"},
};

#define ALWAYS 0x80000000u /* on, for all devices here */

static const struct feature {
    const char *name;
    enum group group;
    u32 bit; /* 0: nobody has it */
} features[] = {
    {"tx-scatter-gather", SG, DEV_F_SG},
    {"tx-checksum-ipv4", TX, 0},
    {"tx-checksum-ip-generic", TX, DEV_F_TX_CSUM},
    {"tx-checksum-ipv6", TX, 0},
    {"highdma", ALONE, ALWAYS},
    {"tx-scatter-gather-fraglist", SG, 0},
    {"tx-vlan-hw-insert", TXVLAN, DEV_F_VLAN_TX},
    {"rx-vlan-hw-parse", RXVLAN, DEV_F_VLAN_RX},
    {"rx-vlan-filter", ALONE, DEV_F_VLAN_FILTER},
    {"vlan-challenged", ALONE, 0},
    {"tx-generic-segmentation", GSO, DEV_F_GSO},
    {"rx-gro", GRO, DEV_F_GRO},
    {"rx-lro", LRO, DEV_F_LRO},
    {"tx-tcp-segmentation", TSO, DEV_F_TSO4},
    {"tx-gso-robust", ALONE, 0},
    {"tx-tcp-ecn-segmentation", TSO, DEV_F_ECN},
    {"tx-tcp-mangleid-segmentation", TSO, 0},
    {"tx-tcp6-segmentation", TSO, DEV_F_TSO6},
    {"tx-tcp-accecn-segmentation", TSO, 0},
    {"tx-fcoe-segmentation", ALONE, 0},
    {"tx-gre-segmentation", ALONE, 0},
    {"tx-gre-csum-segmentation", ALONE, 0},
    {"tx-ipxip4-segmentation", ALONE, 0},
    {"tx-ipxip6-segmentation", ALONE, 0},
    {"tx-udp_tnl-segmentation", ALONE, 0},
    {"tx-udp_tnl-csum-segmentation", ALONE, 0},
    {"tx-gso-partial", ALONE, 0},
    {"tx-tunnel-remcsum-segmentation", ALONE, 0},
    {"tx-sctp-segmentation", ALONE, 0},
    {"tx-esp-segmentation", ALONE, 0},
    {"tx-udp-segmentation", ALONE, DEV_F_USO},
    {"tx-gso-list", ALONE, 0},
    {"tx-checksum-fcoe-crc", TX, 0},
    {"tx-checksum-sctp", TX, 0},
    {"rx-ntuple-filter", NTUPLE, 0},
    {"rx-hashing", RXHASH, 0},
    {"rx-checksum", RX, DEV_F_RX_CSUM},
    {"tx-nocache-copy", ALONE, 0},
    {"loopback", ALONE, 0},
    {"rx-fcs", ALONE, 0},
    {"rx-all", ALONE, 0},
    {"tx-vlan-stag-hw-insert", ALONE, 0},
    {"rx-vlan-stag-hw-parse", ALONE, 0},
    {"rx-vlan-stag-filter", ALONE, 0},
    {"l2-fwd-offload", ALONE, 0},
    {"hw-tc-offload", ALONE, 0},
    {"esp-hw-offload", ALONE, 0},
    {"esp-tx-csum-hw-offload", ALONE, 0},
    {"rx-udp_tunnel-port-offload", ALONE, 0},
    {"tls-hw-tx-offload", ALONE, 0},
    {"tls-hw-rx-offload", ALONE, 0},
    {"rx-gro-hw", ALONE, 0},
    {"tls-hw-record", ALONE, 0},
    {"rx-gro-list", ALONE, 0},
    {"macsec-hw-offload", ALONE, 0},
    {"rx-udp-gro-forwarding", ALONE, DEV_F_UDP_GRO},
    {"hsr-tag-ins-offload", ALONE, 0},
    {"hsr-tag-rm-offload", ALONE, 0},
    {"hsr-fwd-offload", ALONE, 0},
    {"hsr-dup-offload", ALONE, 0},
};
#define FEATURES ((unsigned)ARRAY_LEN(features))
static_assert(ARRAY_LEN(features) <= 64, "sets of them are words of 64 bits");

static bool is_on(const struct netdev *dev, const struct feature *f)
{
    return (dev->features | ALWAYS) & f->bit;
}

static bool is_fixed(const struct netdev *dev, const struct feature *f)
{
    return !(dev->hw_features & f->bit);
}

static u64 all_on(const struct netdev *dev)
{
    u64 on = 0;
    for (unsigned i = 0; i < FEATURES; i++)
        on |= (u64)is_on(dev, &features[i]) << i;
    return on;
}

static u64 members(enum group g)
{
    u64 set = 0;
    for (unsigned i = 0; i < FEATURES; i++)
        set |= (u64)(features[i].group == g) << i;
    return set;
}

/* ---- -k ---- */

static void show_one(struct out *o, const struct netdev *dev, const struct feature *f, const char *name, bool inner)
{
    bool on = is_on(dev, f), fixed = is_fixed(dev, f), wanted = fixed ? on : dev->wanted & f->bit;

    out_object(o, name);
    out_text(o, "%s%s: %s%s%s\n", inner ? "\t" : "", name, on ? "on" : "off", fixed ? " [fixed]" : "",
             wanted == on ? ""
             : wanted     ? " [requested on]"
                          : " [requested off]");
    out_bool(o, "active", NULL, on);
    out_bool(o, "fixed", NULL, fixed);
    out_bool(o, "requested", NULL, wanted);
    out_end(o);
}

static void show_group(struct out *o, const struct netdev *dev, enum group g)
{
    u64 set = members(g);
    bool on = set & all_on(dev);

    if (!(set & (set - 1))) { /* of one alone: it is shown in the group's place */
        show_one(o, dev, &features[__builtin_ctzll(set)], groups[g].shown, false);
        return;
    }
    out_text(o, "%s: %s\n", groups[g].shown, on ? "on" : "off");
    out_object(o, groups[g].shown);
    out_bool(o, "active", NULL, on);
    out_null(o, "fixed");
    out_null(o, "requested");
    out_end(o);
    for (unsigned i = 0; i < FEATURES; i++)
        if (features[i].group == g)
            show_one(o, dev, &features[i], features[i].name, true);
}

int ethtool_features(struct ethtool *e)
{
    struct out *o = e->c->out;

    out_array(o, NULL);
    out_object(o, NULL);
    out_text(o, "Features for %s:\n", e->dev->port.name);
    out_str(o, "ifname", NULL, e->dev->port.name);
    for (enum group g = RX; g < GROUPS; g++)
        show_group(o, e->dev, g);
    for (unsigned i = 0; i < FEATURES; i++)
        if (features[i].group == ALONE)
            show_one(o, e->dev, &features[i], features[i].name, false);
    out_end(o);
    out_end(o);
    return 0;
}

/* ---- -K ---- */

struct asked {
    u64 mask, on;
};

/* The set that the word stands for; 0: there is none. */
static u64 named(const char *word)
{
    for (enum group g = RX; g < GROUPS; g++)
        if (str_eq(word, groups[g].word) || str_eq(word, groups[g].shown))
            return members(g);
    for (unsigned i = 0; i < FEATURES; i++)
        if (str_eq(word, features[i].name))
            return 1ull << i;
    return 0;
}

static int read_words(struct ethtool *e, struct asked *q)
{
    for (int i = 0; i < e->words; i += 2) {
        const char *value = i + 1 < e->words ? e->word[i + 1] : "";
        u64 set = named(e->word[i]);
        bool on = str_eq(value, "on");
        if (!on && !str_eq(value, "off"))
            return ethtool_error(e, 1, "ethtool (-K): flag '%s' for parameter '%s' is not followed by 'on' or 'off'",
                                 value, e->word[i]);
        if (!set)
            return ethtool_netlink(e, 92, "bit name not found", 2 + (unsigned)i / 2, -EOPNOTSUPP);
        q->mask |= set;
        q->on = on ? q->on | set : q->on & ~set;
    }
    return 0;
}

static int change(struct netdev *dev, const struct asked *q)
{
    u32 mask = 0, want = 0;
    for (unsigned i = 0; i < FEATURES; i++) {
        u32 bit = q->mask >> i & 1 ? features[i].bit & dev->hw_features : 0;
        mask |= bit;
        want |= q->on >> i & 1 ? bit : 0;
    }
    return mask ? dev_set_features(dev, mask, want) : 0;
}

static void show_changes(struct out *o, const struct asked *q, u64 changed, u64 missed, u64 now)
{
    if (!missed && !(changed & ~q->mask))
        return; /* just what was asked for */
    out_text(o, "Actual changes:\n");
    for (unsigned i = 0; i < FEATURES; i++) {
        u64 bit = 1ull << i;
        if (!((changed | missed) & bit))
            continue;
        out_text(o, "%s: %s", features[i].name, now & bit ? "on" : "off");
        if (missed & bit)
            out_text(o, " [requested %s]", q->on & bit ? "on" : "off");
        else if (!(q->mask & bit))
            out_text(o, " [not requested]");
        out_text(o, "\n");
    }
}

int ethtool_set_features(struct ethtool *e)
{
    struct asked q = {0, 0};
    int status = read_words(e, &q);
    if (status)
        return status;
    u64 before = all_on(e->dev);
    int err = change(e->dev, &q);
    if (err)
        return ethtool_netlink(e, 92, NULL, 0, err);
    u64 now = all_on(e->dev), missed = (now ^ q.on) & q.mask;
    show_changes(e->c->out, &q, before ^ now, missed, now);
    return missed == q.mask ? ethtool_error(e, 1, "Could not change any device features") : 0;
}

void ethtool_dump_features(struct out *o, const struct netdev *dev)
{
    u32 differs = dev->wanted ^ dev->first.wanted;

    if (!differs)
        return;
    out_text(o, "ethtool -K ");
    out_word(o, dev->port.name);
    for (unsigned i = 0; i < FEATURES; i++)
        if (differs & features[i].bit)
            out_text(o, " %s %s", features[i].name, dev->wanted & features[i].bit ? "on" : "off");
    out_text(o, "\n");
}

void ethtool_offer_features(void (*offer)(void *arg, const char *word), void *arg)
{
    for (enum group g = RX; g < GROUPS; g++)
        offer(arg, groups[g].word);
    offer(arg, "on");
    offer(arg, "off");
}
