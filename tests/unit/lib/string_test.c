/* lib/string.c and kernel/mem.S (under their weir_ names) against the C library, at all small sizes and alignments. */
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

#include <sys/mman.h>

void *weir_memcpy(void *restrict to, const void *restrict from, size_t n);
void *weir_memmove(void *to, const void *from, size_t n);
void *weir_memset(void *p, int byte, size_t n);
int weir_memcmp(const void *a, const void *b, size_t n);
void *weir_memchr(const void *p, int byte, size_t n);
void *weir_memrchr(const void *p, int byte, size_t n);
void *weir_memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len);
size_t weir_strlen(const char *s);
size_t weir_strnlen(const char *s, size_t max);
int weir_strcmp(const char *a, const char *b);
int weir_strncmp(const char *a, const char *b, size_t n);
int weir_strcasecmp(const char *a, const char *b);
int weir_strncasecmp(const char *a, const char *b, size_t n);
char *weir_strchr(const char *s, int c);
char *weir_strchrnul(const char *s, int c);
char *weir_strrchr(const char *s, int c);
char *weir_strstr(const char *hay, const char *needle);
size_t weir_strspn(const char *s, const char *accept);
size_t weir_strcspn(const char *s, const char *reject);
char *weir_strpbrk(const char *s, const char *accept);

#define ROOM 512

static void fill_random(u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (u8)test_rand();
}

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

TEST(string_memcpy_all_sizes)
{
    u8 from[ROOM], got[ROOM], want[ROOM];

    fill_random(from, ROOM);
    for (size_t n = 0; n <= 300; n++)
        for (size_t a = 0; a < 9; a++) {
            size_t b = (a * 5 + n) % 9;
            memset(got, 0xee, ROOM);
            memset(want, 0xee, ROOM);
            memcpy(want + 20 + a, from + b, n);
            CHECK(weir_memcpy(got + 20 + a, from + b, n) == got + 20 + a);
            CHECK_MEM(got, want, ROOM);
        }
}

TEST(string_memmove_overlapping)
{
    u8 start[ROOM], got[ROOM], want[ROOM];

    fill_random(start, ROOM);
    for (size_t n = 0; n <= 200; n++)
        for (int shift = -70; shift <= 70; shift++) {
            memcpy(got, start, ROOM);
            memcpy(want, start, ROOM);
            memmove(want + 100 + shift, want + 100, n);
            CHECK(weir_memmove(got + 100 + shift, got + 100, n) == got + 100 + shift);
            CHECK_MEM(got, want, ROOM);
        }
}

TEST(string_memset_all_sizes)
{
    u8 got[ROOM], want[ROOM];

    for (size_t n = 0; n <= 300; n++)
        for (size_t a = 0; a < 9; a++) {
            int byte = (int)(test_rand() & 0xfff); /* only its low 8 bits count */
            memset(got, 0x11, ROOM);
            memset(want, 0x11, ROOM);
            memset(want + 20 + a, byte, n);
            CHECK(weir_memset(got + 20 + a, byte, n) == got + 20 + a);
            CHECK_MEM(got, want, ROOM);
        }
}

TEST(string_memcmp_finds_each_difference)
{
    u8 a[80], b[80];

    fill_random(a, sizeof(a));
    for (size_t n = 0; n <= 72; n++) {
        memcpy(b, a, sizeof(a));
        CHECK_EQ(weir_memcmp(a, b, n), 0);
        for (size_t i = 0; i < n; i++) {
            b[i] ^= (u8)(1 << (i & 7));
            CHECK_EQ(sign(weir_memcmp(a, b, n)), sign(memcmp(a, b, n)));
            CHECK_EQ(sign(weir_memcmp(b, a, n)), sign(memcmp(b, a, n)));
            CHECK_EQ(weir_memcmp(a, b, i), 0);
            b[i] = a[i];
        }
    }
}

