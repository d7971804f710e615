/* What a line is sorted by.
 *
 * Fields, as GNU sort has them: without -t a field begins with the blanks before it; with -t each separator ends one.
 * Numbers are compared as text, digit by digit, so they may be of any length and have fractions; there is no
 * conversion that could overflow. Any bytes are welcome.
 */
#include "apps/shell/sort_key.h"
#include "lib/string.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool sort_how_letter(struct sort_how *how, char letter)
{
    switch (letter) {
    case 'n': how->numeric = true; break;
    case 'r': how->reverse = true; break;
    case 'f': how->fold = true; break;
    case 'b': how->blanks = true; break;
    case 'V': how->version = true; break;
    default: return false;
    }
    how->any = true;
    return true;
}

static u32 read_number(const char **s)
{
    u32 v = 0;
    for (; char_is_digit(**s); ++*s)
        v = min(v * 10 + (u32)(**s - '0'), 100000u);
    return v;
}

/* F[.C][letters] */
static bool read_place(const char **s, bool first, u32 *field, u32 *nth, bool *blanks, struct sort_how *how)
{
    *field = read_number(s);
    *nth = 0;
    if (**s == '.') {
        ++*s;
        if (!char_is_digit(**s))
            return false;
        *nth = read_number(s);
        if (first && !*nth)
            return false;
    }
    for (; **s && **s != ','; ++*s) {
        if (**s == 'b')
            *blanks = how->any = true;
        else if (!sort_how_letter(how, **s))
            return false;
    }
    return *field > 0;
}

int sort_key_parse(const char *s, struct sort_key *k)
{
    *k = (struct sort_key){0};
    if (!read_place(&s, true, &k->from_field, &k->from_char, &k->from_blanks, &k->how))
        return -EINVAL;
    if (*s == ',') {
        s++;
        if (!read_place(&s, false, &k->to_field, &k->to_char, &k->to_blanks, &k->how))
            return -EINVAL;
    }
    return *s ? -EINVAL : 0;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* Past one field; `over`: past its separator too. */
static const char *skip_field(const char *p, const char *end, int separator, bool over)
{
    if (separator < 0) {
        p = skip_blanks(p, end);
        while (p < end && !is_blank(*p))
            p++;
        return p;
    }
    while (p < end && (u8)*p != separator)
        p++;
    return p < end && over ? p + 1 : p;
}

struct sort_text sort_key_find(const struct sort_key *k, struct sort_text line, int separator)
{
    const char *end = line.p + line.n, *from = line.p, *to = line.p;
    for (u32 i = 1; i < k->from_field && from < end; i++)
        from = skip_field(from, end, separator, true);
    if (k->from_blanks || k->how.blanks)
        from = skip_blanks(from, end);
    if (k->from_char)
        from += min((size_t)(k->from_char - 1), (size_t)(end - from));
    if (!k->to_field)
        return (struct sort_text){from, (size_t)(end - from)};
    u32 fields = k->to_char ? k->to_field - 1 : k->to_field;
    for (u32 i = 1; i <= fields && to < end; i++)
        to = skip_field(to, end, separator, i < fields || k->to_char);
    if (k->to_char) {
        if (k->to_blanks || k->how.blanks)
            to = skip_blanks(to, end);
        to += min((size_t)k->to_char, (size_t)(end - to));
    }
    return (struct sort_text){from, to > from ? (size_t)(to - from) : 0};
}

/* ---- numbers ---- */

struct number {
    bool negative;
    const char *whole, *part; /* digits without leading zeros; behind the point */
    size_t whole_n, part_n;   /* without trailing zeros */
};

static struct number read_decimal(struct sort_text t)
{
    struct number v = {0};
    const char *p = skip_blanks(t.p, t.p + t.n), *end = t.p + t.n;
    if (p < end && *p == '-') {
        v.negative = true;
        p++;
    }
    while (p < end && *p == '0')
        p++;
    for (v.whole = p; p < end && char_is_digit(*p); p++)
        v.whole_n++;
    if (p < end && *p == '.') {
        for (v.part = ++p; p < end && char_is_digit(*p); p++)
            v.part_n++;
        while (v.part_n && v.part[v.part_n - 1] == '0')
            v.part_n--;
    }
    if (!v.whole_n && !v.part_n)
        v.negative = false;
    return v;
}

static int compare_bytes(const char *a, size_t an, const char *b, size_t bn)
{
    size_t n = min(an, bn);
    int order = n ? memcmp(a, b, n) : 0;
    return order ? order : (an > bn) - (an < bn);
}

int sort_compare_numbers(struct sort_text a, struct sort_text b)
{
    struct number x = read_decimal(a), y = read_decimal(b);
    if (x.negative != y.negative)
        return x.negative ? -1 : 1;
    int order = (x.whole_n > y.whole_n) - (x.whole_n < y.whole_n);
    if (!order)
        order = compare_bytes(x.whole, x.whole_n, y.whole, y.whole_n);
    if (!order)
        order = compare_bytes(x.part, x.part_n, y.part, y.part_n);
    return x.negative ? -order : order;
}

/* Where a byte stands in a version: `~` first, then the end and digits, letters, all else. */
static int version_weight(struct sort_text t, size_t i)
{
    if (i >= t.n || char_is_digit(t.p[i]))
        return 0;
    return t.p[i] == '~' ? -1 : char_is_alpha(t.p[i]) ? (u8)t.p[i] : (u8)t.p[i] + 256;
}

static size_t past_digits(struct sort_text t, size_t i)
{
    while (i < t.n && char_is_digit(t.p[i]))
        i++;
    return i;
}

/* Runs of digits by their value, the rest by weight: eth2 stands before eth10. */
int sort_compare_versions(struct sort_text a, struct sort_text b)
{
    for (size_t i = 0, j = 0; i < a.n || j < b.n;) {
        int x, y;
        while ((x = version_weight(a, i)) != 0 || (y = version_weight(b, j)) != 0) {
            y = version_weight(b, j);
            if (x != y)
                return x < y ? -1 : 1;
            i++, j++;
        }
        size_t from_a = i, from_b = j;
        i = past_digits(a, i);
        j = past_digits(b, j);
        struct sort_text n = {a.p + from_a, i - from_a}, m = {b.p + from_b, j - from_b};
        int order = sort_compare_numbers(n, m);
        if (order)
            return order;
    }
    return 0;
}

static int compare_folded(struct sort_text a, struct sort_text b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        u8 x = (u8)char_upper(a.p[i]), y = (u8)char_upper(b.p[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.n > b.n) - (a.n < b.n);
}

int sort_compare(const struct sort_how *how, struct sort_text a, struct sort_text b)
{
    int order = how->numeric   ? sort_compare_numbers(a, b)
                : how->version ? sort_compare_versions(a, b)
                : how->fold    ? compare_folded(a, b)
                               : compare_bytes(a.p, a.n, b.p, b.n);
    return how->reverse ? -order : order;
}
