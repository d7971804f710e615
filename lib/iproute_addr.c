/* Addresses and prefixes as iproute2's commands read them (contract: iproute.h).
 *
 * IPv4 may be shortened from behind ("10.1" is 10.1.0.0) and a prefix may have a mask in place of its length. What is
 * mapped from IPv4 into IPv6 ("::ffff:10.1.0.1") is neither: keys of either family are told apart by these very bytes.
 * Nothing but words is looked at, and nothing is kept.
 */
#include "lib/iproute.h"
#include "lib/parse.h"
#include "lib/string.h"

static const char *family_word(u8 family)
{
    return family == 4 ? "inet" : family == 6 ? "inet6" : "any valid";
}

bool ip_is_default(const char *word)
{
    return str_eq(word, "default") || str_eq(word, "any") || str_eq(word, "all");
}

/* Up to four numbers of a byte each; those that are missing are 0. Gives where they end; NULL: it is none. */
static const char *read_short4(const char *s, struct ipaddr *a)
{
    u8 b[4] = {0};
    for (unsigned i = 0; i < 4; i++) {
        unsigned v = 0, digits = 0;
        for (; char_is_digit(*s) && digits < 4; s++, digits++)
            v = v * 10 + (unsigned)(*s - '0');
        if (!digits || v > 255)
            return NULL;
        b[i] = (u8)v;
        if (*s != '.' || i == 3)
            break;
        s++;
    }
    *a = ipaddr_of4(b[0], b[1], b[2], b[3]);
    return s;
}

static bool is_short4(const char *s, struct ipaddr *a)
{
    struct ipaddr v;
    const char *end = read_short4(s, &v);
    if (!end || *end)
        return false;
    *a = v;
    return true;
}

static bool read_addr(const char *s, u8 family, struct ipaddr *a)
{
    if (family != 6 && is_short4(s, a))
        return true;
    return family != 4 && strchr(s, ':') && !parse_addr(s, a, NULL) && !ipaddr_is4(a);
}

bool ip_addr(struct ip_words *w, const char *word, u8 family, struct ipaddr *a)
{
    if (w->status || !word)
        return false;
    if (read_addr(word, family, a))
        return true;
    ip_fail(w, 1, "Error: %s address is expected rather than \"%s\".", family_word(family), word);
    return false;
}

/* "/24", or "/255.255.255.0" */
static bool read_bits(const char *s, const struct ipaddr *a, u8 *bits)
{
    struct ipaddr mask;
    u64 v;
    if (char_is_digit(s[0]) && (!s[1] || (s[0] != '0' && char_is_digit(s[1]) && !s[2]))) { /* nearly all */
        *bits = (u8)(s[1] ? (s[0] - '0') * 10 + s[1] - '0' : s[0] - '0');
        return *bits <= ipaddr_bits(a);
    }
    if (!parse_u64(s, 0, ipaddr_bits(a), &v, NULL)) {
        *bits = (u8)v;
        return true;
    }
    if (!ipaddr_is4(a) || !strchr(s, '.') || !is_short4(s, &mask))
        return false;
    u32 m = load_be32(mask.b + 12);
    *bits = (u8)(m ? 32 - __builtin_ctz(m) : 0);
    return *bits == 0 || m == ~0u << (32 - *bits);
}

static bool read_prefix(const char *word, u8 family, struct ipprefix *p)
{
    char text[64];
    const char *slash = family == 6 ? NULL : read_short4(word, &p->addr);

    if (slash && (!*slash || *slash == '/')) {
        p->bits = 32;
        return !*slash || read_bits(slash + 1, &p->addr, &p->bits);
    }
    if (ip_is_default(word)) {
        *p = (struct ipprefix){family == 6 ? (struct ipaddr){{0}} : ipaddr_of4(0, 0, 0, 0), 0};
        return true;
    }
    slash = strchrnul(word, '/');
    if (str_copy_n(text, sizeof(text), word, (size_t)(slash - word)) >= sizeof(text) ||
        !read_addr(text, family, &p->addr))
        return false;
    p->bits = (u8)ipaddr_bits(&p->addr);
    return !*slash || read_bits(slash + 1, &p->addr, &p->bits);
}

bool ip_prefix(struct ip_words *w, const char *word, u8 family, struct ipprefix *p)
{
    if (w->status || !word)
        return false;
    if (read_prefix(word, family, p))
        return true;
    ip_fail(w, 1, "Error: %s prefix is expected rather than \"%s\".", family_word(family), word);
    return false;
}

void ip_u32(struct ip_words *w, const char *why, u32 low, u32 high, u32 *v)
{
    const char *word = ip_value(w);
    if (word && parse_u32(word, low, high, v, NULL))
        ip_invalid(w, word, why);
}
