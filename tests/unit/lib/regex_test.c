/* lib/regex against known vectors and against the C library's regcomp on random expressions and texts.
 *
 * The C library is asked with locale C, where it too works by bytes. Patterns on whose meaning POSIX is silent and the
 * C library differs from GNU grep (a repeat of nothing, `a)`), and back-references, are left out of the random ones.
 */
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "lib/check.h"
#include "lib/regex.h"

struct vector {
    const char *pattern;
    unsigned flags;
    const char *text;
    int start, end; /* -1: no match; -2: refused */
};

static const struct vector vectors[] = {
    {"abc", 0, "xabcx", 1, 4},
    {"", 0, "abc", 0, 0},
    {"a*", 0, "baaa", 0, 0},
    {"a*b", 0, "aaab", 0, 4},
    {"*a", 0, "x*a", 1, 3},
    {"^*a", 0, "*a", 0, 2},
    {"\\(*a\\)", 0, "x*a", 1, 3},
    {"*a", REGEX_ERE, "x*a", 2, 3},
    {"a^b", 0, "a^b", 0, 3},
    {"a$b", 0, "a$b", 0, 3},
    {"a^b", REGEX_ERE, "a^b", -1, 0},
    {"^a\\|^b", 0, "bb", 0, 1},
    {"\\(^a\\)", 0, "ba", -1, 0},
    {"(a|ab)(c|bcd)", REGEX_ERE, "abcd", 0, 4},
    {"a|ab|abc", REGEX_ERE, "abcd", 0, 3},
    {"x|abcdefgh|b", REGEX_ERE, "abcdefg", 1, 2},
    {"(a*)*", REGEX_ERE, "aaab", 0, 3},
    {"(a*)+b", REGEX_ERE, "aaab", 0, 4},
    {"(a|b)*c|(a|ab)*c", REGEX_ERE, "abc", 0, 3},
    {"a{2}", REGEX_ERE, "caaat", 1, 3},
    {"a{2,}", REGEX_ERE, "caaat", 1, 4},
    {"a{,2}t", REGEX_ERE, "caaat", 2, 5},
    {"a{1,2}", REGEX_ERE, "caaat", 1, 3},
    {"a{0}b", REGEX_ERE, "ab", 1, 2},
    {"a{b", REGEX_ERE, "a{b", 0, 3},
    {"a{1", REGEX_ERE, "a{1", 0, 3},
    {"a\\{2\\}", 0, "caaat", 1, 3},
    {"a\\{2", 0, "aa", -2, 0},
    {"a\\{x\\}", 0, "aa", -2, 0},
    {"a{2,1}", REGEX_ERE, "aa", -2, 0},
    {"a{9999}", REGEX_ERE, "aa", -2, 0},
    {"((((a{100}){100}){100}){100})", REGEX_ERE, "a", -2, 0},
    {"(((){1000}){1000}){1000}", REGEX_ERE, "a", 0, 0},
    {"[abc]+", REGEX_ERE, "xxcabx", 2, 5},
    {"[^abc]", 0, "abxc", 2, 3},
    {"[]a]*x", 0, "]a]x", 0, 4},
    {"[^]a]", 0, "]ab", 2, 3},
    {"[a-]", 0, "x-", 1, 2},
    {"[a\\]", 0, "\\", 0, 1},
    {"[\\t]", REGEX_AWK | REGEX_ERE, "x\ty", 1, 2},
    {"[z-a]", 0, "x", -2, 0},
    {"[abc", 0, "x", -2, 0},
    {"[[:digit:]]+", REGEX_ERE, "eth12", 3, 5},
    {"[[:nosuch:]]", 0, "x", -2, 0},
    {"[[:alpha:]_.-]+", REGEX_ERE, "12a_.-b3", 2, 7},
    {"[[.-.]]", 0, "a-b", 1, 2},
    {"[[=a=]]", 0, "ba", 1, 2},
    {"\\bfoo\\b", 0, "food foo", 5, 8},
    {"\\<f", 0, "of f", 3, 4},
    {"o\\>", 0, "foo", 2, 3},
    {"\\Boo", 0, "foo", 1, 3},
    {"\\w+\\W\\w+", REGEX_ERE, "..ab cd", 2, 7},
    {"\\s\\S", 0, "a b", 1, 3},
    {"a\\+b\\?", 0, "caab", 1, 4},
    {"a.c", 0, "abbabc", 3, 6},
    {"ABC", REGEX_ICASE, "xabcx", 1, 4},
    {"[^a]", REGEX_ICASE, "Aab", 2, 3},
    {"a.*c", REGEX_FIXED, "abc a.*c", 4, 8},
    {"rx.*(drop|miss|no_buf|fifo)", REGEX_ERE | REGEX_ICASE, "  RX_fifo_errors: 0", 2, 9},
    {"CPU|eth0", REGEX_ERE, "           CPU0", 11, 14},
    {"(", REGEX_ERE, "x", -2, 0},
    {")", REGEX_ERE, "x", -2, 0},
    {"\\(", 0, "x", -2, 0},
    {"\\)", 0, "x", -2, 0},
    {"a\\", 0, "x", -2, 0},
    {"\\(a\\)\\1", 0, "aa", -2, 0},
    {"()", REGEX_ERE, "x", 0, 0},
    {"a|", REGEX_ERE, "xa", 0, 0},
    {"a||b", REGEX_ERE, "b", 0, 1},
    {"\\.", REGEX_AWK | REGEX_ERE, "a.b", 1, 2},
    {"\\/x", REGEX_AWK | REGEX_ERE, "a/x", 1, 3},
    {"+a", REGEX_AWK | REGEX_ERE, "a", -2, 0},
    {"a**", 0, "aaa", 0, 3},
    {"a+*", REGEX_ERE, "baaa", 0, 0},
    {"rx", REGEX_WORD, "rx_a arx rx", 9, 11},
    {"a|ab", REGEX_WORD | REGEX_ERE, "ab-", 0, 2},
    {"a.*", REGEX_WORD | REGEX_ERE, "a b_", 0, 4},
    {"a+", REGEX_LINE | REGEX_ERE, "aaab", -1, 0},
    {"a|b", REGEX_LINE | REGEX_ERE, "b", 0, 1},
    {"(((((((((((a)))))))))))", REGEX_ERE, "a", -2, 0},
};

