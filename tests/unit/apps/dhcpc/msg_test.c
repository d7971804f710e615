/* DHCP messages: what of a server's answer is taken, and what is left; options in pieces and in other fields' places.
 */
#include "apps/dhcpc/msg.h"

#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/string.h"

static const struct dhcp_want want = {.type = DHCP_REQUEST, .xid = 0x11223344, .mac = {{2, 0, 0, 0, 0, 1}}};
static u8 m[1000];
static u32 n;

static void begin(u8 type)
{
    memset(m, 0, sizeof(m));
    memcpy(m, "\x02\x01\x06", 3);
    store_be32(m + 4, want.xid);
    memcpy(m + 16, (u8[]){10, 1, 0, 50}, 4);
    memcpy(m + 28, want.mac.b, 6);
    memcpy(m + 236, "\x63\x82\x53\x63", 4);
    memcpy(m + 240, (u8[]){53, 1, type, 54, 4, 10, 1, 0, 2}, 9);
    n = 249;
}

static void add(const void *p, u32 k)
{
    memcpy(m + n, p, k);
    n += k;
}
#define ADD(...) add((const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))

static bool read(struct dhcp_msg *to)
{
    return dhcp_read(m, n, &want, to);
}

TEST(dhcp_msg_plain)
{
    struct dhcp_msg got;
    char text[FMT_IPADDR_MAX];
    begin(DHCP_ACK);
    ADD(1, 4, 255, 255, 240, 0, 51, 4, 0, 0, 0x0e, 0x10, 3, 8, 10, 1, 0, 1, 127, 0, 0, 1, 26, 2, 5, 120, 255);
    CHECK(read(&got));
    CHECK_EQ(got.type, DHCP_ACK);
    fmt_ipaddr(text, &got.lease.addr);
    CHECK_STR(text, "10.1.0.50");
    CHECK_EQ(got.lease.bits, 20);
    CHECK_EQ(got.lease.seconds, 3600);
    CHECK_EQ(got.lease.renew, 1800);
    CHECK_EQ(got.lease.rebind, 3150);
    CHECK_EQ(got.lease.routers, 1); /* 127.0.0.1 is no router */
    CHECK_EQ(got.lease.mtu, 1400);
}

/* Not for us, or not what it must be. */
TEST(dhcp_msg_not_taken)
{
    static const struct {
        u32 at;
        u8 is;
    } wrong[] = {{0, 1},    {1, 6},   {2, 16},  {4, 0},   {7, 0},   {28, 4},  {33, 9},  {16, 0},  {16, 127},
                 {16, 224}, {236, 0}, {242, 1}, {242, 8}, {241, 7}, {240, 9}, {243, 9}, {245, 0}, {245, 255}};
    struct dhcp_msg got;
    for (u32 i = 0; i < ARRAY_LEN(wrong); i++) {
        begin(DHCP_OFFER);
        ADD(255);
        CHECK(read(&got));
        m[wrong[i].at] = wrong[i].is;
        if (read(&got))
            test_failed(__FILE__, __LINE__, "byte %u is %u, and it was taken", wrong[i].at, wrong[i].is);
    }
    begin(DHCP_OFFER);
    for (n = 0; n < 249; n++)
        CHECK(!read(&got)); /* cut off */
}

TEST(dhcp_msg_times_out_of_order)
{
    struct dhcp_msg got;
    begin(DHCP_ACK);
    ADD(51, 4, 0, 0, 0, 100, 58, 4, 0, 0, 0, 90, 59, 4, 0, 0, 0, 80, 255);
    CHECK(read(&got));
    CHECK_EQ(got.lease.renew, 50);
    CHECK_EQ(got.lease.rebind, 87);
    begin(DHCP_ACK);
    ADD(51, 4, 255, 255, 255, 255, 255);
    CHECK(read(&got));
    CHECK_EQ(got.lease.renew, DHCP_FOREVER);
    begin(DHCP_ACK);
    ADD(255);
    CHECK(read(&got));
    CHECK_EQ(got.lease.seconds, DHCP_LEASE_IF);
    CHECK_EQ(got.lease.bits, 8); /* no mask: by class */
    begin(DHCP_ACK);
    ADD(1, 4, 255, 0, 255, 0, 255);
    CHECK(read(&got));
    CHECK_EQ(got.lease.bits, 8); /* a mask with a hole */
}

