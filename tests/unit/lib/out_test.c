/* struct out: the same calls as text and as JSON. */
#include "lib/out.h"

#include "lib/check.h"

static void print_links(struct out *o)
{
    out_array(o, NULL);
    for (u64 i = 1; i <= 2; i++) {
        out_object(o, NULL);
        out_u64(o, "ifindex", "%llu: ", i);
        out_fmt(o, "ifname", "eth%llu", (unsigned long long)i - 1);
        out_text(o, ": <");
        out_array(o, "flags");
        out_str(o, NULL, "%s", "UP");
        out_str(o, NULL, ",%s", "LOWER_UP");
        out_end(o);
        out_text(o, ">");
        out_bool(o, "promisc", " PROMISC", i == 2);
        out_i64(o, "delta", NULL, -3);
        out_u64(o, NULL, " (%llu)", 7); /* no place in JSON */
        out_text(o, "\n");
        out_end(o);
    }
    out_end(o);
}

static const char *printed(bool json, bool pretty)
{
    static char buf[1024];
    struct out_mem m;

    out_mem_init(&m, buf, sizeof(buf), json);
    m.out.pretty = pretty;
    print_links(&m.out);
    return buf;
}

TEST(out_text_and_json)
{
    CHECK_STR(printed(false, false), "1: eth0: <UP,LOWER_UP> (7)\n2: eth1: <UP,LOWER_UP> PROMISC (7)\n");
    CHECK_STR(printed(true, false),
              "[{\"ifindex\":1,\"ifname\":\"eth0\",\"flags\":[\"UP\",\"LOWER_UP\"],\"promisc\":false,\"delta\":-3},"
              "{\"ifindex\":2,\"ifname\":\"eth1\",\"flags\":[\"UP\",\"LOWER_UP\"],\"promisc\":true,\"delta\":-3}]\n");
}

TEST(out_pretty_as_iproute2)
{
    CHECK_STR(printed(true, true), "[ {\n"
                                   "        \"ifindex\": 1,\n"
                                   "        \"ifname\": \"eth0\",\n"
                                   "        \"flags\": [ \"UP\",\"LOWER_UP\" ],\n"
                                   "        \"promisc\": false,\n"
                                   "        \"delta\": -3\n"
                                   "    },{\n"
                                   "        \"ifindex\": 2,\n"
                                   "        \"ifname\": \"eth1\",\n"
                                   "        \"flags\": [ \"UP\",\"LOWER_UP\" ],\n"
                                   "        \"promisc\": true,\n"
                                   "        \"delta\": -3\n"
                                   "    } ]\n");
}

TEST(out_json_strings_are_json)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"plain", "{\"s\":\"plain\"}\n"},
        {"a\"b\\c", "{\"s\":\"a\\\"b\\\\c\"}\n"},
        {"\n\t\r\b\f\x01\x1f\x7f", "{\"s\":\"\\n\\t\\r\\b\\f\\u0001\\u001f\\u007f\"}\n"},
        {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
         "{\"s\":\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"}\n"},
        {"\xff|\xc3|\xc0\xaf|\xed\xa0\x80|\xf5\x80",
         "{\"s\":\"\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|"
         "\xef\xbf\xbd\xef\xbf\xbd\"}\n"},
        {"", "{\"s\":\"\"}\n"},
    };
    char buf[256];
    struct out_mem m;

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        out_mem_init(&m, buf, sizeof(buf), true);
        out_object(&m.out, NULL);
        out_str(&m.out, "s", "%s", cases[i].text);
        out_end(&m.out);
        CHECK_STR(buf, cases[i].json);
        out_mem_init(&m, buf, sizeof(buf), true);
        out_object(&m.out, NULL);
        out_fmt(&m.out, "s", "%s", cases[i].text);
        out_end(&m.out);
        CHECK_STR(buf, cases[i].json);
    }
}

TEST(out_mem_cuts_and_counts)
{
    char buf[4];
    struct out_mem m;

    out_mem_init(&m, buf, sizeof(buf), false);
    out_text(&m.out, "%s", "abc");
    CHECK_EQ(out_mem_len(&m), 3);
    CHECK_STR(buf, "abc");
    out_text(&m.out, "%d", 45);
    CHECK_EQ(out_mem_len(&m), 5);
    CHECK_STR(buf, "abc");
    CHECK(!out_failed(&m.out));
    out_mem_init(&m, buf, 0, false);
    out_text(&m.out, "x");
    CHECK_EQ(out_mem_len(&m), 1);
}

static int refuse_after_two(struct out *o, const char *p, size_t n)
{
    unsigned *calls = o->arg;
    return ++*calls > 2 ? -EPIPE : 0;
}

TEST(out_swallows_after_a_failure)
{
    unsigned calls = 0;
    struct out o;

    out_init(&o, refuse_after_two, &calls, false);
    for (int i = 0; i < 10; i++)
        out_text(&o, "%d", i);
    CHECK(out_failed(&o));
    CHECK_EQ(calls, 3);
}

TEST(out_long_text_is_whole)
{
    char text[1000], buf[2100];
    struct out_mem m;

    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 26);
    text[sizeof(text) - 1] = '\0';
    out_mem_init(&m, buf, sizeof(buf), false);
    out_text(&m.out, "%s-%s", text, text);
    CHECK_EQ(out_mem_len(&m), 1999);
    CHECK_MEM(buf, text, 999);
    CHECK_EQ(buf[999], '-');
    CHECK_MEM(buf + 1000, text, 999);
}
