/* ethtool -n and -N (-u, -U): by what of a packet a device chooses its queue: the fields that it hashes, and rules.
 *
 *     ethtool -n IF rx-flow-hash FLOW      ethtool -N IF rx-flow-hash FLOW sd | sdfn | r
 *     ethtool -n IF [rule N]               ethtool -N IF flow-type FLOW [FIELD VALUE [m MASK]] ... [action N] [loc N]
 *                                          ethtool -N IF delete N
 *
 * The hash is the device's own (net/dev/rss.h): sd, of the two addresses; sdfn, of the ports too; r, none, and the
 * packet is the first queue's. Rules no device here has: one is read whole, and then refused as by any driver without
 * filters. Texts and statuses are those of ethtool 6.1: 0 where a hash or a rule with a place of its own is refused,
 * and what a missing device gets is the same text with another reason, since only the driver is asked.
 */
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/ethtool.h"
#include "net/dev/rss.h"
#include "net/dev/updown.h"

static int bad_words(struct ethtool *e)
{
    return ethtool_error(e, 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h");
}

/* Why a device without filters, without a hash, or that is not there, does not. */
static const char *why_not(const struct ethtool *e)
{
    return errno_text(e->dev && !e->dev->gone ? -EOPNOTSUPP : -ENODEV);
}

/* ---- the hash ---- */

#define FIELD_DST_MAC  (1u << 1)
#define FIELD_VLAN     (1u << 2)
#define FIELD_PROTO    (1u << 3)
#define FIELD_SRC      (1u << 4)
#define FIELD_DST      (1u << 5)
#define FIELD_SRC_PORT (1u << 6)
#define FIELD_DST_PORT (1u << 7)
#define FIELD_NONE     (1u << 31) /* nothing is hashed */
#define FIELDS_SD      (FIELD_SRC | FIELD_DST)
#define FIELDS_SDFN    (FIELDS_SD | FIELD_SRC_PORT | FIELD_DST_PORT)

static const struct hash_field {
    char letter;
    u32 bit;
    const char *text;
} hash_fields[] = {
    {'m', FIELD_DST_MAC, "L2DA"},
    {'v', FIELD_VLAN, "VLAN tag"},
    {'t', FIELD_PROTO, "L3 proto"},
    {'s', FIELD_SRC, "IP SA"},
    {'d', FIELD_DST, "IP DA"},
    {'f', FIELD_SRC_PORT, "L4 bytes 0 & 1 [TCP/UDP src port]"},
    {'n', FIELD_DST_PORT, "L4 bytes 2 & 3 [TCP/UDP dst port]"},
    {'r', FIELD_NONE, ""},
};

static const struct hash_flow {
    const char *name, *text;
    u32 ip, ports; /* bits of dev_rss.hash; 0: no device here tells it from others */
} hash_flows[] = {
    {"tcp4", "TCP over IPV4 flows", RSS_IP4, RSS_TCP4},
    {"udp4", "UDP over IPV4 flows", RSS_IP4, RSS_UDP4},
    {"sctp4", "SCTP over IPV4 flows", 0, 0},
    {"ah4", "IPSEC AH/ESP over IPV4 flows", 0, 0},
    {"esp4", "IPSEC AH/ESP over IPV4 flows", 0, 0},
    {"tcp6", "TCP over IPV6 flows", RSS_IP6, RSS_TCP6},
    {"udp6", "UDP over IPV6 flows", RSS_IP6, RSS_UDP6},
    {"sctp6", "SCTP over IPV6 flows", 0, 0},
    {"ah6", "IPSEC AH/ESP over IPV6 flows", 0, 0},
    {"esp6", "IPSEC AH/ESP over IPV6 flows", 0, 0},
    {"ether", "", 0, 0},
};

static const struct hash_flow *find_flow(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(hash_flows); i++)
        if (str_eq(name, hash_flows[i].name))
            return &hash_flows[i];
    return NULL;
}

static bool read_fields(const char *letters, u32 *fields)
{
    *fields = 0;
    for (; *letters; letters++) {
        unsigned i = 0;
        while (i < ARRAY_LEN(hash_fields) && hash_fields[i].letter != *letters)
            i++;
        if (i == ARRAY_LEN(hash_fields))
            return false;
        *fields |= hash_fields[i].bit;
    }
    return true;
}

