/* Text to values: tables of what is taken and what is refused, and inet_pton as the judge of addresses. */
#include "lib/parse.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/check.h"
#include "lib/fmt.h"

TEST(parse_numbers)
{
    static const struct {
        const char *s;
        int err;
        u64 v;
        unsigned at;
    } cases[] = {
        {"0", 0, 0, 0},        {"65535", 0, 65535, 0},   {"0x1F", 0, 31, 0},
        {"010", 0, 8, 0},      {"65536", -ERANGE, 0, 0}, {"", -EINVAL, 0, 0},
        {"-1", -EINVAL, 0, 0}, {"12a", -EINVAL, 0, 2},   {"0x", -EINVAL, 0, 1},
        {"08", -EINVAL, 0, 1}, {" 1", -EINVAL, 0, 0},    {"99999999999999999999", -ERANGE, 0, 19},
    };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct parse_bad bad = {99, ""};
        u64 v = 7;
        CHECK_EQ(parse_u64(cases[i].s, 0, 65535, &v, &bad), cases[i].err);
        CHECK_EQ(v, cases[i].err ? 7 : cases[i].v);
        CHECK_EQ(bad.at, cases[i].err ? cases[i].at : 99);
    }
    i64 n;
    CHECK_EQ(parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &n, NULL), 0);
    CHECK(n == INT64_MIN);
    CHECK_EQ(parse_i64("9223372036854775808", INT64_MIN, INT64_MAX, &n, NULL), -ERANGE);
    CHECK_EQ(parse_i64("-2", -1, 1, &n, NULL), -ERANGE);
    CHECK_EQ(parse_i64("+1", -1, 1, &n, NULL), 0);
    CHECK_EQ(n, 1);
    u64 h;
    CHECK_EQ(parse_hex("fF", &h, NULL), 0);
    CHECK_EQ(h, 255);
    CHECK_EQ(parse_hex("0x10", &h, NULL), 0);
    CHECK_EQ(h, 16);
    CHECK_EQ(parse_hex("12345678123456781", &h, NULL), -ERANGE);
    CHECK_EQ(parse_hex("g", &h, NULL), -EINVAL);
    bool b = false;
    CHECK_EQ(parse_bool("Yes", &b, NULL), 0);
    CHECK(b);
    CHECK_EQ(parse_bool("off", &b, NULL), 0);
    CHECK(!b);
    CHECK_EQ(parse_bool("2", &b, NULL), -EINVAL);
}

TEST(parse_units_as_tc)
{
    static const struct {
        char kind;
        const char *s;
        u64 v; /* ~0: refused */
    } cases[] = {
        {'r', "1gbit", 1000000000},
        {'r', "100mbit", 100000000},
        {'r', "1.5Mbit", 1500000},
        {'r', "64kbps", 512000},
        {'r', "8", 8},
        {'r', "1kibit", 1024},
        {'r', "1mb", ~0ull},
        {'r', "bit", ~0ull},
        {'r', "99999999tbit", ~0ull},
        {'r', "1.1234567bit", ~0ull},
        {'s', "32kbit", 4096},
        {'s', "1500", 1500},
        {'s', "2k", 2048},
        {'s', "1.5m", 1572864},
        {'s', "1gb", 1 << 30},
        {'s', "1s", ~0ull},
        {'s', "4Mb", 4194304},
        {'t', "50ms", 50000000},
        {'t', "1", 1000},
        {'t', "2s", 2000000000},
        {'t', "0.5ms", 500000},
        {'t', "7us", 7000},
        {'t', "1h", 3600000000000},
        {'t', "1.", 1000},
        {'t', "0.999999d", 86399913600000},
        {'t', "213503.982334d", 18446744073657600000u},
        {'t', "213504d", ~0ull},
        {'t', "5 ms", ~0ull},
        {'t', "", ~0ull},
    };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        u64 v = ~0ull;
        char k = cases[i].kind;
        int err = k == 'r'   ? parse_rate(cases[i].s, &v, NULL)
                  : k == 's' ? parse_size(cases[i].s, &v, NULL)
                             : parse_time(cases[i].s, NS_PER_US, &v, NULL);
        if (v != cases[i].v || !err != (cases[i].v != ~0ull))
            test_failed(__FILE__, __LINE__, "%s: %d, %llu", cases[i].s, err, (unsigned long long)v);
    }
}

