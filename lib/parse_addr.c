/* Addresses from text: IPv4, IPv6 (RFC 4291 2.2), prefixes, MACs.
 *
 * What is taken is what inet_pton takes, no more: an octet has no leading zero and at most three digits (an octal
 * reading is how filters are fooled), IPv6 has at most one "::" and it stands for at least one group. One addition:
 * an IPv6 text of a v4-mapped address is that IPv4 address, since here they are the same bytes (contract 11).
 */
#include "lib/parse.h"

#include "lib/string.h"

static int read_quad(const char *word, const char *s, const char *end, u8 *b, struct parse_bad *bad)
{
    for (int i = 0; i < 4; i++) {
        unsigned v = 0, digits = 0;
        const char *begin = s;
        for (; s < end && char_is_digit(*s); s++, digits++) {
            v = v * 10 + (unsigned)(*s - '0');
            if (v > 255)
                return parse_refuse(bad, word, begin, -EINVAL, "a part of an IPv4 address is above 255");
        }
        if (!digits)
            return parse_refuse(bad, word, s, -EINVAL, "an IPv4 address is written 192.0.2.1");
        if (digits > 1 && *begin == '0')
            return parse_refuse(bad, word, begin, -EINVAL, "a part of an IPv4 address has a leading zero");
        b[i] = (u8)v;
        if (i < 3 && (s == end || *s++ != '.'))
            return parse_refuse(bad, word, s, -EINVAL, "an IPv4 address has four parts");
    }
    return s == end ? 0 : parse_refuse(bad, word, s, -EINVAL, "more than an IPv4 address");
}

static int hex_value(char c)
{
    c = char_lower(c);
    return char_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct groups {
    u8 b[16];
    unsigned n; /* groups read */
    int gap;    /* which group "::" stands before, -1: none */
};

/* One group, or the dotted quad that may stand for the last two; moves *s. */
static int read_group(const char *word, const char **s, const char *end, struct groups *g, struct parse_bad *bad)
{
    const char *p = *s;
    unsigned v = 0;

    while (p < end && hex_value(*p) >= 0 && p - *s < 5)
        v = v << 4 | (unsigned)hex_value(*p++);
    if (p < end && *p == '.' && g->n <= 6) {
        int err = read_quad(word, *s, end, g->b + 2 * g->n, bad);
        g->n += 2;
        *s = end;
        return err;
    }
    if (p == *s)
        return parse_refuse(bad, word, p, -EINVAL, "not a hexadecimal digit");
    if (p - *s > 4)
        return parse_refuse(bad, word, *s, -EINVAL, "a group of an IPv6 address has at most four digits");
    if (g->n == 8)
        return parse_refuse(bad, word, *s, -EINVAL, "an IPv6 address has at most eight groups");
    g->b[2 * g->n] = (u8)(v >> 8);
    g->b[2 * g->n + 1] = (u8)v;
    g->n++;
    *s = p;
    return 0;
}

static int read_groups(const char *word, const char *s, const char *end, struct groups *g, struct parse_bad *bad)
{
    if (end - s >= 2 && s[0] == ':' && s[1] == ':') {
        g->gap = 0;
        s += 2;
    }
    while (s < end) {
        int err = read_group(word, &s, end, g, bad);
        if (err || s == end)
            return err;
        if (*s++ != ':')
            return parse_refuse(bad, word, s - 1, -EINVAL, "not a hexadecimal digit");
        if (s < end && *s == ':') {
            if (g->gap >= 0)
                return parse_refuse(bad, word, s - 1, -EINVAL, "\"::\" can stand only once");
            g->gap = (int)g->n;
            s++;
        } else if (s == end) {
            return parse_refuse(bad, word, s - 1, -EINVAL, "a single \":\" at the end");
        }
    }
    return 0;
}

static int read_v6(const char *word, const char *s, const char *end, struct ipaddr *a, struct parse_bad *bad)
{
    struct groups g = {.gap = -1};
    int err = read_groups(word, s, end, &g, bad);

    if (err)
        return err;
    if (g.gap < 0 ? g.n != 8 : g.n > 7)
        return parse_refuse(bad, word, end, -EINVAL,
                            g.gap < 0 ? "an IPv6 address has eight groups" : "\"::\" stands for no group");
    if (g.gap >= 0) {
        unsigned before = 2 * (unsigned)g.gap, after = 2 * (g.n - (unsigned)g.gap);
        memmove(g.b + 16 - after, g.b + before, after);
        memset(g.b + before, 0, 16 - before - after);
    }
    memcpy(a->b, g.b, 16);
    return 0;
}

static int read_addr(const char *word, const char *end, struct ipaddr *a, struct parse_bad *bad)
{
    struct ipaddr got = ipaddr_of4(0, 0, 0, 0);
    int err = memchr(word, ':', (size_t)(end - word)) ? read_v6(word, word, end, &got, bad)
                                                      : read_quad(word, word, end, got.b + 12, bad);
    if (!err)
        *a = got;
    return err;
}

int parse_addr(const char *s, struct ipaddr *a, struct parse_bad *bad)
{
    return read_addr(s, s + strlen(s), a, bad);
}

int parse_prefix(const char *s, struct ipprefix *p, struct parse_bad *bad)
{
    const char *slash = strchrnul(s, '/');
    struct ipprefix got;
    u64 bits;
    struct parse_bad in_bits;

    if (str_eq(s, "default") || str_eq(s, "any") || str_eq(s, "all")) {
        *p = (struct ipprefix){ipaddr_of4(0, 0, 0, 0), 0};
        return 0;
    }
    int err = read_addr(s, slash, &got.addr, bad);
    if (err)
        return err;
    bits = ipaddr_bits(&got.addr);
    if (*slash) {
        err = parse_u64(slash + 1, 0, bits, &bits, &in_bits);
        if (err)
            return parse_refuse(bad, s, slash + 1 + in_bits.at, err,
                                err != -ERANGE ? "a prefix length is a number"
                                : bits == 32   ? "a prefix of IPv4 has at most 32 bits"
                                               : "a prefix of IPv6 has at most 128 bits");
    }
    got.bits = (u8)bits;
    *p = got;
    return 0;
}

int parse_mac(const char *s, struct macaddr *m, struct parse_bad *bad)
{
    struct macaddr got;
    const char *p = s;
    char sep = s[0] && s[1] && s[2] == '-' ? '-' : ':';

    for (int i = 0; i < 6; i++) {
        int high = hex_value(p[0]), low = high < 0 ? -1 : hex_value(p[1]);
        if (low < 0)
            return parse_refuse(bad, s, p, -EINVAL, "a MAC address is written 02:00:5e:10:00:01");
        got.b[i] = (u8)(high << 4 | low);
        p += 2;
        if (i < 5 && *p++ != sep)
            return parse_refuse(bad, s, p - 1, -EINVAL, "a MAC address is written 02:00:5e:10:00:01");
    }
    if (*p)
        return parse_refuse(bad, s, p, -EINVAL, "more than a MAC address");
    *m = got;
    return 0;
}
