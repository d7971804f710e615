/* Text to values: numbers, units, ranges, lists.
 *
 * Every reader walks a NUL-terminated word once, left to right, and checks for overflow before it happens. Addresses
 * are in parse_addr.c, the tokenizer in token.c.
 */
#include "lib/parse.h"

#include "lib/string.h"

static int digit_of(char c)
{
    c = char_lower(c);
    return char_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Reads digits at *s; moves it. */
static int read_digits(const char *word, const char **s, unsigned base, u64 *v, struct parse_bad *bad)
{
    const char *p = *s;
    u64 n = 0;

    if (digit_of(*p) >= (int)base)
        return parse_refuse(bad, word, p, -EINVAL, "not a number");
    for (; digit_of(*p) < (int)base; p++) {
        u64 d = (u64)digit_of(*p);
        if (n > (~0ull - d) / base)
            return parse_refuse(bad, word, p, -ERANGE, "a number too large");
        n = n * base + d;
    }
    *s = p;
    *v = n;
    return 0;
}

static int read_number(const char *word, const char **s, u64 *v, struct parse_bad *bad)
{
    unsigned base = 10;

    if ((*s)[0] == '0' && char_lower((*s)[1]) == 'x' && digit_of((*s)[2]) < 16) {
        base = 16;
        *s += 2;
    } else if ((*s)[0] == '0' && char_is_digit((*s)[1])) {
        base = 8;
    }
    return read_digits(word, s, base, v, bad);
}

int parse_u64(const char *s, u64 low, u64 high, u64 *v, struct parse_bad *bad)
{
    const char *p = s;
    u64 n;
    int err = read_number(s, &p, &n, bad);

    if (err)
        return err;
    if (*p)
        return parse_refuse(bad, s, p, -EINVAL, "more than a number");
    if (n < low || n > high)
        return parse_refuse(bad, s, s, -ERANGE, n < low ? "too small" : "too large");
    *v = n;
    return 0;
}

int parse_i64(const char *s, i64 low, i64 high, i64 *v, struct parse_bad *bad)
{
    bool minus = *s == '-';
    const char *p = s + (minus || *s == '+');
    u64 n, most = minus ? 1ull << 63 : (1ull << 63) - 1;
    int err = read_number(s, &p, &n, bad);

    if (err)
        return err;
    if (*p)
        return parse_refuse(bad, s, p, -EINVAL, "more than a number");
    if (n > most)
        return parse_refuse(bad, s, s, -ERANGE, minus ? "too small" : "too large");
    i64 got = minus ? (i64)(0 - n) : (i64)n;
    if (got < low || got > high)
        return parse_refuse(bad, s, s, -ERANGE, got < low ? "too small" : "too large");
    *v = got;
    return 0;
}

int parse_u32(const char *s, u32 low, u32 high, u32 *v, struct parse_bad *bad)
{
    u64 n;
    int err = parse_u64(s, low, high, &n, bad);

    if (!err)
        *v = (u32)n;
    return err;
}

int parse_hex(const char *s, u64 *v, struct parse_bad *bad)
{
    const char *p = s + (s[0] == '0' && char_lower(s[1]) == 'x' ? 2 : 0);
    u64 n;
    int err = read_digits(s, &p, 16, &n, bad);

    if (err)
        return err;
    if (*p)
        return parse_refuse(bad, s, p, -EINVAL, "not a hexadecimal digit");
    *v = n;
    return 0;
}

int parse_bool(const char *s, bool *v, struct parse_bad *bad)
{
    static const char *const words[] = {"0", "1", "off", "on", "no", "yes", "false", "true"};

    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(s, words[i]) == 0) {
            *v = i & 1;
            return 0;
        }
    }
    return parse_refuse(bad, s, s, -EINVAL, "neither on nor off");
}

struct unit {
    const char *name;
    u64 mul, div;
};

static const struct unit *find_unit(const char *s, const struct unit *units, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (strcasecmp(s, units[i].name) == 0)
            return &units[i];
    return NULL;
}

/* v * part / scale, where part < scale <= 10^6: of a day in ns the product would not fit. */
static u64 part_of(u64 v, u64 part, u64 scale)
{
    return v / scale * part + v % scale * part / scale;
}

