/* Bytes and strings under the C library's names (contract: lib/string.h).
 *
 * For the image that has no C library. Written so that no compiler turns a loop here into a call of the function that
 * it stands in: the long ones go by words of 8 bytes, which is also what makes them cheap in instructions.
 * A word is examined for a zero byte by (w - 0x01..01) & ~w & 0x80..80: the lowest bit set stands in the first zero.
 *
 * memcpy, memmove and memset are not here: kernel/mem.S has them. Nothing here allocates, but for str_dup.
 */
#include "lib/string.h"
#include "lib/byteorder.h"
#include "lib/plat.h"

#define ONES  0x0101010101010101ull
#define HIGHS 0x8080808080808080ull

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *p = a, *q = b;

    for (; n >= 8; p += 8, q += 8, n -= 8) {
        u64 v = load_be64(p), w = load_be64(q);
        if (v != w)
            return v < w ? -1 : 1;
    }
    for (; n; p++, q++, n--)
        if (*p != *q)
            return *p - *q;
    return 0;
}

/* A word that the compiler knows nothing of. Aligned, it may reach past the end of what there is to be read, but never
 * into another page: so no fault, yet the sanitizer must not look. A macro: a function would be the sanitizer's again.
 */
#define WORD_AT(s) (*(const __attribute__((may_alias)) u64 *)(s))

/* Whoever asks for the first of its kind may say more bytes than there are behind it (strnlen). */
__attribute__((no_sanitize("address"))) void *memchr(const void *p, int byte, size_t n)
{
    const u8 *s = p;
    u64 pattern = ONES * (u8)byte;

    for (; n && (uintptr_t)s % 8; s++, n--)
        if (*s == (u8)byte)
            return (u8 *)s;
    for (; n; s += 8, n -= min(n, (size_t)8)) {
        u64 w = WORD_AT(s) ^ pattern;
        u64 hit = (w - ONES) & ~w & HIGHS;
        if (hit)
            return (size_t)__builtin_ctzll(hit) / 8 < n ? (u8 *)s + __builtin_ctzll(hit) / 8 : NULL;
    }
    return NULL;
}

void *memrchr(const void *p, int byte, size_t n)
{
    const u8 *s = (const u8 *)p + n;

    while (s > (const u8 *)p)
        if (*--s == (u8)byte)
            return (u8 *)s;
    return NULL;
}

void *memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len)
{
    const u8 *s = hay;

    if (!needle_len)
        return (u8 *)s;
    while (hay_len >= needle_len) {
        const u8 *at = memchr(s, *(const u8 *)needle, hay_len - needle_len + 1);
        if (!at || memcmp(at, needle, needle_len) == 0)
            return (u8 *)at;
        hay_len -= (size_t)(at + 1 - s);
        s = at + 1;
    }
    return NULL;
}

static __attribute__((no_sanitize("address"))) const char *find_end(const char *s)
{
    for (; (uintptr_t)s % 8; s++)
        if (!*s)
            return s;
    for (;; s += 8) {
        u64 w = WORD_AT(s);
        u64 hit = (w - ONES) & ~w & HIGHS;
        if (hit)
            return s + __builtin_ctzll(hit) / 8;
    }
}

size_t strlen(const char *s)
{
    return (size_t)(find_end(s) - s);
}

size_t strnlen(const char *s, size_t max)
{
    const char *end = memchr(s, 0, max);
    return end ? (size_t)(end - s) : max;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; a++, b++, n--)
        if (!*a || *a != *b)
            return (u8)*a - (u8)*b;
    return 0;
}

int strcasecmp(const char *a, const char *b)
{
    return strncasecmp(a, b, SIZE_MAX);
}

int strncasecmp(const char *a, const char *b, size_t n)
{
    for (; n; a++, b++, n--)
        if (!*a || char_lower(*a) != char_lower(*b))
            return (u8)char_lower(*a) - (u8)char_lower(*b);
    return 0;
}

char *strchrnul(const char *s, int c)
{
    while (*s && *s != (char)c)
        s++;
    return (char *)s;
}

char *strchr(const char *s, int c)
{
    s = strchrnul(s, c);
    return *s == (char)c ? (char *)s : NULL;
}

char *strrchr(const char *s, int c)
{
    return memrchr(s, c, strlen(s) + 1);
}

char *strstr(const char *hay, const char *needle)
{
    return memmem(hay, strlen(hay), needle, strlen(needle));
}

size_t strspn(const char *s, const char *accept)
{
    const char *p = s;
    while (*p && strchr(accept, *p))
        p++;
    return (size_t)(p - s);
}

size_t strcspn(const char *s, const char *reject)
{
    const char *p = s;
    while (!strchr(reject, *p)) /* finds the terminator of s, too */
        p++;
    return (size_t)(p - s);
}

char *strpbrk(const char *s, const char *accept)
{
    s += strcspn(s, accept);
    return *s ? (char *)s : NULL;
}

size_t str_copy_n(char *to, size_t size, const char *from, size_t n)
{
    if (size) {
        size_t fits = min(n, size - 1);
        memcpy(to, from, fits);
        to[fits] = 0;
    }
    return n;
}