/* "context N" may follow the words before it: another table and key, which no device here has. */
static bool read_context(const struct ethtool *e, int at, bool *context)
{
    u32 id;
    *context = e->words > at;
    return e->words == at ||
           (e->words == at + 2 && str_eq(e->word[at], "context") && !parse_u32(e->word[at + 1], 0, ~0u, &id, NULL));
}

static int show_hash(struct ethtool *e)
{
    const struct hash_flow *f = e->words > 1 ? find_flow(e->word[1]) : NULL;
    struct out *o = e->c->out;
    bool context;

    if (!f || !read_context(e, 2, &context))
        return bad_words(e);
    if (!e->dev || !e->dev->rss || context)
        return ethtool_error(e, 1, "Cannot get RX network flow hashing options: %s", why_not(e));
    u32 hash = load_relaxed(&e->dev->rss->hash);
    u32 fields = hash & f->ports ? FIELDS_SDFN : hash & f->ip ? FIELDS_SD : 0;
    out_text(o, "%s use these fields for computing Hash flow key:\n", f->text);
    for (unsigned i = 0; i < ARRAY_LEN(hash_fields); i++)
        if (fields & hash_fields[i].bit)
            out_text(o, "%s\n", hash_fields[i].text);
    out_text(o, fields ? "\n" : "None\n");
    return 0;
}

/* A flow's hash as virtio has it: of its addresses, which are those of the family's other flows too, and of its ports
 * besides; it may be none. */
static int change_hash(struct netdev *dev, const struct hash_flow *f, u32 fields)
{
    struct dev_rss r = *dev->rss;
    bool none = fields & FIELD_NONE, ports = fields == FIELDS_SDFN;

    if (!f->ip || (!none && !ports && fields != FIELDS_SD))
        return -EINVAL;
    if (!none && !(r.hash_able & (ports ? f->ports : f->ip)))
        return -EOPNOTSUPP;
    r.hash &= ~(f->ip | f->ports);
    if (!none)
        r.hash |= r.hash_able & (f->ip | (ports ? f->ports : 0));
    return r.hash == dev->rss->hash ? 0 : dev_set_rss(dev, &r);
}

static int set_hash(struct ethtool *e)
{
    const struct hash_flow *f = e->words > 2 ? find_flow(e->word[1]) : NULL;
    bool context;
    u32 fields;

    if (!f || !read_fields(e->word[2], &fields) || !read_context(e, 3, &context))
        return bad_words(e);
    if (!e->dev || !e->dev->rss || e->dev->gone || context)
        return ethtool_error(e, 0, "Cannot change RX network flow hashing options: %s", why_not(e));
    int err = change_hash(e->dev, f, fields);
    return err ? ethtool_error(e, 0, "Cannot change RX network flow hashing options: %s", errno_text(err)) : 0;
}

/* What leads from all that the device can, which it has at first, to what it has. */
void ethtool_dump_hash(struct out *o, const struct netdev *dev)
{
    const struct dev_rss *r = dev->rss;
    u32 lacks = r ? r->hash_able & ~r->hash : 0;

    for (unsigned i = 0; i < ARRAY_LEN(hash_flows); i++) {
        const struct hash_flow *f = &hash_flows[i];
        if (!(lacks & (f->ip | f->ports)) || (r->hash & f->ports))
            continue;
        out_text(o, "ethtool -N ");
        out_word(o, dev->port.name);
        out_text(o, " rx-flow-hash %s %s\n", f->name, r->hash & f->ip ? "sd" : "r");
    }
}

/* ---- rules ---- */

enum { /* kinds of flow, by the fields that they have */
       ETHER = 1,
       IP4 = 2,
       PORTS4 = 4,
       SPI4 = 8,
       IP6 = 16,
       PORTS6 = 32,
       SPI6 = 64,
       V4 = IP4 | PORTS4 | SPI4,
       V6 = IP6 | PORTS6 | SPI6,
       L3 = V4 | V6,
       ANY = ETHER | L3,
};