/* Of UTF-8: "\303\251" is e acute, "\303\250" e grave, "\342\202\254" the euro sign, "\360\237\230\200" a face. */
static const struct vector characters[] = {
    {"^.$", 0, "\303\251", 0, 2},
    {"^..$", 0, "\303\251", -1, 0},
    {"^...$", 0, "\303\251a\342\202\254", 0, 6},
    {"a.", 0, "a\360\237\230\200b", 0, 5},
    {".*", 0, "\303\251\342\202\254", 0, 5},
    {".{2}", REGEX_ERE, "\303\251\342\202\254x", 0, 5},
    {"\303\251*x", 0, "\303\251\303\251x", 0, 5},
    {"\303\251+", REGEX_ERE, "\303\250\303\251\303\251", 2, 6},
    {"x\303\251?y", REGEX_ERE, "xy", 0, 2},
    {"[\303\251]", 0, "\303\250\303\251", 2, 4},
    {"[\303\250\342\202\254]+", REGEX_ERE, "a\342\202\254\303\250\303\251", 1, 6},
    {"[a-\303\251]+", REGEX_ERE, "A\303\251z\342\202\254", 1, 4},
    {"[^\303\251]", 0, "\303\251\303\250", 2, 4},
    {"[^a]", 0, "a\303\251", 1, 3},
    {"^[^a]$", 0, "\303\251", 0, 2},
    {"[^\303\251a]*", 0, "b\303\250\303\251", 0, 3},
    {"[[.\303\251.]]", 0, "x\303\251", 1, 3},
    {"[\303\251-\303\250]", 0, "x", -2, 0},
    {"\\W", 0, "a\303\251", 1, 3},
    {"\\S\\S", 0, "\303\251\303\250", 0, 4},
    {"x*", 0, "\303\251", 0, 0},
    {"[a\303]", 0, "\303\251a", 2, 3}, /* half a character is in no text */
    {"^.$", 0, "\303", 0, 1},          /* but one that is cut off is one */
    {"a.b", 0, "a\303b", 0, 3},
    {"^.b", 0, "a\251b", 0, 3}, /* what is none belongs to the one before */
    {"\251", 0, "\303\251", -1, 0},
    {"\303\251", REGEX_FIXED, "x\303\251", 1, 3},
};

static void check_vector(const struct vector *v)
{
    const char *why = NULL;
    size_t start = 0, end = 0;
    struct regex *re = regex_compile(v->pattern, strlen(v->pattern), v->flags, &why);
    int got = !re ? -2 : regex_find(re, v->text, strlen(v->text), 0, &start, &end) ? (int)start : -1;
    if (got != v->start || (got >= 0 && (int)end != v->end))
        test_failed(__FILE__, __LINE__, "/%s/ on \"%s\": %d..%d, not %d..%d (%s)", v->pattern, v->text, got, (int)end,
                    v->start, v->end, why ? why : "-");
    if (re)
        CHECK_EQ(regex_test(re, v->text, strlen(v->text)), got >= 0);
    else
        CHECK(why && why[0]);
    regex_free(re);
}

TEST(regex_means_characters)
{
    for (size_t i = 0; i < ARRAY_LEN(characters); i++)
        check_vector(&characters[i]);
}

TEST(regex_empty_matches_stand_between_characters)
{
    const char *why, *s = "\303\251";
    struct regex *re = regex_compile("x*", 2, 0, &why);
    size_t start, end;
    CHECK(re && regex_find(re, s, 2, 1, &start, &end));
    CHECK_EQ(start, 2);
    regex_free(re);
}

