/* weir ra: what it takes, what it refuses, and that what it dumps says the same again. */
#include "lib/check.h"
#include "lib/cmd.h"
#include "lib/string.h"
#include "tests/unit/net/dev/typed.h"
#include "tests/unit/net/ip/lan.h"

#define ALL                                                                                                           \
    "weir ra eth0 interval 30 lifetime 90 mtu 1400 hop-limit 32 reachable 30000 retrans 500 pref high managed other " \
    "prefix 2001:db8:1::/64 valid forever preferred 600 off-link prefix 2001:db8:2::/64 valid 100 preferred 50 "      \
    "no-autoconf route 2001:db8::/32 lifetime 60 rdnss 2001:db8::53 rdnss 2001:db8::54 dnssl lan.example\n"

TEST(cmd_ra_says_itself)
{
    struct lan l;
    char text[1024];
    lan_start(&l);
    TYPED(l.net, {"weir ra", 0, ""}, {"weir ra eth0 off", 1, "weir ra: eth0: it advertises nothing\n"}, {ALL, 0, ""},
          {"weir ra", 0, ALL}, {"weir ra show eth0", 0, ALL}, {"weir ra eth0", 0, ALL}, {"weir ra lo", 0, ""},
          {"weir ra eth9", 1, "weir ra: \"eth9\": there is no such device\n"});
    str_copy(text, sizeof(text), typed_said);
    TYPED(l.net, {"weir ra eth0 off", 0, ""}, {"weir ra", 0, ""}, {"weir ra eth0 interval 10", 0, ""},
          {"weir ra", 0, "weir ra eth0 interval 10\n"});
    CHECK_EQ(typed(l.net, "dump"), 0);
    CHECK(str_match("*\nweir ra eth0 interval 10\n*", typed_said));
    lan_end(&l);
}

TEST(cmd_ra_refuses)
{
    static const char *const lines[] = {"prefix",
                                        "prefix 10.0.0.0/8",
                                        "prefix 2001:db8::/129",
                                        "prefix 2001:db8::/64 valid 10 preferred 20",
                                        "prefix 2001:db8::/64 preferred x",
                                        "route 2001:db8::/64 lifetime",
                                        "rdnss 10.0.0.1",
                                        "rdnss ff02::1",
                                        "dnssl .",
                                        "dnssl a..b",
                                        "dnssl a.",
                                        "mtu 1279",
                                        "lifetime 9001",
                                        "interval 3",
                                        "pref most",
                                        "off off",
                                        "whatever"};
    struct lan l;
    lan_start(&l);
    for (u32 i = 0; i < ARRAY_LEN(lines); i++) {
        char line[128] = "weir ra eth0 ";
        str_append(line, sizeof(line), lines[i]);
        if (typed(l.net, line) != 2 || !str_match("*usage*", typed_said))
            test_failed(__FILE__, __LINE__, "`%s` said\n%s", line, typed_said);
    }
    TYPED(l.net, {"weir ra", 0, ""}, {"weir ra lo interval 10", 1, "weir ra: lo: Invalid argument\n"});
    lan_end(&l);
}

/* The largest that the words allow: a message holds it, or it is refused. */
TEST(cmd_ra_fits_or_is_refused)
{
    struct lan l;
    char line[4096] = "weir ra eth0";
    lan_start(&l);
    for (u32 i = 0; i < 8; i++)
        str_append(line, sizeof(line), " prefix 2001:db8::/64 route 2001:db8::/32 rdnss 2001:db8::1");
    CHECK_EQ(typed(l.net, line), 0);
    for (u32 i = 0; i < 4; i++) {
        str_append(line, sizeof(line), " dnssl ");
        for (u32 k = 0; k < 4; k++)
            str_append(line, sizeof(line),
                       k ? ".aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaa"
                         : "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbb");
    }
    CHECK_EQ(typed(l.net, line), 1);
    CHECK_STR(typed_said, "weir ra: eth0: one message does not hold as much as that\n");
    str_append(line, sizeof(line), " prefix 2001:db8::/64");
    CHECK_EQ(typed(l.net, line), 2);
    lan_end(&l);
}
