/* Sets of CPUs: lists and masks. */
#include "lib/check.h"
#include "lib/cpulist.h"
#include "lib/string.h"

TEST(cpulist_reads_lists)
{
    static const struct {
        const char *text;
        int err;
        u64 cpus;
    } cases[] = {
        {"", 0, 0},
        {"\n", 0, 0},
        {"0", 0, 1},
        {"2\n", 0, 4},
        {"0-7", 0, 0xff},
        {"0-3,5", 0, 0x2f},
        {"63", 0, 1ull << 63},
        {"0-63", 0, ~0ull},
        {"5,1,1", 0, 0x22},
        {"64", -ERANGE, 0},
        {"99999999999999999999", -ERANGE, 0},
        {"3-1", -EINVAL, 0},
        {"1,", -EINVAL, 0},
        {",1", -EINVAL, 0},
        {"1-", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"a", -EINVAL, 0},
        {"1 2", -EINVAL, 0},
        {"1\n\n", -EINVAL, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        u64 cpus = 0;
        int err = cpulist_parse(cases[i].text, strlen(cases[i].text), &cpus);
        if (err != cases[i].err || cpus != cases[i].cpus)
            test_failed(__FILE__, __LINE__, "\"%s\": %d, %llx", cases[i].text, err, (unsigned long long)cpus);
    }
}

TEST(cpulist_reads_masks)
{
    static const struct {
        const char *text;
        int err;
        u64 cpus;
    } cases[] = {
        {"1", 0, 1},
        {"ff\n", 0, 0xff},
        {"0xF", 0, 0xf},
        {"00000000,0000000f", 0, 0xf},
        {"1,00000000", 0, 1ull << 32},
        {"ffffffff,ffffffff", 0, ~0ull},
        {"1,00000000,00000000", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"g", -EINVAL, 0},
        {",1", -EINVAL, 0},
        {"1,", -EINVAL, 0},
        {"123456789", -EINVAL, 0},
        {"0x", -EINVAL, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        u64 cpus = 0;
        int err = cpumask_parse(cases[i].text, strlen(cases[i].text), &cpus);
        if (err != cases[i].err || cpus != cases[i].cpus)
            test_failed(__FILE__, __LINE__, "\"%s\": %d, %llx", cases[i].text, err, (unsigned long long)cpus);
    }
}

TEST(cpulist_writes_what_it_reads)
{
    char text[CPULIST_TEXT];
    u64 cpus;

    for (int i = 0; i < 20000; i++) {
        u64 set = test_rand() & test_rand();
        size_t n = cpulist_text(text, sizeof(text), set);
        CHECK_LT(n, sizeof(text));
        CHECK_EQ(cpulist_parse(text, n, &cpus), 0);
        CHECK_EQ(cpus, set);
        n = cpumask_text(text, sizeof(text), set, 64);
        CHECK_EQ(cpumask_parse(text, n, &cpus), 0);
        CHECK_EQ(cpus, set);
    }
    CHECK_EQ(cpulist_text(text, sizeof(text), 0x2f), 5);
    CHECK_STR(text, "0-3,5");
    cpumask_text(text, sizeof(text), 5, 4);
    CHECK_STR(text, "5");
    cpumask_text(text, sizeof(text), 5, 6);
    CHECK_STR(text, "05");
    cpulist_text(text, sizeof(text), 0x5555555555555555);
    CHECK(str_ends(text, ",60,62"));
}