TEST(regex_vectors)
{
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        check_vector(&vectors[i]);
}

TEST(regex_find_goes_on_behind_a_match)
{
    const char *why, *s = "a1b22c333";
    struct regex *re = regex_compile("[0-9]+", 6, REGEX_ERE, &why);
    size_t start, end, at = 0, found = 0, digits = 0;
    CHECK(re != NULL);
    for (; regex_find(re, s, strlen(s), at, &start, &end); at = end)
        found++, digits += end - start;
    CHECK_EQ(found, 3);
    CHECK_EQ(digits, 6);
    regex_free(re);
}

/* What makes backtracking matchers hang for the age of the universe is done in a moment. */
TEST(regex_is_linear)
{
    static char text[20001];
    const char *why, *evil[] = {"(a*)*b", "(a|aa)+b", "(a|a|a|a)*b", "((a{1,20}){1,20})b", "(.*.*.*.*.*)=b"};
    memset(text, 'a', sizeof(text) - 1);
    for (size_t i = 0; i < ARRAY_LEN(evil); i++) {
        struct regex *re = regex_compile(evil[i], strlen(evil[i]), REGEX_ERE, &why);
        CHECK(re != NULL);
        if (re)
            CHECK(!regex_test(re, text, i == 3 ? 2000 : 20000));
        regex_free(re);
    }
}

/* ---- against the C library ---- */

static unsigned pick(unsigned n)
{
    return (unsigned)(test_rand() % n);
}

static size_t random_pattern(char *p, size_t room, bool ere, int depth)
{
    static const char *const atoms[] = {"a", "b", "c", ".", "[ab]", "[^a]", "[[:alpha:]]", "x", "ab", "[a-c]", "-"};
    size_t n = 0;
    unsigned pieces = 1 + pick(4);
    for (unsigned i = 0; i < pieces && n + 64 < room; i++) {
        if (depth < 3 && pick(5) == 0) {
            n += (size_t)sprintf(p + n, "%s", ere ? "(" : "\\(");
            n += random_pattern(p + n, (room - n) / 2, ere, depth + 1);
            n += (size_t)sprintf(p + n, "%s", ere ? ")" : "\\)");
        } else {
            n += (size_t)sprintf(p + n, "%s", atoms[pick(ARRAY_LEN(atoms))]);
        }
        switch (pick(8)) {
        case 0: n += (size_t)sprintf(p + n, "*"); break;
        case 1: n += (size_t)sprintf(p + n, "%s", ere ? "+" : "\\+"); break;
        case 2: n += (size_t)sprintf(p + n, "%s", ere ? "?" : "\\?"); break;
        case 3: n += (size_t)sprintf(p + n, ere ? "{%u,%u}" : "\\{%u,%u\\}", pick(3), 2 + pick(2)); break;
        }
        if (i + 1 < pieces && pick(6) == 0)
            n += (size_t)sprintf(p + n, "%s", ere ? "|" : "\\|");
    }
    return n;
}

static void compare_one(const char *pattern, unsigned flags)
{
    regex_t theirs;
    const char *why = "";
    bool ere = flags & REGEX_ERE, icase = flags & REGEX_ICASE;
    struct regex *ours = regex_compile(pattern, strlen(pattern), flags, &why);
    if (regcomp(&theirs, pattern, (ere ? REG_EXTENDED : 0) | (icase ? REG_ICASE : 0)) != 0) {
        regex_free(ours);
        return;
    }
    CHECK(ours != NULL);
    for (int i = 0; ours && i < 4; i++) {
        char text[24];
        size_t n = pick(sizeof(text)), start = 0, end = 0;
        for (size_t j = 0; j < n; j++)
            text[j] = "aabbccxA-"[pick(9)];
        text[n] = 0;
        regmatch_t m;
        bool they = regexec(&theirs, text, 1, &m, 0) == 0, we = regex_find(ours, text, n, 0, &start, &end);
        if (they != we || (we && ((size_t)m.rm_so != start || (size_t)m.rm_eo != end)))
            test_failed(__FILE__, __LINE__, "/%s/%u on \"%s\": %d %zu..%zu, C library %d %d..%d", pattern, flags, text,
                        we, start, end, they, they ? (int)m.rm_so : 0, they ? (int)m.rm_eo : 0);
    }
    regex_free(ours);
    regfree(&theirs);
}

TEST(regex_agrees_with_the_c_library)
{
    for (int i = 0; i < 4000; i++) {
        char pattern[512];
        bool ere = pick(2);
        size_t n = 0;
        if (pick(6) == 0)
            pattern[n++] = '^';
        n += random_pattern(pattern + n, sizeof(pattern) - 8, ere, 0);
        if (pick(6) == 0)
            pattern[n++] = '$';
        pattern[n] = 0;
        compare_one(pattern, (ere ? REGEX_ERE : 0) | (pick(4) ? 0 : REGEX_ICASE));
    }
}