size_t str_copy(char *to, size_t size, const char *from)
{
    return str_copy_n(to, size, from, strlen(from));
}

size_t str_append(char *to, size_t size, const char *from)
{
    size_t used = strnlen(to, size);
    return used + str_copy(to + used, size - used, from);
}

bool str_eq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

unsigned utf8_take(const char *p, size_t n, u32 *rune)
{
    static const u32 least[] = {0, 0, 0x80, 0x800, 0x10000};
    u8 first = (u8)*p;
    unsigned bytes = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

    if (!bytes || bytes > n)
        return 0;
    *rune = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (unsigned i = 1; i < bytes; i++) {
        if (!utf8_is_rest(p[i]))
            return 0;
        *rune = *rune << 6 | ((u8)p[i] & 0x3f);
    }
    bool surrogate = *rune >= 0xd800 && *rune <= 0xdfff;
    return *rune < least[bytes] || *rune > 0x10ffff || surrogate ? 0 : bytes;
}

int char_class(const char *name, size_t n)
{
    static const char *const names[] = {"alpha", "digit", "alnum", "upper", "lower", "space",
                                        "blank", "punct", "print", "graph", "cntrl", "xdigit"};

    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
            return (int)i;
    return -1;
}

bool char_in_class(int class, char c)
{
    switch (class) {
    case 0: return char_is_alpha(c);
    case 1: return char_is_digit(c);
    case 2: return char_is_alnum(c);
    case 3: return c >= 'A' && c <= 'Z';
    case 4: return c >= 'a' && c <= 'z';
    case 5: return char_is_space(c);
    case 6: return c == ' ' || c == '\t';
    case 7: return c > ' ' && c <= '~' && !char_is_alnum(c);
    case 8: return char_is_print(c);
    case 9: return c > ' ' && c <= '~';
    case 10: return (u8)c < ' ' || c == 0x7f;
    default: return char_hex(c) >= 0;
    }
}

static char bracket_char(const char **p)
{
    if (**p == '\\' && (*p)[1])
        ++*p;
    return *(*p)++;
}

/* What stands at *p within brackets, "a", "a-z" or "[:alpha:]"; is c in it? Moves *p past it. */
static bool match_item(const char **p, char c)
{
    const char *end = (*p)[0] == '[' && (*p)[1] == ':' ? strstr(*p + 2, ":]") : NULL;
    int class = end ? char_class(*p + 2, (size_t)(end - *p) - 2) : -1;

    if (class >= 0) {
        *p = end + 2;
        return char_in_class(class, c);
    }
    u8 low = (u8)bracket_char(p), high = low;
    if ((*p)[0] == '-' && (*p)[1] && (*p)[1] != ']') {
        ++*p;
        high = (u8)bracket_char(p);
    }
    return (u8)c >= low && (u8)c <= high;
}

/* Does c stand in the brackets that begin at *at? Moves *at past them; an unclosed bracket is an ordinary '['. */
static bool match_bracket(const char **at, char c)
{
    const char *p = *at + 1;
    bool negate = *p == '!' || *p == '^', found = false;

    if (negate)
        p++;
    for (const char *first = p; *p && (*p != ']' || p == first);)
        found |= match_item(&p, c);
    if (!*p) {
        *at += 1;
        return c == '[';
    }
    *at = p + 1;
    return found != negate;
}

/* One character of s against one element of the pattern, which is moved past it. */
static bool match_one(const char **glob, char c)
{
    if (**glob == '[')
        return match_bracket(glob, c);
    if (**glob == '?') {
        ++*glob;
        return true;
    }
    if (**glob == '\\' && (*glob)[1])
        ++*glob;
    return *(*glob)++ == c;
}

/* Only the last star is ever tried again: what an earlier one could give, a later one can, too. So the time is at
 * most the product of the lengths, whatever the pattern. */
bool str_match(const char *glob, const char *s)
{
    const char *star = NULL, *star_s = NULL;

    while (*s) {
        if (*glob == '*') {
            star = ++glob;
            star_s = s;
            continue;
        }
        if (*glob && match_one(&glob, *s)) {
            s++;
            continue;
        }
        if (!star)
            return false;
        glob = star;
        s = ++star_s;
    }
    while (*glob == '*')
        glob++;
    return !*glob;
}

char *str_dup(const char *s)
{
    size_t size = strlen(s) + 1;
    char *p = mem_alloc(size);
    return p ? memcpy(p, s, size) : NULL;
}

bool mem_is_zero(const void *p, size_t n)
{
    const u8 *s = p;

    for (; n >= 8; s += 8, n -= 8)
        if (load_le64(s))
            return false;
    for (; n; s++, n--)
        if (*s)
            return false;
    return true;
}

bool mem_eq_secret(const void *a, const void *b, size_t n)
{
    const volatile u8 *p = a, *q = b;
    u8 differs = 0;

    for (; n; n--)
        differs |= *p++ ^ *q++;
    return !differs;
}

void mem_wipe(void *p, size_t n)
{
    memset(p, 0, n);
    /* A reader that the compiler cannot see keeps the stores alive. */
    void *volatile seen = p;
    (void)seen;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
