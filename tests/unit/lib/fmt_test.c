/* lib/fmt against the C library's printf over random specifications, and against inet_ntop for addresses. */
#include "lib/fmt.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/check.h"
#include "lib/ipaddr.h"

#pragma GCC diagnostic ignored "-Wformat" /* odd formats are the matter here */
#pragma GCC diagnostic ignored "-Wformat-overflow"

static unsigned below(unsigned n)
{
    return (unsigned)(test_rand() % n);
}

static u64 odd_number(void) /* small, huge and edge values alike */
{
    static const u64 edges[] = {0, 1, 9, 10, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff, 1ull << 63, ~0ull};
    switch (below(3)) {
    case 0: return edges[below(ARRAY_LEN(edges))];
    case 1: return below(1000);
    default: return test_rand() >> below(64);
    }
}

/* A random specification into f, its '*' arguments into star[]; returns how many of these. */
static int random_spec(char *f, const char *convs, const char *const *lengths, unsigned nlengths, int star[2])
{
    char *p = f;
    int n = 0;

    *p++ = '%';
    for (unsigned i = below(4); i; i--)
        *p++ = "-+ #0"[below(5)];
    if (below(4) == 0) {
        *p++ = '*';
        star[n++] = (int)below(60) - 30;
    } else if (below(2)) {
        p += sprintf(p, "%u", 1 + below(40));
    }
    if (below(3) == 0) {
        *p++ = '.';
        if (below(3) == 0) {
            *p++ = '*';
            star[n++] = (int)below(40) - 10;
        } else if (below(4)) {
            p += sprintf(p, "%u", below(40));
        }
    }
    if (nlengths)
        p += sprintf(p, "%s", lengths[below(nlengths)]);
    *p++ = convs[below((unsigned)strlen(convs))];
    *p = '\0';
    return n;
}

/* Both formatters on the same arguments. */
static void check_same(const char *f, ...)
{
    char want[256], got[256];
    va_list ap, again;

    va_start(ap, f);
    va_copy(again, ap);
    int want_len = vsnprintf(want, sizeof(want), f, ap);
    size_t got_len = fmt_v(got, sizeof(got), f, again);
    va_end(again);
    va_end(ap);
    if (memcmp(want, got, (size_t)want_len + 1) || (size_t)want_len != got_len)
        test_failed(__FILE__, __LINE__, "format %s: \"%s\", not \"%s\"", f, got, want);
}

TEST(fmt_numbers_as_printf)
{
    static const char *const lengths[] = {"", "hh", "h", "l", "ll", "z", "j", "t"};
    char f[64];
    int star[2] = {0, 0};

    for (int i = 0; i < 200000; i++) {
        int stars = random_spec(f, "diuxXo", lengths, ARRAY_LEN(lengths), star);
        u64 v = odd_number();
        if (stars == 2)
            check_same(f, star[0], star[1], v);
        else if (stars == 1)
            check_same(f, star[0], v);
        else
            check_same(f, v);
    }
}

TEST(fmt_strings_as_printf)
{
    static const char *const words[] = {"", "a", "eth0", "a longer string, with a comma", NULL};
    char f[64];
    int star[2] = {0, 0};

    for (int i = 0; i < 50000; i++) {
        int stars = random_spec(f, "s", NULL, 0, star);
        const char *v = words[below(ARRAY_LEN(words))];
        if (stars == 2)
            check_same(f, star[0], star[1], v);
        else if (stars == 1)
            check_same(f, star[0], v);
        else
            check_same(f, v);
    }
}

TEST(fmt_characters_and_pointers_as_printf)
{
    check_same("[%c][%5c][%-5c]", 'a', 'b', 'c');
    check_same("%c", 0);
    check_same("[%p][%20p][%-20p][%p]", (void *)0x1234, (void *)~0ull, (void *)1, NULL);
    check_same("100%% of %s, %d%%", "it", 5);
    check_same("%s%s%d", "", "x", 1);
    check_same("");
}