TEST(string_memchr_both_ways)
{
    u8 a[80];

    for (int round = 0; round < 3000; round++) {
        for (size_t i = 0; i < sizeof(a); i++)
            a[i] = (u8)(test_rand() & 1 ? 0x80 : test_rand() & 7);
        size_t at = test_rand() % 9, n = test_rand() % 65;
        int byte = (int)(test_rand() & 7);
        CHECK(weir_memchr(a + at, byte, n) == memchr(a + at, byte, n));
        u8 *last = NULL;
        for (size_t i = 0; i < n; i++)
            if (a[at + i] == byte)
                last = a + at + i;
        CHECK(weir_memrchr(a + at, byte, n) == last);
        CHECK(mem_is_zero(a + at, n) == (n == 0 || (a[at] == 0 && memcmp(a + at, a + at + 1, n - 1) == 0)));
    }
}

/* A text at the very end of what may be read, and a bound beyond it. */
TEST(string_found_before_the_end_of_memory)
{
    char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *end = two + 4096;
    CHECK(two != MAP_FAILED && !mprotect(end, 4096, PROT_NONE));
    for (size_t n = 0; n < 20; n++) {
        char *text = end - n - 1;
        memset(text, 'x', n);
        text[n] = 0;
        CHECK_EQ(weir_strnlen(text, 4096), n);
        CHECK_EQ(weir_strlen(text), n);
        CHECK(weir_memchr(text, 0, 100) == text + n);
        CHECK(weir_memchr(text, 0, n) == NULL);
    }
    munmap(two, 8192);
}

TEST(string_strlen_each_alignment)
{
    char a[120];

    for (size_t at = 0; at < 16; at++)
        for (size_t n = 0; n < 100; n++) {
            memset(a, 0x81, sizeof(a));
            a[at + n] = 0;
            CHECK_EQ(weir_strlen(a + at), n);
            for (size_t m = 0; m < 104; m += 3)
                CHECK_EQ(weir_strnlen(a + at, m), min(n, m));
        }
}

/* Random words over a tiny alphabet, so that the functions find something. */
static void random_word(char *p, size_t max)
{
    static const char letters[] = "abAB\xe9";
    size_t n = test_rand() % max;

    for (size_t i = 0; i < n; i++)
        p[i] = letters[test_rand() % 5];
    p[n] = 0;
}

TEST(string_str_against_libc)
{
    char a[40], b[6];

    for (int round = 0; round < 20000; round++) {
        random_word(a, sizeof(a));
        random_word(b, sizeof(b));
        char c = b[0];
        size_t n = test_rand() % 8;
        CHECK_EQ(sign(weir_strcmp(a, b)), sign(strcmp(a, b)));
        CHECK_EQ(sign(weir_strncmp(a, b, n)), sign(strncmp(a, b, n)));
        CHECK_EQ(sign(weir_strcasecmp(a, b)), sign(strcasecmp(a, b)));
        CHECK_EQ(sign(weir_strncasecmp(a, b, n)), sign(strncasecmp(a, b, n)));
        CHECK(weir_strchr(a, c) == strchr(a, c));
        CHECK(weir_strchrnul(a, c) == (strchr(a, c) ? strchr(a, c) : a + strlen(a)));
        CHECK(weir_strrchr(a, c) == strrchr(a, c));
        CHECK(weir_strstr(a, b) == strstr(a, b));
        CHECK_EQ(weir_strspn(a, b), strspn(a, b));
        CHECK_EQ(weir_strcspn(a, b), strcspn(a, b));
        CHECK(weir_strpbrk(a, b) == strpbrk(a, b));
        CHECK(weir_memmem(a, strlen(a), b, strlen(b)) == strstr(a, b));
    }
    CHECK_EQ(weir_strcmp("", ""), 0);
    CHECK(weir_strchr("abc", 0) != NULL);
}