static const struct rule_flow {
    const char *name;
    u8 kind;
} rule_flows[] = {
    {"ether", ETHER},  {"ip4", IP4},   {"tcp4", PORTS4}, {"udp4", PORTS4}, {"sctp4", PORTS4},
    {"ah4", SPI4},     {"esp4", SPI4}, {"ip6", IP6},     {"tcp6", PORTS6}, {"udp6", PORTS6},
    {"sctp6", PORTS6}, {"ah6", SPI6},  {"esp6", SPI6},
};

enum value { NUMBER, SIGNED, MAC, ADDR4, ADDR6 };

/* Of one place in a rule two fields can not both be told, nor one twice. */
#define PLACE_L4_LOW  (1u << 30)
#define PLACE_L4_HIGH (1u << 31)

static const struct rule_field {
    const char *name;
    u8 kinds; /* of flow that have it */
    enum value value;
    u64 most;
    bool masked;
    u32 place; /* 0: its own */
} rule_fields[] = {
    {"src", ETHER, MAC, 0, true, 0},
    {"dst", ETHER, MAC, 0, true, 0},
    {"proto", ETHER, NUMBER, 0xffff, true, 0},
    {"src-ip", V4, ADDR4, 0, true, 0},
    {"src-ip", V6, ADDR6, 0, true, 0},
    {"dst-ip", V4, ADDR4, 0, true, 0},
    {"dst-ip", V6, ADDR6, 0, true, 0},
    {"tos", V4, NUMBER, 0xff, true, 0},
    {"tclass", V6, NUMBER, 0xff, true, 0},
    {"l4proto", IP4 | IP6, NUMBER, 0xff, true, 0},
    {"l4data", IP4 | IP6, NUMBER, 0xffffffff, true, PLACE_L4_LOW | PLACE_L4_HIGH},
    {"spi", IP4 | IP6 | SPI4 | SPI6, NUMBER, 0xffffffff, true, PLACE_L4_LOW | PLACE_L4_HIGH},
    {"src-port", IP4 | IP6 | PORTS4 | PORTS6, NUMBER, 0xffff, true, PLACE_L4_LOW},
    {"dst-port", IP4 | IP6 | PORTS4 | PORTS6, NUMBER, 0xffff, true, PLACE_L4_HIGH},
    {"vlan-etype", ANY, NUMBER, 0xffff, true, 0},
    {"vlan", ANY, NUMBER, 0xffff, true, 0},
    {"user-def", ANY, NUMBER, ~0ull, true, 0},
    {"dst-mac", L3, MAC, 0, true, 0},
    {"action", ANY, SIGNED, ~0ull, false, 0},
    {"vf", ANY, NUMBER, 0xff, false, 0},
    {"queue", ANY, NUMBER, 0xffffffff, false, 0},
    {"context", ANY, NUMBER, 0xfffffffe, false, 0},
    {"loc", ANY, NUMBER, 0xffffffff, false, 0},
};

#define ANY_PLACE 0x80000000u /* and above: where there is room */

struct rule {
    u32 told; /* places */
    u64 loc;
    bool action, vf, queue;
};

static const struct rule_field *find_field(const char *name, u8 kind)
{
    for (unsigned i = 0; i < ARRAY_LEN(rule_fields); i++)
        if (str_eq(name, rule_fields[i].name) && (rule_fields[i].kinds & kind))
            return &rule_fields[i];
    return NULL;
}

static bool value_ok(const struct rule_field *f, const char *text, u64 *v)
{
    struct ipaddr a;
    struct macaddr m;
    i64 below;

    switch (f->value) {
    case MAC: return !parse_mac(text, &m, NULL);
    case ADDR4:
    case ADDR6: return !parse_addr(text, &a, NULL) && !strchr(text, ':') == (f->value == ADDR4);
    case SIGNED:
        if (!parse_i64(text, INT64_MIN, -1, &below, NULL))
            return true;
        break;
    case NUMBER: break;
    }
    return !parse_u64(text, 0, f->most, v, NULL);
}

