/* lib/bitmap.h against an array of bool. */
#include "lib/bitmap.h"
#include "lib/check.h"
#include "lib/string.h"

#define MOST 200

static unsigned next_of(const bool *model, unsigned size, unsigned from, bool want)
{
    while (from < size && model[from] != want)
        from++;
    return from < size ? from : size;
}

static void check_against(const u64 *map, const bool *model, unsigned size)
{
    unsigned count = 0, seen = 0;

    for (unsigned i = 0; i < size; i++) {
        CHECK_EQ(bitmap_test(map, i), model[i]);
        CHECK_EQ(bitmap_next(map, size, i), next_of(model, size, i, true));
        CHECK_EQ(bitmap_next_zero(map, size, i), next_of(model, size, i, false));
        count += model[i];
    }
    CHECK_EQ(bitmap_count(map, size), count);
    BITMAP_FOREACH(map, size, i) {
        CHECK(model[i]);
        seen++;
    }
    CHECK_EQ(seen, count);
}

static unsigned room_of(const bool *model, unsigned size, unsigned count, unsigned align)
{
    for (unsigned at = 0; at + count <= size; at += align)
        if (next_of(model, at + count, at, true) == at + count)
            return at;
    return size;
}

TEST(bitmap_against_bools)
{
    for (int round = 0; round < 300; round++) {
        u64 map[BITMAP_WORDS(MOST) + 1];
        bool model[MOST] = {false};
        unsigned size = 1 + (unsigned)(test_rand() % MOST);

        memset(map, 0, sizeof(map));
        map[BITMAP_WORDS(size)] = 0x5a5a; /* a word behind, that nothing may touch */
        if (size % 64)
            map[size / 64] = ~0ull << size % 64; /* nor mind the bits behind size */
        for (int step = 0; step < 20; step++) {
            unsigned from = (unsigned)(test_rand() % size), n = (unsigned)(test_rand() % (size - from + 1));
            bool on = test_rand() & 1;
            bitmap_put_range(map, from, n, on);
            for (unsigned i = from; i < from + n; i++)
                model[i] = on;
            bitmap_set(map, from), model[from] = true;
            from = (unsigned)(test_rand() % size);
            bitmap_clear(map, from), model[from] = false;
            from = (unsigned)(test_rand() % size);
            bitmap_put(map, from, on), model[from] = on;
            unsigned room = 1 + (unsigned)(test_rand() % 9), align = 1u << test_rand() % 4;
            CHECK_EQ(bitmap_find_room(map, size, room, align), room_of(model, size, room, align));
        }
        check_against(map, model, size);
        CHECK_EQ(map[BITMAP_WORDS(size)], 0x5a5a);
        if (size % 64)
            CHECK(map[size / 64] >> size % 64 == ~0ull >> size % 64);
    }
}

TEST(bitmap_foreach_may_clear)
{
    u64 map[2] = {0x8000000000000011, 5};
    unsigned n = 0;

    BITMAP_FOREACH(map, 128, i) {
        bitmap_clear(map, i);
        n++;
    }
    CHECK_EQ(n, 5);
    CHECK(map[0] == 0 && map[1] == 0);
}

TEST(bitmap_bits_count)
{
    CHECK_EQ(bits_count(0), 0);
    CHECK_EQ(bits_count(~0ull), 64);
    for (int round = 0; round < 1000; round++) {
        u64 w = test_rand() & test_rand();
        unsigned n = 0;
        for (unsigned i = 0; i < 64; i++)
            n += w >> i & 1;
        CHECK_EQ(bits_count(w), n);
    }
}