/* A decimal number with up to six digits behind the point, then a unit. */
static int read_measure(const char *s, const struct unit *units, unsigned nunits, u64 *v, struct parse_bad *bad)
{
    const char *p = s;
    u64 whole, part = 0, scale = 1, got;
    int err = read_digits(s, &p, 10, &whole, bad);

    if (err)
        return err;
    if (*p == '.') {
        for (p++; char_is_digit(*p); p++) {
            if (scale == 1000000)
                return parse_refuse(bad, s, p, -EINVAL, "more than six digits behind the point");
            part = part * 10 + (u64)(*p - '0');
            scale *= 10;
        }
    }
    const struct unit *u = find_unit(p, units, nunits);
    if (!u)
        return parse_refuse(bad, s, p, -EINVAL, "an unknown unit");
    if (__builtin_mul_overflow(whole, u->mul, &got) || __builtin_add_overflow(got, part_of(u->mul, part, scale), &got))
        return parse_refuse(bad, s, s, -ERANGE, "too large");
    *v = got / u->div;
    return 0;
}

#define K 1000ull
#define I 1024ull

int parse_rate(const char *s, u64 *bits_per_s, struct parse_bad *bad)
{
    static const struct unit units[] = {
        {"", 1, 1},
        {"bit", 1, 1},
        {"kbit", K, 1},
        {"mbit", K * K, 1},
        {"gbit", K * K * K, 1},
        {"tbit", K * K * K * K, 1},
        {"kibit", I, 1},
        {"mibit", I * I, 1},
        {"gibit", I * I * I, 1},
        {"tibit", I * I * I * I, 1},
        {"bps", 8, 1},
        {"kbps", 8 * K, 1},
        {"mbps", 8 * K * K, 1},
        {"gbps", 8 * K * K * K, 1},
        {"tbps", 8 * K * K * K * K, 1},
        {"kibps", 8 * I, 1},
        {"mibps", 8 * I * I, 1},
        {"gibps", 8 * I * I * I, 1},
        {"tibps", 8 * I * I * I * I, 1},
    };
    return read_measure(s, units, ARRAY_LEN(units), bits_per_s, bad);
}

int parse_size(const char *s, u64 *bytes, struct parse_bad *bad)
{
    static const struct unit units[] = {
        {"", 1, 1},
        {"b", 1, 1},
        {"k", I, 1},
        {"kb", I, 1},
        {"m", I * I, 1},
        {"mb", I * I, 1},
        {"g", I * I * I, 1},
        {"gb", I * I * I, 1},
        {"kbit", I, 8},
        {"mbit", I * I, 8},
        {"gbit", I * I * I, 8},
    };
    return read_measure(s, units, ARRAY_LEN(units), bytes, bad);
}

int parse_time(const char *s, u64 unit_ns, u64 *ns, struct parse_bad *bad)
{
    const u64 ms = NS_PER_MS, us = NS_PER_US, sec = NS_PER_S;
    const struct unit units[] = {
        {"", unit_ns, 1},     {"ns", 1, 1},          {"nsec", 1, 1},   {"nsecs", 1, 1},    {"us", us, 1},
        {"usec", us, 1},      {"usecs", us, 1},      {"ms", ms, 1},    {"msec", ms, 1},    {"msecs", ms, 1},
        {"s", sec, 1},        {"sec", sec, 1},       {"secs", sec, 1}, {"m", 60 * sec, 1}, {"min", 60 * sec, 1},
        {"h", 3600 * sec, 1}, {"d", 86400 * sec, 1},
    };
    return read_measure(s, units, ARRAY_LEN(units), ns, bad);
}

int parse_range(const char *s, u64 low, u64 high, u64 *from, u64 *to, struct parse_bad *bad)
{
    const char *p = s;
    u64 a, b;
    int err = read_number(s, &p, &a, bad);

    b = a;
    if (!err && *p == '-') {
        p++;
        err = read_number(s, &p, &b, bad);
    }
    if (err)
        return err;
    if (a < low || b > high)
        return parse_refuse(bad, s, s, -ERANGE, a < low ? "too small" : "too large");
    if (b < a)
        return parse_refuse(bad, s, s, -EINVAL, "a range whose end is below its beginning");
    if (*p)
        return parse_refuse(bad, s, p, -EINVAL, "more than a range");
    *from = a;
    *to = b;
    return 0;
}

unsigned parse_words(char *line, char **words, unsigned size)
{
    unsigned n = 0;

    for (;;) {
        while (char_is_space(*line))
            *line++ = '\0';
        if (!*line || n + 1 >= size)
            break;
        words[n++] = line;
        while (*line && !char_is_space(*line))
            line++;
    }
    words[n] = NULL;
    return n;
}
