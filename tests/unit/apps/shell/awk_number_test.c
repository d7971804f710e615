/* awk's numbers against the C library's, where doubles are exact enough to compare. */
#include <stdio.h>
#include <stdlib.h>

#include "apps/shell/awk_number.h"
#include "lib/check.h"
#include "lib/string.h"

static awk_number read_all(const char *s)
{
    awk_number v;
    CHECK_EQ(awk_read(s, strlen(s), &v), strlen(s));
    return v;
}

/* Every way to write it: as the C library writes the same decimal. */
TEST(awk_numbers_are_written_as_printf_does)
{
    for (int i = 0; i < 20000; i++) {
        char text[AWK_TEXT], wanted[128], source[64];
        u64 whole = test_rand() >> (test_rand() % 64), micro = test_rand() % 1000;
        unsigned digits = (unsigned)(test_rand() % 7);
        whole %= 100000000; /* so a double holds it to six places */
        snprintf(source, sizeof(source), "%s%llu.%03llu", test_rand() % 2 ? "-" : "", (unsigned long long)whole,
                 (unsigned long long)micro);
        awk_number v = read_all(source);
        double d = strtod(source, NULL);
        bool tie = digits < 3; /* decimal ties are no ties in binary: these are looked at elsewhere */
        snprintf(wanted, sizeof(wanted), "%.*f", (int)digits, d);
        awk_fixed(text, v, digits);
        if (!tie)
            CHECK_STR(text, wanted);
        if (micro % 5 == 0)
            continue;
        snprintf(wanted, sizeof(wanted), "%.*g", (int)digits + 1, d);
        awk_general(text, v, digits + 1);
        CHECK_STR(text, wanted);
        snprintf(wanted, sizeof(wanted), "%.*e", (int)digits, d);
        awk_exponent(text, v, digits);
        CHECK_STR(text, wanted);
    }
}

static const char *shown(const char *a, char op, const char *b)
{
    static char text[AWK_TEXT];
    awk_number r = 0, x = read_all(a), y = read_all(b);
    bool ok = op == '+'   ? awk_add(x, y, &r)
              : op == '-' ? awk_add(x, -y, &r)
              : op == '*' ? awk_multiply(x, y, &r)
              : op == '/' ? awk_divide(x, y, &r)
              : op == '%' ? awk_remainder(x, y, &r)
                          : awk_power(x, y, &r);
    if (!ok)
        return "no";
    awk_text(text, r);
    return text;
}

TEST(awk_arithmetic)
{
    static const struct {
        const char *a;
        char op;
        const char *b, *r;
    } cases[] = {
        {"1", '+', "2", "3"},
        {"18446744073709551615", '+', "18446744073709551615", "36893488147419103230"},
        {"99999999999999999999", '+', "2", "no"},
        {"0.1", '+', "0.2", "0.3"},
        {"1", '-', "3", "-2"},
        {"18446744073709551615", '*', "5", "92233720368547758075"},
        {"18446744073709551615", '*', "6", "no"},
        {"1.5", '*', "-1.5", "-2.25"},
        {"123456789", '*', "987654321", "121932631112635269"},
        {"2", '/', "3", "0.666667"},
        {"-7", '/', "2", "-3.5"},
        {"1", '/', "0", "no"},
        {"18446744073709551615", '/', "2", "9.22337e+18"},
        {"18446744073709551614", '/', "2", "9223372036854775807"},
        {"200", '/', "3", "66.6667"},
        {"1", '/', "8", "0.125"},
        {"7", '%', "3", "1"},
        {"-7", '%', "3", "-1"},
        {"5.5", '%', "2", "1.5"},
        {"1", '%', "0", "no"},
        {"2", '^', "10", "1024"},
        {"2", '^', "64", "18446744073709551616"},
        {"2", '^', "-2", "0.25"},
        {"2", '^', "70", "no"},
        {"-2", '^', "3", "-8"},
        {"1e3", '+', "1E-2", "1000.01"},
        {"0", '*', "-5", "0"},
        {"1234567", '+', "0.5", "1.23457e+06"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = shown(cases[i].a, cases[i].op, cases[i].b);
        if (!str_eq(got, cases[i].r))
            test_failed(__FILE__, __LINE__, "%s %c %s is %s, not %s", cases[i].a, cases[i].op, cases[i].b, got,
                        cases[i].r);
    }
}

TEST(awk_reads_what_a_text_begins_with)
{
    awk_number v;
    CHECK_EQ(awk_read("  12abc", 7, &v), 4);
    CHECK_EQ(awk_integer(v), 12);
    CHECK_EQ(awk_read("abc", 3, &v), 0);
    CHECK_EQ(awk_read(".", 1, &v), 0);
    CHECK_EQ(awk_read("-.5x", 4, &v), 3);
    CHECK_EQ(awk_read("1e", 2, &v), 1);
    CHECK_EQ(awk_read("1e999999999999", 14, &v), 14);
    CHECK(v == AWK_WHOLE_MAX);
    CHECK_EQ(awk_read("1e-999999999999", 15, &v), 15);
    CHECK(v == 0);
    CHECK(awk_looks_numeric(" 5 ", 3, &v));
    CHECK(!awk_looks_numeric("5 6", 3, &v));
    CHECK(!awk_looks_numeric("", 0, &v));
    CHECK_EQ(awk_integer(read_all("99999999999999999999")), INT64_MAX);
    CHECK_EQ(awk_integer(read_all("-3.99")), -3);
}
