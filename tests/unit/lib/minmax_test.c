/* lib/minmax.h against a scan of all samples. */
#include "lib/check.h"
#include "lib/minmax.h"

#define SAMPLES 2000

static u64 at[SAMPLES], value[SAMPLES];

/* The best of the samples 0..last that are not older than `window`. */
static u64 best_within(int last, u64 window, bool least)
{
    u64 best = value[last];
    for (int i = last; i >= 0 && at[last] - at[i] <= window; i--)
        best = least ? min(best, value[i]) : max(best, value[i]);
    return best;
}

static void check_run(bool least, u64 window, u64 gap)
{
    struct minmax m;
    u64 now = 1000;

    for (int i = 0; i < SAMPLES; i++) {
        now += test_rand() % (gap + 1);
        at[i] = now;
        value[i] = 1000 + test_rand() % 1000;
        if (i == 0)
            minmax_reset(&m, now, value[0]);
        else if (least)
            minmax_least(&m, window, now, value[i]);
        else
            minmax_greatest(&m, window, now, value[i]);
        /* It is the best since it was measured, and not older than the window. */
        u64 age = now - m.s[0].at;
        CHECK_LE(age, window);
        CHECK_EQ(minmax_get(&m), best_within(i, age, least));
        if (least)
            CHECK_LE(best_within(i, window, least), minmax_get(&m));
        else
            CHECK_LE(minmax_get(&m), best_within(i, window, least));
    }
}

TEST(minmax_bounded_by_the_window)
{
    for (int round = 0; round < 20; round++) {
        check_run(true, 1000, 20);
        check_run(false, 1000, 20);
        check_run(true, 100, 400);
        check_run(false, 100, 400);
    }
}

TEST(minmax_exact_while_the_best_is_young)
{
    struct minmax m;

    minmax_reset(&m, 0, 50);
    for (u64 t = 1; t <= 100; t++)
        CHECK_EQ(minmax_least(&m, 100, t, 100 + t), 50);
    CHECK_NE(minmax_least(&m, 100, 101, 300), 50); /* it left */
    CHECK_EQ(minmax_least(&m, 100, 102, 7), 7);    /* a better one counts at once */
    CHECK_EQ(minmax_least(&m, 100, 500, 90), 90);  /* after a long silence only the new one counts */
}

TEST(minmax_greatest_steps_down)
{
    struct minmax m;
    u64 got = 0;

    minmax_reset(&m, 0, 1000);
    for (u64 t = 1; t <= 300; t++)
        got = minmax_greatest(&m, 100, t, 400);
    CHECK_EQ(got, 400);
    CHECK_EQ(minmax_greatest(&m, 100, 301, 401), 401);
}
