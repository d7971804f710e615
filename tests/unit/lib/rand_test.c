/* lib/rand.c: the block function against the vectors of RFC 8439, and what is promised of the generators. */
#include "lib/byteorder.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/rand.h"
#include "lib/string.h"

static const struct {
    const char *key;
    u32 counter, nonce[3];
    const char *block;
} vectors[] = {
    {/* RFC 8439 A.1 #1 */
     "0000000000000000000000000000000000000000000000000000000000000000",
     0,
     {0},
     "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
     "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"},
    {/* RFC 8439 A.1 #2 */
     "0000000000000000000000000000000000000000000000000000000000000000",
     1,
     {0},
     "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
     "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"},
    {/* RFC 8439 A.1 #3 */
     "0000000000000000000000000000000000000000000000000000000000000001",
     1,
     {0},
     "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
     "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"},
    {/* RFC 8439 A.1 #4 */
     "00ff000000000000000000000000000000000000000000000000000000000000",
     2,
     {0},
     "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
     "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096"},
    {/* RFC 8439 A.1 #5 */
     "0000000000000000000000000000000000000000000000000000000000000000",
     0,
     {0, 0, 0x02000000},
     "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
     "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d"},
    {/* RFC 8439 2.3.2 */
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     1,
     {0x09000000, 0x4a000000, 0},
     "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
     "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"},
};

static void from_hex(const char *s, u8 *out)
{
    for (; *s; s += 2)
        *out++ = (u8)(char_hex(s[0]) << 4 | char_hex(s[1]));
}

TEST(rand_chacha20_vectors)
{
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        struct chacha_key key;
        u8 bytes[32], want[64], got[64];
        from_hex(vectors[i].key, bytes);
        from_hex(vectors[i].block, want);
        for (int w = 0; w < 8; w++)
            key.word[w] = load_le32(bytes + 4 * w);
        chacha20_block(&key, vectors[i].counter, vectors[i].nonce, got);
        CHECK_MEM(got, want, 64);
    }
}

static void seed_with(const char *s)
{
    rand_forget();
    rand_seed(s, strlen(s));
}

TEST(rand_same_seed_same_bytes)
{
    u8 a[1000], b[1000], c[1000];

    seed_with("one");
    rand_bytes(a, sizeof(a));
    seed_with("one");
    rand_bytes(b, sizeof(b));
    CHECK_MEM(a, b, sizeof(a));
    seed_with("two");
    rand_bytes(c, sizeof(c));
    CHECK(memcmp(a, c, sizeof(a)) != 0);
}

TEST(rand_every_bit_of_a_seed_counts)
{
    u8 seed[70] = {0};
    u64 first, v;

    rand_forget();
    rand_seed(seed, sizeof(seed));
    first = rand_u64();
    for (size_t bit = 0; bit < 8 * sizeof(seed); bit++) {
        seed[bit / 8] ^= (u8)(1 << bit % 8);
        rand_forget();
        rand_seed(seed, sizeof(seed));
        v = rand_u64();
        CHECK(v != first);
        seed[bit / 8] ^= (u8)(1 << bit % 8);
    }
    rand_forget();
    rand_seed(seed, sizeof(seed) - 1); /* one zero less */
    v = rand_u64();
    CHECK(v != first);
}

TEST(rand_reseeding_takes_effect_at_once_and_adds)
{
    seed_with("one");
    rand_u64();
    u64 without = rand_u64();
    seed_with("one");
    rand_u64();
    rand_seed("more", 4);
    CHECK(rand_u64() != without);
    /* the later seed is not the only one that counts */
    seed_with("two");
    rand_u64();
    rand_seed("more", 4);
    u64 two = rand_u64();
    seed_with("one");
    rand_u64();
    rand_seed("more", 4);
    CHECK(rand_u64() != two);
}

TEST(rand_ready_after_the_first_seed)
{
    CHECK(rand_ready()); /* the ground is seeded from its first instruction on */
    rand_forget();
    CHECK(!rand_ready());
    rand_seed("", 0);
    CHECK(rand_ready());
}

TEST(smp_rand_cpus_differ)
{
    u64 v[2];

    seed_with("one");
    v[0] = rand_u64();
    host_cpu = 1;
    v[1] = rand_u64();
    host_cpu = 0;
    CHECK(v[0] != v[1]);
}

/* All sizes, across refills and both ways of giving out: no byte outside, and no 8 bytes twice. */
TEST(rand_bytes_of_all_sizes)
{
    static u8 buf[2100];
    static u64 seen[4096];

    memset(seen, 0, sizeof(seen));
    for (size_t n = 0; n <= 2048; n += n < 300 ? 1 : 61) {
        memset(buf, 0, sizeof(buf));
        buf[n] = 0x77;
        rand_bytes(buf, n);
        CHECK_EQ(buf[n], 0x77);
        for (size_t at = 0; at + 8 <= n; at += 8) {
            u64 v = load_le64(buf + at), *slot = &seen[v >> 52];
            CHECK(v != *slot);
            *slot = v;
        }
        if (n >= 16)
            CHECK(!mem_is_zero(buf + n - 16, 16));
    }
}

/* 2^20 bits: each position is one half of the time, within 6 standard deviations. */
TEST(rand_bits_are_even)
{
    u32 ones[64] = {0};

    for (int i = 0; i < 1 << 14; i++) {
        u64 v = rand_u64();
        for (int bit = 0; bit < 64; bit++)
            ones[bit] += v >> bit & 1;
    }
    for (int bit = 0; bit < 64; bit++)
        CHECK(ones[bit] > 8192 - 384 && ones[bit] < 8192 + 384);
}

TEST(rand_below_is_even_and_below)
{
    u32 count[7] = {0};

    for (int i = 0; i < 70000; i++)
        count[rand_below(7)]++;
    for (int i = 0; i < 7; i++)
        CHECK(count[i] > 10000 - 600 && count[i] < 10000 + 600);
    for (int i = 0; i < 1000; i++) {
        CHECK_EQ(rand_below(1), 0);
        u64 n = (1ull << 63) + 1; /* where rejection is the rule */
        CHECK(rand_below(n) < n);
        CHECK(rand_below(~0ull) != ~0ull);
    }
}

extern const char __data_start[], _end[]; /* the linker's: all writable variables of the program */

/* Red zones are looked at, too. */
static __attribute__((no_sanitize("address"))) unsigned count_in_image(u64 inverted)
{
    unsigned found = 0;
    for (uintptr_t at = (uintptr_t)__data_start; at + 8 <= (uintptr_t)_end; at += 4)
        found += ((const volatile be64 *)at)->raw == ~inverted;
    return found;
}

/* What was handed out is gone from the generator. The test's own copy is inverted. */
TEST(rand_forgets_what_it_gave)
{
    static volatile u64 kept;
    u64 inverted = 0;

    for (u32 i = 0; i < 300; i++) {
        inverted = ~rand_u64();
        if (i % 30 == 0)
            CHECK_EQ(count_in_image(inverted), 0);
    }
    kept = ~inverted; /* the search does find what is there */
    CHECK_EQ(count_in_image(inverted), 1);
    CHECK(kept == ~inverted);
    kept = 0;
}