/* RFC 3396, RFC 2132 9.3: the second half of the names in `file`, a router in `sname`. */
TEST(dhcp_msg_pieces_and_overload)
{
    struct dhcp_msg got;
    begin(DHCP_ACK);
    ADD(52, 1, 3, 119, 9, 3, 'e', 'n', 'g', 3, 'o', 'r', 'g', 0, 255);
    memcpy(m + 108, (u8[]){119, 5, 2, 'm', 'k', 0xc0, 4, 255}, 8);
    memcpy(m + 44, (u8[]){3, 4, 10, 1, 0, 9, 255}, 7);
    CHECK(read(&got));
    CHECK_STR(got.lease.search, "eng.org mk.org");
    CHECK_EQ(got.lease.routers, 1);
    CHECK_EQ(got.lease.router[0].b[15], 9);
}

/* What goes into a file is a name, or nothing. */
TEST(dhcp_msg_names)
{
    static const struct {
        const char *raw;
        u8 code, n;
        const char *is;
    } cases[] = {
        {"ex.org", 15, 6, "ex.org"},
        {"ex.org\0x", 15, 8, "ex.org"},
        {"ex\nnameserver", 15, 13, ""},
        {"a;b", 15, 3, ""},
        {"\3a;b\0", 119, 5, ""},
        {"\3abc\0\xc0\5", 119, 7, "abc"},
        {"\xc0\0", 119, 2, ""},
        {"\3abc", 119, 4, ""},
        {"\x3f"
         "abc",
         119, 4, ""},
        {"\3abc\xc0\0", 119, 6, ""},
        {"\0\0\3abc\0", 119, 7, "abc"},
        {"\3a.b\0", 119, 5, ""},
    };
    for (u32 i = 0; i < ARRAY_LEN(cases); i++) {
        struct dhcp_msg got;
        begin(DHCP_ACK);
        ADD(cases[i].code, cases[i].n);
        add(cases[i].raw, cases[i].n);
        ADD(255);
        CHECK(read(&got));
        CHECK_STR(cases[i].code == 15 ? got.lease.domain : got.lease.search, cases[i].is);
    }
}

TEST(dhcp_msg_routes)
{
    struct dhcp_msg got;
    begin(DHCP_ACK);
    ADD(121, 22, 0, 10, 1, 0, 2, 22, 192, 168, 7, 10, 1, 0, 3, 32, 10, 9, 9, 9, 0, 0, 0, 0, 255);
    CHECK(read(&got));
    CHECK_EQ(got.lease.routes, 3);
    CHECK_EQ(got.lease.route[1].to.bits, 22);
    CHECK_EQ(got.lease.route[1].to.addr.b[14], 4); /* bits behind the prefix are none of it */
    begin(DHCP_ACK);
    ADD(121, 6, 33, 10, 1, 0, 2, 22, 255);
    CHECK(read(&got));
    CHECK_EQ(got.lease.routes, 0);
}

/* What we send is what a server wants to see. */
TEST(dhcp_msg_ours)
{
    u8 out[DHCP_LONGEST];
    struct dhcp_want w = want;
    w.requested = ipaddr_of4(10, 1, 0, 50);
    w.server = ipaddr_of4(10, 1, 0, 2);
    w.broadcast = true;
    w.secs = 5;
    CHECK_EQ(dhcp_build(out, sizeof(out), &w), DHCP_SHORTEST);
    static const u8 options[] = {53, 1,  3,  61, 7,  1,  2,  0,  0,   0,  0,    1,    50,  4,   10,  1,
                                 0,  50, 54, 4,  10, 1,  0,  2,  57,  2,  0x05, 0xc0, 55,  11,  121, 1,
                                 3,  6,  15, 26, 42, 51, 58, 59, 119, 60, 4,    'w',  'e', 'i', 'r', 255};
    CHECK_MEM(out + 240, options, sizeof(options));
    CHECK_EQ(load_be16(out + 8), 5);
    CHECK_EQ(load_be16(out + 10), 0x8000);
    CHECK_EQ(load_be32(out + 12), 0);
}

TEST(dhcp_msg_nak)
{
    struct dhcp_msg got;
    begin(DHCP_NAK);
    memset(m + 16, 0, 4);
    ADD(56, 4, 'n', 'o', '\n', 'w', 255);
    CHECK(read(&got));
    CHECK_EQ(got.type, DHCP_NAK);
    CHECK_STR(got.why, "no?w");
}
