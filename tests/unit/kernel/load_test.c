/* Load averages against what exp() says. */
#include "kernel/load.h"
#include "lib/check.h"

TEST(load_approaches_as_exp_does)
{
    struct load l = {0};
    char text[16];

    for (int i = 0; i < 12; i++) /* a minute with two tasks: 2 * (1 - 1/e) = 1.264, 2 * (1 - exp(-1/5)) = 0.363 */
        load_step(&l, 2);
    load_text(text, sizeof(text), l.avg[0]);
    CHECK_STR(text, "1.26");
    load_text(text, sizeof(text), l.avg[1]);
    CHECK_STR(text, "0.36");
    load_text(text, sizeof(text), l.avg[2]);
    CHECK_STR(text, "0.13");
}

TEST(load_arrives_and_goes_back_to_nothing)
{
    struct load l = {0};

    for (int i = 0; i < 5000; i++)
        load_step(&l, 3);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(l.avg[i], 3 * 65536);
    for (int i = 0; i < 5000; i++)
        load_step(&l, 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(l.avg[i], 0);
}