/* A field, its value, and "m MASK" where that follows: how many words, or -1, said. */
static int read_field(struct ethtool *e, struct rule *r, u8 kind, int at)
{
    const struct rule_field *f = find_field(e->word[at], kind);
    const char *name = e->word[at];
    u64 v = 0;

    if (!f) {
        out_text(e->c->out, "Add rule, unrecognized option[%s]\n", name);
        return -1;
    }
    if (at + 1 == e->words)
        return 1;
    u32 place = f->place ? f->place : 1u << (f - rule_fields);
    if ((r->told & place) || !value_ok(f, e->word[at + 1], &v)) {
        ethtool_error(e, 1, "Invalid %s value[%s]", name, e->word[at + 1]);
        return -1;
    }
    r->told |= place;
    if (str_eq(name, "loc"))
        r->loc = v;
    r->action |= str_eq(name, "action");
    r->vf |= str_eq(name, "vf");
    r->queue |= str_eq(name, "queue");
    if (at + 2 == e->words || !str_eq(e->word[at + 2], "m"))
        return 2;
    if (at + 3 == e->words) {
        ethtool_error(e, 1, "Add rule, invalid syntax");
        return -1;
    }
    if (!f->masked || !value_ok(f, e->word[at + 3], &v)) {
        ethtool_error(e, 1, "Invalid %s mask[%s]", name, e->word[at + 3]);
        return -1;
    }
    return 4;
}

/* A rule without a place is given one by ethtool, which begins by asking how many there are. */
static int add_rule(struct ethtool *e)
{
    struct rule r = {.loc = ANY_PLACE};
    unsigned i = 0;

    while (i < ARRAY_LEN(rule_flows) && !str_eq(e->word[1], rule_flows[i].name))
        i++;
    if (i == ARRAY_LEN(rule_flows)) {
        ethtool_error(e, 1, "Add rule, invalid syntax");
        return bad_words(e);
    }
    for (int at = 2, n; at < e->words; at += n)
        if ((n = read_field(e, &r, rule_flows[i].kind, at)) < 0)
            return bad_words(e);
    if (r.action && (r.vf || r.queue)) {
        ethtool_error(e, 1, "action and %s are not compatible", r.vf && !r.queue ? "vf" : "queue");
        return bad_words(e);
    }
    if (!(r.loc & ANY_PLACE))
        return ethtool_error(e, 0, "rmgr: Cannot insert RX class rule: %s", why_not(e));
    ethtool_error(e, 1, "rxclass: Cannot get RX class rule count: %s", why_not(e));
    return ethtool_error(e, 1, "Cannot insert classification rule");
}

/* ---- the options ---- */

static int show_rules(struct ethtool *e)
{
    if (e->dev && e->dev->ops->set_queues)
        out_text(e->c->out, "%u RX rings available\n", e->dev->rxqs);
    else
        ethtool_error(e, 1, "Cannot get RX rings: %s", why_not(e));
    ethtool_error(e, 1, "rxclass: Cannot get RX class rule count: %s", why_not(e));
    return ethtool_error(e, 1, "RX classification rule retrieval failed");
}

static bool place(const char *text)
{
    u32 n;
    return !parse_u32(text, 0, ANY_PLACE - 1, &n, NULL);
}

int ethtool_nfc(struct ethtool *e)
{
    if (!e->words)
        return show_rules(e);
    if (str_eq(e->word[0], "rx-flow-hash"))
        return show_hash(e);
    if (e->words != 2 || !str_eq(e->word[0], "rule") || !place(e->word[1]))
        return bad_words(e);
    ethtool_error(e, 1, "rxclass: Cannot get RX class rule: %s", why_not(e));
    return ethtool_error(e, 1, "Cannot get RX classification rule");
}

int ethtool_set_nfc(struct ethtool *e)
{
    if (e->words < 2)
        return bad_words(e);
    if (str_eq(e->word[0], "rx-flow-hash"))
        return set_hash(e);
    if (str_eq(e->word[0], "flow-type"))
        return add_rule(e);
    if (!str_eq(e->word[0], "delete") || !place(e->word[1]))
        return bad_words(e);
    ethtool_error(e, 1, "rmgr: Cannot delete RX class rule: %s", why_not(e));
    return ethtool_error(e, 1, "Cannot delete classification rule");
}