static void check_as_inet_pton(const char *s)
{
    struct ipaddr a;
    u8 v4[4], v6[16];
    int err = parse_addr(s, &a, NULL);
    bool is4 = inet_pton(AF_INET, s, v4) == 1, is6 = inet_pton(AF_INET6, s, v6) == 1;

    if (!err != (is4 || is6))
        test_failed(__FILE__, __LINE__, "\"%s\": %d", s, err);
    else if (is4 && (!ipaddr_is4(&a) || memcmp(a.b + 12, v4, 4)))
        test_failed(__FILE__, __LINE__, "\"%s\" read wrongly", s);
    else if (is6 && memcmp(a.b, v6, 16))
        test_failed(__FILE__, __LINE__, "\"%s\" read wrongly", s);
}

TEST(parse_addresses_as_inet_pton)
{
    static const char *const cases[] = {
        "192.0.2.1",
        "0.0.0.0",
        "255.255.255.255",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.04",
        "1..2.3",
        "1.2.3.",
        ".1.2.3",
        "",
        ":",
        "::",
        ":::",
        "::1",
        "1::",
        "1::2::3",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8",
        "::ffff:192.0.2.1",
        "::1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "12345::",
        "fe80::1%eth0",
        "g::",
        "1:",
        ":1",
        "::1:",
        "1::2:",
        "::00001",
        "::1.2.3",
        "::256.1.1.1",
        "2001:DB8::AbCd",
        "0:0:0:0:0:ffff:1.2.3.4",
        "1.2.3.4/8",
        " ::1",
        "1:2:3:4:5:1.2.3.4",
        "::1.02.3.4",
    };
    static const char letters[] = "0123456789abcdefF:::...";
    char s[32];

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++)
        check_as_inet_pton(cases[i]);
    for (int i = 0; i < 300000; i++) {
        unsigned n = (unsigned)(test_rand() % 20);
        for (unsigned j = 0; j < n; j++)
            s[j] = letters[test_rand() % (sizeof(letters) - 1)];
        s[n] = '\0';
        check_as_inet_pton(s);
    }
}

TEST(parse_addresses_and_fmt_agree)
{
    for (int i = 0; i < 50000; i++) {
        struct ipaddr a, b;
        char s[64];
        for (int j = 0; j < 16; j++)
            a.b[j] = test_rand() % 3 ? 0 : (u8)test_rand();
        if (i % 4 == 0)
            a = ipaddr_of4(a.b[0], a.b[1], a.b[2], a.b[3]);
        fmt(s, sizeof(s), "%pI", &a);
        CHECK_EQ(parse_addr(s, &b, NULL), 0);
        CHECK_MEM(&a, &b, 16);
    }
}

