/* Loaders' maps to spans of pages, against maps of real machines and a page-by-page model on random ones. */
#include "kernel/ram_map.h"

#include "lib/check.h"

static unsigned spans_of(const struct ram_range *r, unsigned n, struct ram_span *s)
{
    u64 lost;
    unsigned count = ram_map_spans(r, n, s, 16, &lost);
    CHECK_EQ(lost, 0);
    return count;
}

TEST(ram_map_of_q35)
{
    static const struct ram_range q35[] = {{0, 0x9fc00, true},
                                           {0x9fc00, 0x400, false},
                                           {0xf0000, 0x10000, false},
                                           {0x100000, 0x3edf000, true},
                                           {0x3fdf000, 0x21000, false}};
    struct ram_span s[16];
    CHECK_EQ(spans_of(q35, ARRAY_LEN(q35), s), 2);
    CHECK_EQ(s[0].first, 0);
    CHECK_EQ(s[0].end, 0x9f);
    CHECK_EQ(s[1].first, 0x100);
    CHECK_EQ(s[1].end, 0x3fdf);
}

TEST(ram_map_takes_away_in_any_order)
{
    static const struct ram_range r[] = {
        {0x5800, 0x10, false}, {0x1000, 0x4000, true}, {0x4000, 0x8000, true}, {0x8000, 0x1000, false}};
    struct ram_span s[16];
    CHECK_EQ(spans_of(r, ARRAY_LEN(r), s), 3);
    CHECK_EQ(s[0].first, 1);
    CHECK_EQ(s[0].end, 5);
    CHECK_EQ(s[1].first, 6);
    CHECK_EQ(s[1].end, 8);
    CHECK_EQ(s[2].first, 9);
    CHECK_EQ(s[2].end, 12);
}

TEST(ram_map_joins_halves_of_a_page)
{
    static const struct ram_range r[] = {{0x1000, 0x800, true}, {0x1800, 0x800, true}, {0x3001, 0x1000, true}};
    struct ram_span s[16];
    CHECK_EQ(spans_of(r, ARRAY_LEN(r), s), 1);
    CHECK_EQ(s[0].first, 1);
    CHECK_EQ(s[0].end, 2);
}

TEST(ram_map_survives_nonsense)
{
    static const struct ram_range r[] = {
        {~0ull - 10, 100, true}, {0x1000, ~0ull, true}, {0, 0, false}, {0x2000, 0, true}, {~0ull, ~0ull, false}};
    struct ram_span s[16];
    u64 lost;
    CHECK_EQ(ram_map_spans(r, ARRAY_LEN(r), s, 16, &lost), 1);
    CHECK_EQ(s[0].first, 1);
    CHECK_EQ(ram_map_spans(r, 0, s, 16, &lost), 0);
    CHECK_EQ(ram_map_spans(r, ARRAY_LEN(r), s, 0, &lost), 0);
    CHECK_LT(0, lost);
}

static bool model_usable(const struct ram_range *r, unsigned n, u64 page)
{
    for (u64 b = page << 12; b < (page + 1) << 12; b += 256) {
        bool usable = false;
        for (unsigned i = 0; i < n; i++)
            if (b >= r[i].base && b < r[i].base + r[i].size) {
                if (!r[i].usable)
                    return false;
                usable = true;
            }
        if (!usable)
            return false;
    }
    return true;
}

TEST(ram_map_against_a_model)
{
    for (int round = 0; round < 300; round++) {
        struct ram_range r[12];
        struct ram_span s[16];
        unsigned n = test_rand() % 12, at = 0;
        for (unsigned i = 0; i < n; i++)
            r[i] = (struct ram_range){test_rand() % 512 * 256, test_rand() % 256 * 256, test_rand() % 3 != 0};
        unsigned spans = spans_of(r, n, s);
        for (u64 page = 0; page < 64; page++) {
            while (at < spans && s[at].end <= page)
                at++;
            CHECK_EQ(at < spans && page >= s[at].first, model_usable(r, n, page));
        }
        for (unsigned i = 0; i + 1 < spans; i++)
            CHECK_LE(s[i].end, s[i + 1].first);
    }
}
