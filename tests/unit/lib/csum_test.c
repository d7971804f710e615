/* lib/csum.c against the definition: big-endian 16-bit words added by one's complement (RFC 1071). */
#include "lib/check.h"
#include "lib/csum.h"
#include "lib/string.h"

static u16 by_definition(const u8 *p, size_t n)
{
    u64 sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += i & 1 ? p[i] : (u64)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (u16)~sum;
}

static void fill_random(u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (u8)test_rand();
}

TEST(csum_all_alignments_and_lengths)
{
    static u8 buf[2048 + 16];

    fill_random(buf, sizeof(buf));
    for (size_t at = 0; at < 16; at++)
        for (size_t n = 0; n <= 2048; n++)
            CHECK_EQ(be16_get(csum_fold(csum_bytes(buf + at, n))), by_definition(buf + at, n));
}

/* Carries are where such code is wrong: all ones, and ones among zeroes. */
TEST(csum_carries)
{
    static u8 buf[2048];

    for (size_t n = 0; n <= 2048; n++) {
        memset(buf, 0xff, n);
        CHECK_EQ(be16_get(csum_fold(csum_bytes(buf, n))), by_definition(buf, n));
    }
    for (int round = 0; round < 20000; round++) {
        size_t n = test_rand() % 300;
        for (size_t i = 0; i < n; i++)
            buf[i] = test_rand() % 8 ? 0xff : (u8)(test_rand() & 1);
        CHECK_EQ(be16_get(csum_fold(csum_bytes(buf, n))), by_definition(buf, n));
    }
    memset(buf, 0, sizeof(buf));
    CHECK_EQ(csum_bytes(buf, sizeof(buf)), 0);
    CHECK_EQ(csum_fold(0).raw, 0xffff);
}

TEST(csum_joins_parts_at_any_offset)
{
    u8 buf[400];

    for (int round = 0; round < 20000; round++) {
        fill_random(buf, sizeof(buf));
        size_t n = test_rand() % sizeof(buf), cut = n ? test_rand() % n : 0, cut2 = cut + (n - cut) / 3;
        u32 sum = csum_bytes(buf, cut);
        sum = csum_add_at(sum, csum_bytes(buf + cut, cut2 - cut), cut);
        sum = csum_add_at(sum, csum_bytes(buf + cut2, n - cut2), cut2);
        CHECK_EQ(be16_get(csum_fold(sum)), by_definition(buf, n));
        /* and takes the last part away again: equal but for the two zeroes of one's complement */
        u16 left = be16_get(csum_fold(csum_sub_at(sum, csum_bytes(buf + cut2, n - cut2), cut2)));
        u16 want = by_definition(buf, cut2);
        CHECK(left == want || (left == 0 && want == 0xffff));
    }
}

TEST(csum_verifies_to_zero)
{
    u8 packet[60];

    for (int round = 0; round < 1000; round++) {
        fill_random(packet, sizeof(packet));
        store_be16(packet + 10, 0);
        *(be16 *)(packet + 10) = csum_fold(csum_bytes(packet, sizeof(packet)));
        CHECK_EQ(csum_fold(csum_bytes(packet, sizeof(packet))).raw, 0);
    }
}

TEST(csum_numbers_as_summands)
{
    u8 pseudo[8] = {0x12, 0x34, 0x56, 0x78, 0, 17, 0, 99};
    u32 sum = csum_add(csum_of_u32(0x12345678), csum_of_u16(17) + csum_of_u16(99));
    CHECK_EQ(be16_get(csum_fold(sum)), by_definition(pseudo, sizeof(pseudo)));
}

/* A header with random fields, a few of them special: every mending must give what summing anew gives. */
TEST(csum_replace_equals_anew)
{
    u8 h[40];
    static const u16 special[] = {0, 0xffff, 1, 0xfffe, 0xff00, 0x00ff};

    for (int round = 0; round < 200000; round++) {
        fill_random(h, sizeof(h));
        if (round & 1) /* mostly zeroes and ones, where +0 and -0 are confused */
            memset(h, round & 2 ? 0 : 0xff, sizeof(h));
        h[0] = 0x45; /* a real header is never all zeroes */
        store_be16(h + 10, 0);
        be16 check = csum_fold(csum_bytes(h, sizeof(h)));
        be16 old16 = *(be16 *)(h + 4), new16 = be16_of(special[test_rand() % 6]);
        *(be16 *)(h + 4) = new16;
        check = csum_replace16(check, old16, new16);
        CHECK_EQ(check.raw, csum_fold(csum_bytes(h, sizeof(h))).raw);
        be32 old32 = *(be32 *)(h + 12), new32 = be32_of((u32)test_rand());
        *(be32 *)(h + 12) = new32;
        check = csum_replace32(check, old32, new32);
        CHECK_EQ(check.raw, csum_fold(csum_bytes(h, sizeof(h))).raw);
        u8 old_address[16];
        memcpy(old_address, h + 16, 16);
        fill_random(h + 16, 16);
        check = csum_replace_bytes(check, old_address, h + 16, 16);
        CHECK_EQ(check.raw, csum_fold(csum_bytes(h, sizeof(h))).raw);
    }
}

/* RFC 1624, section 4: the example that equation 2 gets wrong. */
TEST(csum_rfc1624_example)
{
    CHECK_EQ(be16_get(csum_replace16(be16_of(0xdd2f), be16_of(0x5555), be16_of(0x3285))), 0);
}