TEST(parse_prefixes_and_macs)
{
    struct ipprefix p;
    struct parse_bad bad;
    struct macaddr m;
    char s[64];

    CHECK_EQ(parse_prefix("10.1.0.1/24", &p, NULL), 0);
    fmt(s, sizeof(s), "%pI/%u", &p.addr, p.bits);
    CHECK_STR(s, "10.1.0.1/24");
    CHECK_EQ(parse_prefix("2001:db8::", &p, NULL), 0);
    CHECK_EQ(p.bits, 128);
    CHECK_EQ(parse_prefix("default", &p, NULL), 0);
    CHECK_EQ(p.bits, 0);
    CHECK_EQ(parse_prefix("10.0.0.0/33", &p, &bad), -ERANGE);
    CHECK_EQ(bad.at, 9);
    CHECK_STR(bad.why, "a prefix of IPv4 has at most 32 bits");
    CHECK_EQ(parse_prefix("::/129", &p, &bad), -ERANGE);
    CHECK_EQ(parse_prefix("10.0.0.0/", &p, &bad), -EINVAL);
    CHECK_EQ(parse_prefix("10.0.0.0/8x", &p, &bad), -EINVAL);
    CHECK_EQ(parse_prefix("10.0.0/8", &p, &bad), -EINVAL);

    CHECK_EQ(parse_mac("02:00:5e:10:00:fF", &m, NULL), 0);
    CHECK_EQ(m.b[5], 255);
    CHECK_EQ(parse_mac("02-00-5e-10-00-01", &m, NULL), 0);
    CHECK_EQ(parse_mac("02:00:5e:10:00", &m, NULL), -EINVAL);
    CHECK_EQ(parse_mac("02:00:5e:10:00:0", &m, NULL), -EINVAL);
    CHECK_EQ(parse_mac("02:00:5e:10:00:01:02", &m, NULL), -EINVAL);
    CHECK_EQ(parse_mac("02:00-5e:10:00:01", &m, NULL), -EINVAL);
    CHECK_EQ(parse_mac("", &m, NULL), -EINVAL);
}

TEST(parse_ranges)
{
    u64 from, to;

    CHECK_EQ(parse_range("1024-65535", 0, 65535, &from, &to, NULL), 0);
    CHECK_EQ(from, 1024);
    CHECK_EQ(to, 65535);
    CHECK_EQ(parse_range("80", 0, 65535, &from, &to, NULL), 0);
    CHECK_EQ(to, 80);
    CHECK_EQ(parse_range("3-1", 0, 65535, &from, &to, NULL), -EINVAL);
    CHECK_EQ(parse_range("-3", 0, 65535, &from, &to, NULL), -EINVAL);
    CHECK_EQ(parse_range("1-2-3", 0, 65535, &from, &to, NULL), -EINVAL);
    CHECK_EQ(parse_range("0", 1, 65535, &from, &to, NULL), -ERANGE);
    CHECK_EQ(parse_range("0-65536", 0, 65535, &from, &to, NULL), -ERANGE);
    CHECK_EQ(to, 80);
    CHECK_EQ(parse_range("80-", 0, 65535, &from, &to, NULL), -EINVAL);
    CHECK_EQ(parse_range("80,90", 0, 65535, &from, &to, NULL), -EINVAL);
}

TEST(parse_tokens)
{
    static const char text[] =
        "table inet fw { # first\n  name \"a \\\"b\"; n=1,\\\n2\n\x01 gr\xc3\xbc\xc3\x9f x \"open";
    char got[256] = "";
    struct parse ps;
    struct token t;

    parse_init(&ps, text, sizeof(text) - 1, "{};=,", '#');
    while (parse_next(&ps, &t))
        fmt(got + strlen(got), sizeof(got) - strlen(got), "%c%u:%u:%.*s ", "EWSPNB"[t.kind], t.line, t.col,
            t.kind == TOKEN_NEWLINE || t.kind == TOKEN_BAD ? 0 : (int)t.n, t.p);
    CHECK_STR(got,
              "W1:1:table W1:7:inet W1:12:fw P1:15:{ N1:24: W2:3:name S2:8:a \\\"b P2:15:; W2:17:n P2:18:= W2:19:1 "
              "P2:20:, W3:1:2 N3:2: B4:1: W4:3:gr\xc3\xbc\xc3\x9f W4:8:x B4:10: ");
    CHECK_EQ(t.kind, TOKEN_END);
}

TEST(parse_words_in_place)
{
    char line[] = "  4096\t131072  6291456\n", *words[4], *few[3];

    CHECK_EQ(parse_words(line, words, 4), 3);
    CHECK_STR(words[0], "4096");
    CHECK_STR(words[2], "6291456");
    CHECK(!words[3]);
    char again[] = "a b c";
    CHECK_EQ(parse_words(again, few, 3), 2);
}