TEST(fmt_cuts_and_always_ends)
{
    char b[8];

    memset(b, 'x', sizeof(b));
    CHECK_EQ(fmt(b, 4, "%s", "abcdef"), 6);
    CHECK_STR(b, "abc");
    CHECK_EQ(b[4], 'x');
    CHECK_EQ(fmt(b, 1, "%d", 12345), 5);
    CHECK_STR(b, "");
    b[0] = 'y';
    CHECK_EQ(fmt(b, 0, "%d", 12345), 5);
    CHECK_EQ(b[0], 'y');
    CHECK_EQ(fmt(NULL, 0, "%20d|", 1), 21);
}

TEST(fmt_unknown_conversions_stop_it)
{
    char b[64];

    fmt(b, sizeof(b), "a %d %n %d", 1, NULL, 2);
    CHECK_STR(b, "a 1 %n %d");
    fmt(b, sizeof(b), "50%");
    CHECK_STR(b, "50%");
    fmt(b, sizeof(b), "%-08.3");
    CHECK_STR(b, "%-08.3");
    const char *wide = "%999999999d";
    CHECK_EQ(fmt(b, sizeof(b), wide, 1), FMT_WIDTH_MAX);
}

TEST(fmt_string_without_end_is_read_to_its_precision)
{
    char four[4] = {'a', 'b', 'c', 'd'}, b[16]; /* AddressSanitizer watches the byte behind */

    fmt(b, sizeof(b), "<%.4s>", four);
    CHECK_STR(b, "<abcd>");
}

static void check_address(const struct ipaddr *a)
{
    char want[INET6_ADDRSTRLEN], got[64];

    if (ipaddr_is4(a))
        inet_ntop(AF_INET, a->b + 12, want, sizeof(want));
    else
        inet_ntop(AF_INET6, a->b, want, sizeof(want));
    fmt(got, sizeof(got), "%pI", a);
    if (strcmp(got, want))
        test_failed(__FILE__, __LINE__, "address \"%s\", not \"%s\"", got, want);
}

TEST(fmt_addresses_as_inet_ntop)
{
    for (int i = 0; i < 100000; i++) {
        struct ipaddr a;
        for (int j = 0; j < 16; j += 2) {
            bool zero = below(3) != 0;
            a.b[j] = zero ? 0 : (u8)(test_rand() >> below(9));
            a.b[j + 1] = zero ? 0 : (u8)test_rand();
        }
        if (below(4) == 0)
            a = ipaddr_of4(a.b[0], a.b[1], a.b[2], a.b[3]);
        check_address(&a);
    }
    struct ipaddr all = {{0}};
    for (unsigned mask = 0; mask < 256; mask++) { /* every pattern of zero groups */
        for (int g = 0; g < 8; g++)
            all.b[2 * g + 1] = mask >> g & 1;
        check_address(&all);
    }
}

TEST(fmt_addresses_in_text)
{
    struct ipaddr v4 = ipaddr_of4(192, 0, 2, 1), v6 = {{0x20, 1, 0xd, 0xb8, [15] = 1}};
    struct macaddr m = {{2, 0, 0x5e, 0x10, 0, 0xff}};
    char b[128];

    fmt(b, sizeof(b), "inet %pI/%u brd %-16pI|%20pI|", &v4, 24, &v4, &v6);
    CHECK_STR(b, "inet 192.0.2.1/24 brd 192.0.2.1       |         2001:db8::1|");
    fmt(b, sizeof(b), "%pM %pI %pM", &m, NULL, &m);
    CHECK_STR(b, "02:00:5e:10:00:ff (nil) 02:00:5e:10:00:ff");
}

struct pieces {
    char text[64];
    size_t n;
};

static void take_piece(void *arg, const char *p, size_t n)
{
    struct pieces *t = arg;
    memcpy(t->text + t->n, p, n);
    t->n += n;
    t->text[t->n] = '\0';
}

TEST(fmt_to_a_function)
{
    struct pieces t = {.n = 0};

    CHECK_EQ(fmt_to(take_piece, &t, "%s is %05d\n", "it", -42), 12);
    CHECK_STR(t.text, "it is -0042\n");
}
