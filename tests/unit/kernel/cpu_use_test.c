/* Shares of CPU time, and mpstat's columns. */
#include "kernel/cpu_use.h"
#include "lib/check.h"

TEST(cpu_use_shares)
{
    static const struct {
        u64 before[4], after[4];
        struct cpu_share want;
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 10000}},
        {{5, 5, 5, 5}, {5, 5, 5, 6}, {0, 0, 0, 10000}},
        {{0, 0, 0, 0}, {1, 1, 1, 1}, {2500, 2500, 2500, 2500}},
        {{0, 0, 0, 0}, {1, 0, 0, 2}, {3333, 0, 0, 6667}},
        {{9, 0, 0, 0}, {8, 0, 0, 1}, {0, 0, 0, 10000}}, /* a counter that went back counts as nothing */
        {{0, 0, 0, 0}, {1ull << 62, 0, 0, 1ull << 62}, {5000, 0, 0, 5000}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cpu_share s = cpu_share_of(cases[i].before, cases[i].after);
        CHECK_MEM(&s, &cases[i].want, sizeof(s));
    }
}

TEST(cpu_use_columns)
{
    char text[256];
    struct out_mem m;

    out_mem_init(&m, text, sizeof(text), false);
    cpu_share_row(&m.out, "09:15:01", "all", (struct cpu_share){50, 1234, 0, 8716});
    CHECK_STR(text,
              "09:15:01     all    0.50    0.00    0.00    0.00    0.00   12.34    0.00    0.00    0.00   87.16\n");
    out_mem_init(&m, text, sizeof(text), false);
    cpu_share_head(&m.out, "09:15:01");
    CHECK_STR(text,
              "09:15:01     CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n");
}