TEST(string_copy_is_bounded)
{
    char to[8];

    memset(to, 'x', sizeof(to));
    CHECK_EQ(str_copy(to, 0, "abc"), 3);
    CHECK_EQ(to[0], 'x');
    CHECK_EQ(str_copy(to, 4, "abc"), 3);
    CHECK_STR(to, "abc");
    CHECK_EQ(to[4], 'x');
    CHECK_EQ(str_copy(to, 3, "abc"), 3);
    CHECK_STR(to, "ab");
    CHECK_EQ(str_append(to, 8, "cdef"), 6);
    CHECK_STR(to, "abcdef");
    CHECK_EQ(str_append(to, 8, "ghi"), 9);
    CHECK_STR(to, "abcdefg");
    CHECK_EQ(str_copy_n(to, 8, "abcd", 2), 2);
    CHECK_STR(to, "ab");
    memset(to, 'x', sizeof(to)); /* no terminator within size: nothing is written */
    CHECK_EQ(str_append(to, 4, "abc"), 7);
    CHECK_EQ(to[3], 'x');
}

TEST(string_starts_ends_dup)
{
    CHECK(str_eq("a", "a") && !str_eq("a", "ab"));
    CHECK(str_starts("eth0", "eth") && str_starts("eth0", "") && !str_starts("et", "eth"));
    CHECK(str_ends("weir.conf", ".conf") && str_ends("a", "") && !str_ends("conf", ".conf"));
    char *p = str_dup("weir");
    CHECK_STR(p, "weir");
    mem_free(p);
}

TEST(string_match_globs)
{
    static const struct {
        const char *glob, *s;
        bool match;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"a*c", "abc", true},
        {"a*c", "ac", true},
        {"a*c", "acb", false},
        {"*.conf", "weir.conf", true},
        {"*a*b*c", "xxaxxbxxbc", true},
        {"*a*b*c", "xxaxxbxxbcd", false},
        {"?", "", false},
        {"?", "a", true},
        {"e??0", "eth0", true},
        {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},
        {"[!a-c]x", "dx", true},
        {"[^a-c]x", "ax", false},
        {"[]]", "]", true},
        {"[]-]", "-", true},
        {"[a", "[a", true},
        {"[a", "a", false},
        {"[", "[", true},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"[\\]]", "]", true},
        {"a\\", "a\\", true},
        {"*[0-9]", "eth10", true},
        {"*\\?", "what?", true},
        {"eth[[:digit:]]", "eth7", true},
        {"eth[![:digit:]x]", "eth7", false},
        {"[[:alpha:]_-]", "-", true},
        {"[[:nosuch:]]", ":]", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (str_match(cases[i].glob, cases[i].s) != cases[i].match)
            test_failed(__FILE__, __LINE__, "glob %s on %s", cases[i].glob, cases[i].s);
}

TEST(string_match_is_not_exponential)
{
    char glob[101], s[1001];

    for (int i = 0; i < 100; i += 2)
        memcpy(glob + i, "*a", 2);
    glob[100] = 0;
    memset(s, 'a', 1000);
    s[999] = 'b';
    s[1000] = 0;
    CHECK(!str_match(glob, s));
}

TEST(string_secrets)
{
    u8 a[33], b[33];

    fill_random(a, sizeof(a));
    memcpy(b, a, sizeof(a));
    CHECK(mem_eq_secret(a, b, sizeof(a)));
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] ^= 0x80;
        CHECK(!mem_eq_secret(a, b, sizeof(a)));
        b[i] ^= 0x80;
    }
    mem_wipe(a, sizeof(a));
    CHECK(mem_is_zero(a, sizeof(a)));
}

TEST(string_classes)
{
    CHECK_EQ(char_hex('f'), 15);
    CHECK_EQ(char_hex('A'), 10);
    CHECK_EQ(char_hex('9'), 9);
    CHECK_EQ(char_hex('g'), -1);
    CHECK_EQ(char_hex('\xe9'), -1);
    CHECK(char_is_space('\t') && char_is_space('\r') && !char_is_space('\b') && !char_is_space(0));
    CHECK(char_is_alpha('Z') && !char_is_alpha('[') && !char_is_alpha('@') && char_is_alnum('0'));
    CHECK(char_is_print('~') && !char_is_print('\x7f') && !char_is_print('\xe9'));
    CHECK_EQ(char_upper('z'), 'Z');
    CHECK_EQ(char_lower('Q'), 'q');
}
