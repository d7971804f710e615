/* ethtool -x and -X: the table by which a device spreads flows over its queues, and the key of its hash
 * (net/dev/rss.h).
 *
 *     ethtool -X IF [start N] [equal N | weight W0 W1 ... | default] [hkey KEY] [hfunc toeplitz]
 *
 * What is asked for is kept as words, not as a table: it means the same when the device is dumped and typed again.
 */
#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/ethtool.h"
#include "net/dev/rss.h"
#include "net/dev/updown.h"

/* ---- the table ---- */

static u32 sum_of(const struct dev_rss *r)
{
    u32 sum = 0;
    for (u32 i = 0; i < r->weights; i++)
        sum += r->weight[i];
    return sum;
}

void rss_fill(struct dev_rss *r, u32 queues)
{
    u32 sum = sum_of(r), at = ~0u, part = 0;

    for (u32 i = 0; i < r->table_n; i++) {
        if (rss_is_default(r)) {
            r->table[i] = (u16)(i % queues);
        } else if (r->equal) {
            r->table[i] = (u16)(r->start + i % r->equal);
        } else {
            while (i >= r->table_n * part / sum)
                part += r->weight[++at];
            r->table[i] = (u16)(r->start + at);
        }
    }
}

u32 ethtool_rss_most(const struct netdev *dev)
{
    u32 most = 0;
    for (u32 i = 0; dev->rss && !rss_is_default(dev->rss) && i < dev->rss->table_n; i++)
        most = max(most, (u32)dev->rss->table[i]);
    return most;
}

/* ---- -x ---- */

static const char not_supported[] = "Operation not supported";

static void show_table(struct out *o, const struct dev_rss *r)
{
    for (u32 i = 0; i < r->table_n; i++) {
        if (i % 8 == 0)
            out_text(o, "%5u: ", i);
        out_text(o, " %5u%s", r->table[i], i % 8 == 7 || i + 1 == r->table_n ? "\n" : "");
    }
}

int ethtool_rxfh(struct ethtool *e)
{
    struct out *o = e->c->out;

    if (!e->dev->ops->set_queues)
        return ethtool_error(e, 1, "Cannot get RX ring count: %s", not_supported);
    out_text(o, "RX flow hash indirection table for %s with %u RX ring(s):\n", e->dev->port.name, e->dev->rxqs);
    if (!e->dev->rss) {
        out_text(o, "%s\nRSS hash key:\n%s\nRSS hash function:\n%s\n", not_supported, not_supported, not_supported);
        return 0;
    }
    conf_enter(); /* a copy: who prints may wait */
    struct dev_rss r = *e->dev->rss;
    conf_leave();
    show_table(o, &r);
    out_text(o, "RSS hash key:\n");
    for (u32 i = 0; i < r.key_n; i++)
        out_text(o, "%02x%s", r.key[i], i + 1 < r.key_n ? ":" : "\n");
    out_text(o, "RSS hash function:\n    toeplitz: on\n    xor: off\n    crc32: off\n");
    return 0;
}

/* ---- -X ---- */

static int bad_words(struct ethtool *e)
{
    return ethtool_error(e, 1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h");
}

static int read_key(struct ethtool *e, struct dev_rss *r, const char *text)
{
    u32 n = 0;
    for (; n < r->key_n; n++, text += *text == ':') {
        if (char_hex(text[0]) < 0 || char_hex(text[1]) < 0 || (text[2] && text[2] != ':'))
            return ethtool_error(e, 1, "Invalid RSS hash key format");
        r->key[n] = (u8)(char_hex(text[0]) << 4 | char_hex(text[1]));
        text += 2;
        if (!*text && n + 1 < r->key_n)
            break;
    }
    if (*text || n < r->key_n)
        return ethtool_error(e, 1, "Invalid RSS hash key: it has %u bytes", r->key_n);
    r->key_asked = true;
    return 0;
}

static int read_weights(struct ethtool *e, struct dev_rss *r, int *at)
{
    u32 w;
    r->weights = r->equal = 0;
    while (*at < e->words && r->weights < RSS_WEIGHTS && !parse_u32(e->word[*at], 0, RSS_TABLE, &w, NULL)) {
        r->weight[r->weights++] = w;
        ++*at;
    }
    if (!r->weights)
        return bad_words(e);
    if (!sum_of(r))
        return ethtool_error(e, 1, "At least one weight must be non-zero");
    if (sum_of(r) > r->table_n)
        return ethtool_error(e, 1, "Total weight exceeds the size of the indirection table");
    return 0;
}

static int read_words(struct ethtool *e, struct dev_rss *r)
{
    int status = 0;
    u32 start = 0;

    for (int i = 0; i < e->words && !status;) {
        const char *word = e->word[i++], *value = i < e->words ? e->word[i] : "";
        if (str_eq(word, "default")) {
            r->equal = r->weights = 0;
        } else if (str_eq(word, "weight")) {
            status = read_weights(e, r, &i);
        } else if (str_eq(word, "equal") && !parse_u32(value, 1, RSS_TABLE, &r->equal, NULL)) {
            r->weights = 0;
            i++;
        } else if (str_eq(word, "start") && !parse_u32(value, 0, 0xffff, &start, NULL)) {
            i++;
        } else if (str_eq(word, "hkey")) {
            status = read_key(e, r, value);
            i++;
        } else if (str_eq(word, "hfunc")) {
            if (!str_eq(value, "toeplitz"))
                return ethtool_error(e, 1, "Cannot set RX flow hash configuration: %s", not_supported);
            i++;
        } else {
            return bad_words(e);
        }
    }
    r->start = start;
    return status;
}

int ethtool_set_rxfh(struct ethtool *e)
{
    struct netdev *dev = e->dev;
    struct dev_rss r;
    u32 most = 0;

    if (!dev->rss)
        return ethtool_error(e, 1, "Cannot get RX ring count: %s", not_supported);
    if (!e->words)
        return bad_words(e);
    r = *dev->rss;
    int status = read_words(e, &r);
    if (status)
        return status;
    rss_fill(&r, dev->rxqs);
    for (u32 i = 0; i < r.table_n; i++)
        most = max(most, (u32)r.table[i]);
    int err = most >= dev->rxqs ? -EINVAL : dev_set_rss(dev, &r);
    return err ? ethtool_error(e, 1, "Cannot set RX flow hash configuration: %s", errno_text(err)) : 0;
}

/* ---- dump ---- */

void ethtool_dump_rss(struct out *o, const struct netdev *dev)
{
    const struct dev_rss *r = dev->rss;

    if (!r || (rss_is_default(r) && !r->key_asked))
        return;
    out_text(o, "ethtool -X ");
    out_word(o, dev->port.name);
    if (r->start)
        out_text(o, " start %u", r->start);
    if (r->equal)
        out_text(o, " equal %u", r->equal);
    for (u32 i = 0; i < r->weights; i++)
        out_text(o, "%s %u", i ? "" : " weight", r->weight[i]);
    for (u32 i = 0; r->key_asked && i < r->key_n; i++)
        out_text(o, "%s%02x", i ? ":" : " hkey ", r->key[i]);
    out_text(o, "\n");
}
